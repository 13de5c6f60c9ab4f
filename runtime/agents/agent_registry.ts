/**
 * The registry of agents that belong to no workflow file.
 *
 * @module
 */
import type { Permissions } from "../../actors/manifest.ts";
import type { AgentRoster } from "./agent_roster.ts";
import type { AgentDetail, RegisteredAgent } from "./registered_agent.ts";

/** Where a module comes from. */
export type AgentSource =
  /** A path on this machine. */
  | { module: string }
  /** Text of the module, and of what it imports, by path relative to it. */
  | { source: string; files?: Record<string, string> };

/** Who asks. */
export interface Registrant {
  /** As the audit log names them. */
  by: string;
  /** Whose agents they work with; `null`: the shared ones, and they see all. */
  tenant: string | null;
}

/** How an agent is to be kept. */
export interface RegisterAgentOptions {
  /** What it may reach; relative paths begin at the folder of the node's process. */
  grants?: Partial<Permissions>;
  /** Grants whatever the module asks for. */
  grantsAll?: boolean;
  /** Workers on each node. Default 0 to 2. */
  replicas?: { min: number; max: number };
  /** Default 256. */
  memoryMb?: number;
  /** Default: what the module says, else 1. */
  concurrency?: number;
}

/** One page of agents. */
export interface AgentPage {
  items: RegisteredAgent[];
  /** Give it to the next call; `null`: this is the last page. */
  nextCursor: string | null;
}

/** Keeps agents, and holds them to what they claim. */
export interface AgentRegistry {
  /**
   * Bundles and loads the module, keeps it, and runs its examples. That claims are not kept is no
   * error: the agent comes back as `refused`, with findings.
   *
   * @throws {InvalidInputError} `AGENT_MODULE_NOT_FOUND`, `AGENT_IMPORT_REFUSED`, `AGENT_SYNTAX`,
   *   `AGENT_INVALID`, `AGENT_MANIFEST_INVALID`, `AGENT_FILES_WRONG`, `AGENT_PERMISSIONS_UNGRANTED`,
   *   `CAPABILITY_LOOP`, `AGENT_LIMIT`
   * @throws {ConflictError} `AGENT_VERSION_EXISTS`
   */
  register(
    source: AgentSource,
    caller: Registrant,
    options?: RegisterAgentOptions,
  ): Promise<{ agent: RegisteredAgent; isNew: boolean }>;
  /** Runs the handshake again. @throws {InvalidInputError} `AGENT_UNKNOWN` */
  check(reference: string, caller: Registrant): Promise<RegisteredAgent>;
  /** By name, then by version from the newest. */
  list(
    tenant: string | null,
    options?: { limit?: number; cursor?: string; capability?: string; q?: string },
  ): Promise<AgentPage>;
  /**
   * @param reference `name`: the newest version; `name@range`: the newest that the range takes
   * @throws {InvalidInputError} `AGENT_UNKNOWN`
   */
  show(reference: string, tenant: string | null): Promise<AgentDetail>;
  /**
   * Attempts in flight go on. `name` alone removes every version.
   *
   * @returns what was removed, as `name@version`
   * @throws {InvalidInputError} `AGENT_UNKNOWN`, `AGENT_AMBIGUOUS`
   */
  remove(reference: string, caller: Registrant): Promise<string[]>;
  readonly roster: AgentRoster;
  /** Ends what it does by itself. Cells and stores stay open. */
  close(): Promise<void>;
}
