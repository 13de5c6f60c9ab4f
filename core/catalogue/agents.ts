import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What the registry of agents and an auction may answer. */
export const AGENT_ERRORS = {
  AGENT_MANIFEST_INVALID: entry(
    "invalid_input",
    "What the agent's module says of itself is wrong, or more than a manifest may hold.",
    "The message names the place. See `docs/agents.md` for the keys of a manifest and their bounds.",
  ),
  AGENT_FILES_WRONG: entry(
    "invalid_input",
    "The files of an agent are too many, too large, or have paths that leave their folder.",
    "Name each by its path relative to the module, such as `words/count.ts`.",
  ),
  AGENT_PERMISSIONS_UNGRANTED: entry(
    "invalid_input",
    "The agent asks for access that nobody granted.",
    "Grant what the message lists with `--grant read=PATH`, or all of it with `--yes`.",
  ),
  AGENT_UNKNOWN: entry(
    "invalid_input",
    "No registered agent has that name, or none of its versions fits.",
    "`agents list` shows those that there are.",
  ),
  AGENT_LIMIT: entry(
    "invalid_input",
    "There are as many registered agents, or capabilities of theirs, as there may be.",
    "Remove versions that nobody uses any more with `agents remove NAME@VERSION`.",
  ),
  AGENT_VERSION_EXISTS: entry(
    "conflict",
    "The version of the agent is registered already, with other content.",
    "Raise `version` in the module: what a version means does not change.",
  ),
  AGENT_CHANGED: entry(
    "conflict",
    "Somebody else changed the registered agent meanwhile.",
    "Look at it again, then decide.",
    TRANSIENT,
  ),
  OUTPUT_DIFFERS: entry(
    "attempt",
    "At the handshake the agent answered one of its own examples with something else.",
    "Mend the agent, or the `output` of the example, and register it again.",
    { severity: "warning" },
  ),
  BID_INVALID: entry(
    "attempt",
    "What the agent's `bid` returned is no bid, or it threw.",
    "Return `null` or `{ costUsd, success, latencyMs }`: finite numbers of 0 or more, `success` up to 1.",
    { severity: "warning" },
  ),
  BID_TIMEOUT: entry(
    "attempt",
    "The agent did not bid in time, or no worker of it came up.",
    "Make `bid` quick, or raise `bidTimeout` of the auction.",
    { severity: "warning" },
  ),
  MANIFEST_CHANGED: entry(
    "attempt",
    "The agent's module says something else of itself than when it was checked.",
    "Write a manifest that depends on nothing: no time, no randomness, no files. Then run `agents check`.",
  ),
} satisfies Record<string, CatalogueEntry>;
