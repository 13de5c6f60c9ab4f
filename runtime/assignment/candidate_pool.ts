/**
 * The agents that may do a task, with everything about them that does not change from one task to
 * the next.
 *
 * @module
 */
import { resolve } from "node:path";
import semver from "semver";
import type { Permissions } from "../../actors/manifest.ts";
import { isWithin, noPermissions, PATH_PERMISSIONS } from "../../actors/permissions.ts";
import { agentIdOf, type ExclusionCode } from "../../core/assignment.ts";
import type { AgentSpec, AssignSpec, PermissionsSpec } from "../../workflows/mod.ts";
import type { InputCheck, Offer } from "../agents/mod.ts";

/** An agent that offers what a task asks for. */
export interface PoolAgent {
  /** Name in the file, or `name@version`. */
  agent: string;
  /** What is learnt of it stands under this name. */
  id: string;
  codeHash: string;
  /** What it offers, where that is narrower than what is asked for. */
  as: string | null;
  costUsd: number;
  /** Attempts at once, over all its workers. */
  places: number;
  /** Whether it answers when it is asked for a bid. */
  bids: boolean;
  /** Why it cannot be chosen, whatever the task's input. */
  excluded: ExclusionCode | null;
  /** Whether its code cannot be brought to this node. */
  isLost(): boolean;
  /** Whether it takes an input; agents of one schema have the same check. */
  check(): InputCheck;
}

/** What is known of an agent of a workflow file beside its specification. */
export interface OwnAgent {
  codeHash: string;
  /** What it offers, where that is narrower than what is asked for. */
  as: string | null;
  costUsd: number;
  bids: boolean;
  accepts: InputCheck;
}

/** The run that agents are found for, and what its task says of them. */
export interface PoolPlace {
  tenant: string | null;
  workflow: string;
  limits: Limits;
}

const CODE_HASH_CHARS = 16;

/** An agent of the workflow file. */
export function ownCandidate(
  spec: AgentSpec,
  own: OwnAgent,
  { tenant, workflow, limits }: PoolPlace,
): PoolAgent {
  const { name, concurrency, replicas } = spec;
  const { codeHash, as, costUsd, bids, accepts } = own;
  const permissions = absolute(spec.permissions, limits.workDir);
  return {
    agent: name,
    id: agentIdOf(tenant, workflow, name),
    codeHash: codeHash.slice(0, CODE_HASH_CHARS),
    as,
    costUsd,
    places: concurrency * replicas.max,
    bids,
    excluded: limits.exclude({ names: [name], costUsd, permissions }),
    isLost: () => false,
    check: () => accepts,
  };
}

/** An agent that is registered with the nodes. While its code is on its way it has no place. */
export function registeredCandidate(
  { agent: one, capability, distance }: Offer,
  { tenant, workflow, limits, isLost }: PoolPlace & { isLost: () => boolean },
): PoolAgent {
  const { ref, codeHash, costUsd, concurrency, replicas, permissions, name, version } = one;
  const limit = limits.exclude({ names: [ref, name], version, costUsd, permissions });
  // Who is not meant need not pass its check.
  const isMeant = limit !== "DENIED" && limit !== "NOT_PINNED";
  return {
    agent: ref,
    id: agentIdOf(tenant, workflow, ref),
    codeHash: codeHash.slice(0, CODE_HASH_CHARS),
    as: distance === 0 ? null : capability,
    costUsd,
    places: concurrency * replicas.max,
    bids: one.bids,
    excluded: isMeant && one.status !== "ready" ? "NOT_CHECKED" : limit,
    isLost,
    check: () => one.checkOf(capability),
  };
}

/** What a task's `assign` says of agents, whatever the task's input. */
export class Limits {
  readonly workDir: string;
  readonly #spec: AssignSpec;
  readonly #permissions: Permissions | null;

  constructor(spec: AssignSpec, workDir: string) {
    this.workDir = workDir;
    this.#spec = spec;
    this.#permissions = spec.permissions === undefined ? null : absolute(spec.permissions, workDir);
  }

  exclude(agent: {
    names: readonly string[];
    version?: string;
    costUsd: number;
    permissions: Permissions;
  }): ExclusionCode | null {
    const { pin, deny, maxCostUsd } = this.#spec;
    const isMeant = (reference: string) => refersTo(reference, agent.names, agent.version);
    if (deny?.some(isMeant)) return "DENIED";
    if (pin !== undefined && !pin.some(isMeant)) return "NOT_PINNED";
    if (maxCostUsd !== undefined && agent.costUsd > maxCostUsd) return "COST_TOO_HIGH";
    if (this.#permissions !== null && !isWithin(agent.permissions, this.#permissions)) {
      return "PERMISSIONS_TOO_WIDE";
    }
    return null;
  }
}

/** `name`, or `name@range` of a registered agent. */
function refersTo(reference: string, names: readonly string[], version?: string): boolean {
  if (names.includes(reference)) return true;
  const at = reference.indexOf("@");
  if (at < 0 || version === undefined || !names.includes(reference.slice(0, at))) return false;
  return semver.satisfies(version, reference.slice(at + 1), { includePrerelease: true });
}

/** Every kind named, paths from the working directory on; expressions stay as they are written. */
function absolute(permissions: PermissionsSpec, workDir: string): Permissions {
  const all = { ...noPermissions(), ...permissions };
  for (const kind of PATH_PERMISSIONS as ("read" | "write" | "ffi")[]) {
    all[kind] = all[kind].map((path) => path.includes("${{") ? path : resolve(workDir, path));
  }
  return all;
}
