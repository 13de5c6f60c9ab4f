/**
 * How a registered agent is named: `name`, `name@1.2.0`, `name@^1`.
 *
 * @module
 */
// @ts-types="@types/semver"
import semver from "semver";
import { isAgentName } from "../../actors/read_declaration.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";

const RANGE_CHARS_MAX = 256;

/** A version, by what it is found. */
export interface Named {
  name: string;
  version: string;
  tenant: string | null;
}

/** Name and range that a reference names; `null` when it can name no agent. */
export function parseAgentReference(
  reference: string,
): { name: string; range: string | null } | null {
  const at = reference.indexOf("@");
  const name = at < 0 ? reference : reference.slice(0, at);
  const range = at < 0 ? null : reference.slice(at + 1);
  if (!isAgentName(name)) return null;
  if (range === null) return { name, range };
  return range.length > RANGE_CHARS_MAX || semver.validRange(range) === null
    ? null
    : { name, range };
}

/** By name, then from the newest version on, then by tenant. */
export function compareAgents(a: Named, b: Named): number {
  return compareText(a.name, b.name) || semver.rcompare(a.version, b.version) ||
    compareText(a.tenant ?? "", b.tenant ?? "");
}

/**
 * The newest that the range takes. Releases come before all that is not one yet.
 *
 * @param agents of one name
 * @param range `null`: any
 */
export function chooseAgent<Agent extends Named>(
  agents: readonly Agent[],
  range: string | null,
): Agent | null {
  const exact = agents.find(({ version }) => version === range);
  if (exact !== undefined) return exact;
  const fitting = agents.filter(({ version }) => semver.satisfies(version, range ?? "*"))
    .sort(compareAgents);
  if (fitting.length > 0) return fitting[0]!;
  return range === null ? [...agents].sort(compareAgents)[0] ?? null : null;
}

/** What to throw for a reference that no agent fits. */
export function agentUnknown(reference: string): InvalidInputError {
  return new InvalidInputError("AGENT_UNKNOWN", {
    message: `Found no registered agent "${reference.slice(0, 128)}"`,
    hint: "List the registered ones with `agents list`, or register it first",
    details: { agent: reference.slice(0, 128) },
  });
}

/** What to throw where it is not said whose agent is meant. */
export function agentAmbiguous(
  reference: string,
  tenants: readonly (string | null)[],
): InvalidInputError {
  const agent = reference.slice(0, 128);
  return new InvalidInputError("AGENT_AMBIGUOUS", {
    message: `Cannot tell which agent "${agent}" is meant: ${tenants.length} tenants have one`,
    hint: "Say whose: --tenant NAME on the command line, `?tenant=NAME` over HTTP",
    details: { agent, tenants: tenants.slice(0, 20) },
  });
}

/** What to throw where somebody else wrote again and again. */
export function agentChanged(ref: string): ConflictError {
  return new ConflictError("AGENT_CHANGED", {
    message: `Agent "${ref}" was changed by somebody else meanwhile`,
    hint: "Look at it again, then decide",
    details: { agent: ref },
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
