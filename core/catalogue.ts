/**
 * Every error code of Denizen in one table. `docs/errors.md` is generated from it, and a test
 * holds it against the source: no code without an entry, no entry without a code.
 *
 * @module
 */

/**
 * What the reader should do next, as in `core/errors.ts`; `attempt` codes are what came of an
 * attempt of a task, and what `retry.on` may name.
 */
export type ErrorCategory =
  | "invalid_input"
  | "conflict"
  | "unavailable"
  | "terminal"
  | "invariant"
  | "attempt";

/** One row of the catalogue. */
export interface CatalogueEntry {
  category: ErrorCategory;
  /** `fatal`: the process ends; `error`: the request, task or run fails; `warning`: it goes on. */
  severity: "fatal" | "error" | "warning";
  /** Whether another try may succeed with nothing changed. */
  isTransient: boolean;
  /** What it means, one sentence. */
  summary: string;
  /** What to do about it, one or two sentences. */
  hint: string;
}

function entry(
  category: ErrorCategory,
  summary: string,
  hint: string,
  options: { severity?: CatalogueEntry["severity"]; isTransient?: boolean } = {},
): CatalogueEntry {
  return {
    category,
    severity: options.severity ?? "error",
    isTransient: options.isTransient ?? false,
    summary,
    hint,
  };
}

const TRANSIENT = { isTransient: true };

/** What an attempt of a task may end with. */
const ATTEMPT_ERRORS = {
  TIMEOUT: entry(
    "attempt",
    "An attempt, a task or a run took longer than its limit.",
    "Raise `timeout`, give the task less work (smaller `forEach` items), or look with `runs show` where the time went.",
    TRANSIENT,
  ),
  UNAVAILABLE: entry(
    "attempt",
    "Something that the agent needs does not answer now.",
    "Wait and retry. When it stays so, check that the service is up and reachable.",
    TRANSIENT,
  ),
  RATE_LIMITED: entry(
    "attempt",
    "A service refused because too many requests were made.",
    "Lower `concurrency` or `maxParallel`, or raise `retry.backoff`.",
    TRANSIENT,
  ),
  CRASHED: entry(
    "attempt",
    "The worker ended before it answered: an unhandled error, `Deno.exit`, or it was killed.",
    "Read the agent's log lines of the attempt with `runs show`, and handle the error in the agent.",
    TRANSIENT,
  ),
  OUT_OF_MEMORY: entry(
    "attempt",
    "The worker used more memory than its `memoryMb`.",
    "Raise `memoryMb` of the agent, or give each attempt less work.",
    TRANSIENT,
  ),
  UNRESPONSIVE: entry(
    "attempt",
    "The worker's event loop was silent for longer than `timeout.heartbeat`: a busy or endless loop.",
    "Break long computations with `await`, or raise `timeout.heartbeat`.",
    TRANSIENT,
  ),
  PERMISSION_DENIED: entry(
    "attempt",
    "The agent asked for something that its `permissions` do not grant.",
    "Add the path, host or name to the agent's `permissions` if it may have it; otherwise mend the agent.",
  ),
  INVALID_INPUT: entry(
    "attempt",
    "The input does not fit the schema of the agent's capability.",
    "Compare `with:` with the agent's input schema. The error's details name the field.",
  ),
  INVALID_OUTPUT: entry(
    "attempt",
    "The agent answered with something that its schema does not allow, that is no JSON, or that is too large.",
    "Mend the agent's answer or its output schema. Large results belong in files, with their paths as output.",
  ),
  BUDGET_EXCEEDED: entry(
    "attempt",
    "The run spent all of its `budget`.",
    "Raise the budget, or use a cheaper model or fewer calls.",
  ),
  CANCELLED: entry(
    "attempt",
    "The run was cancelled while this was running.",
    "`runs retry ID` starts the cancelled tasks again.",
  ),
  MESSAGE_FLOOD: entry(
    "attempt",
    "The worker sent far more messages or output than any agent needs, and was ended.",
    "Send progress and log lines through `ctx`, which keeps them within limits.",
  ),
  NOT_SUPPORTED: entry(
    "attempt",
    "The agent used a part of `ctx` that this version does not have.",
    "The message says what to use instead.",
  ),
  AGENT_INVALID: entry(
    "attempt",
    "The agent's module could not be loaded, or its default export is no agent.",
    "Write `export default defineAgent({ name, run(input, ctx) { … } })`, and check what runs when the module is loaded.",
  ),
  FAILED: entry(
    "attempt",
    "The agent threw an error without a code of its own.",
    "Read the message. Throw `AgentError` with a code in the agent to make it precise.",
  ),
} satisfies Record<string, CatalogueEntry>;

/** What a request, a command or a part of the system may answer. */
const SYSTEM_ERRORS = {
  INVALID_WORKFLOW: entry(
    "invalid_input",
    "The workflow file has errors.",
    "`validate FILE` shows each with its place and what to write instead.",
  ),
  AGENT_MODULE_NOT_FOUND: entry(
    "invalid_input",
    "A module of an agent, or a file that it imports, does not exist.",
    "Check the path. `module:` is relative to the workflow file; imports need their extension.",
  ),
  AGENT_SYNTAX: entry(
    "invalid_input",
    "A module of an agent cannot be parsed.",
    "Mend the syntax at the place named.",
  ),
  AGENT_IMPORT_REFUSED: entry(
    "invalid_input",
    "An agent imports something from the network, or a package without an exact version.",
    "Pin packages (`npm:name@1.2.3`); copy other code into the agent's folder.",
  ),
  NPM_PACKAGE_UNAVAILABLE: entry(
    "unavailable",
    "A package that an agent imports is not in the cache and could not be fetched.",
    "Check its name and version, and that the npm registry is reachable.",
    TRANSIENT,
  ),
  INTERNAL: entry(
    "invariant",
    "Denizen itself broke a promise: a bug.",
    "Please report it with the command and the message. `runs resume` continues what was running.",
    { severity: "fatal" },
  ),
} satisfies Record<string, CatalogueEntry>;

/** Every code, in the order of `docs/errors.md`. */
export const ERRORS: Readonly<Record<string, CatalogueEntry>> = {
  ...ATTEMPT_ERRORS,
  ...SYSTEM_ERRORS,
};
