/**
 * The agents: those of registered workflows and of recent runs, and those registered by themselves.
 *
 * @module
 */
import type { AgentSource, RegisterAgentOptions } from "../agents/mod.ts";
import type { AgentDetail, AgentEntry } from "./agent_documents.ts";
import type { Caller, Sees } from "./caller.ts";

/** What a list of agents is narrowed to. */
export interface AgentFilters {
  kind?: AgentEntry["kind"];
  /** Those that offer it. */
  capability?: string;
  sees?: Sees;
}

/** Reads agents and changes them. A tenant sees its own and shared ones; others are not there. */
export interface AgentDesk {
  /** Registered ones by name, the highest version first; then by workflow and name. */
  list(tenant: string | null, filters?: AgentFilters): Promise<AgentEntry[]>;

  /**
   * One agent: with `workflow` that of its file. Otherwise the registered one, or the only workflow
   * agent of the name.
   *
   * @param options `version`: `1.2.0`, or a range such as `^1`, of a registered agent
   * @throws {InvalidInputError} `AGENT_UNKNOWN`, `AGENT_AMBIGUOUS`
   */
  show(
    name: string,
    tenant: string | null,
    options?: { version?: string; workflow?: string; sees?: Sees },
  ): Promise<AgentDetail>;

  /**
   * Keeps an agent and asks it its own examples. One that does not keep what it claims is there
   * with its findings, and gets no tasks.
   *
   * @throws as `AgentRegistry.register()` does
   */
  register(
    source: AgentSource,
    caller: Caller,
    options?: RegisterAgentOptions,
  ): Promise<{ agent: AgentDetail; isNew: boolean }>;

  /** Asks it its examples again. @throws {InvalidInputError} `AGENT_UNKNOWN` */
  check(reference: string, caller: Caller): Promise<AgentDetail>;

  /**
   * Forgets a version, or with a name alone all of them. Attempts in flight go on.
   *
   * @returns what was removed, as `name@version`
   * @throws {InvalidInputError} `AGENT_UNKNOWN`, `AGENT_AMBIGUOUS`
   */
  remove(reference: string, caller: Caller): Promise<string[]>;
}
