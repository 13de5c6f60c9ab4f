import { type AttemptStarted, hasReadyWork, type RunEvent } from "../../workflows/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type ActiveRun, type AgentMarket, keyOfAgent } from "./active_run.ts";

const PRIORITIES = 10;

/** Free places by agent. */
export interface Capacity {
  get(agent: string): number | undefined;
}

/** Who has no place left, as long as nothing but starts happens. */
interface Full {
  /** By key. */
  agents: Set<string>;
  markets: Set<AgentMarket>;
}

/**
 * Runs with work that could start, and the room there is for it: higher priority first, and among
 * equals in turn.
 */
export class ReadyRuns {
  readonly #cells: Pick<Cells, "capacity">;
  /** By priority. A set keeps the order in which runs came, so the front is served first. */
  readonly #queues = Array.from({ length: PRIORITIES }, () => new Set<ActiveRun>());
  readonly #reserved: Map<string, number>;
  /** What this partition has reserved of it. */
  readonly #own = new Map<string, number>();
  /** Of the agents of those attempts. */
  readonly #keys = new Map<AttemptStarted, string>();

  /** @param reserved attempts that are decided but whose frames have not left, by agent key */
  constructor(cells: Pick<Cells, "capacity">, reserved: Map<string, number>) {
    this.#cells = cells;
    this.#reserved = reserved;
  }

  add(run: ActiveRun): void {
    this.#queueOf(run).add(run);
  }

  delete(run: ActiveRun): void {
    this.#queueOf(run).delete(run);
  }

  /** Runs to try, each with the free places of its agents; none once every place is taken. */
  *offers(): Iterable<{ run: ActiveRun; capacity: Capacity }> {
    const full: Full = { agents: new Set(), markets: new Set() };
    for (let priority = PRIORITIES - 1; priority >= 0; priority--) {
      const queue = this.#queues[priority]!;
      for (const run of [...queue]) {
        const capacity = this.#capacityFor(run, full);
        if (capacity !== null) yield { run, capacity };
        if (!hasReadyWork(run.state)) {
          queue.delete(run);
        } else if (capacity !== null) {
          queue.delete(run);
          queue.add(run);
        }
      }
    }
  }

  /** Takes a place for each attempt just decided; {@linkcode release} gives it back. */
  reserve(run: ActiveRun, events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type !== "AttemptStarted") continue;
      const agentKey = keyOfAgent(run, event.agent)!;
      this.#keys.set(event, agentKey);
      this.#count(agentKey, 1);
    }
  }

  /** @returns the agent's key in the cells, also when the agent was removed since it was chosen */
  release(event: AttemptStarted): string {
    const agentKey = this.#keys.get(event)!;
    this.#keys.delete(event);
    this.#count(agentKey, -1);
    return agentKey;
  }

  /** Gives every place back: frames that have not left will not. */
  releaseAll(): void {
    this.#keys.clear();
    for (const [agentKey, count] of this.#own) this.#count(agentKey, -count);
  }

  #count(agentKey: string, by: number): void {
    for (const counts of [this.#reserved, this.#own]) {
      const count = (counts.get(agentKey) ?? 0) + by;
      if (count === 0) counts.delete(agentKey);
      else counts.set(agentKey, count);
    }
  }

  /** Of the file's agents at once; of registered ones, of which there may be many, when asked. */
  #capacityFor(run: ActiveRun, full: Full): Capacity | null {
    const own = new Map<string, number>();
    for (const [agent, agentKey] of run.agentKeys) {
      if (full.agents.has(agentKey)) continue;
      const free = this.#free(agentKey);
      if (free > 0) own.set(agent, free);
      else full.agents.add(agentKey);
    }
    const { market } = run;
    if (market === null) return own.size > 0 ? own : null;
    const free = (agentKey: string) => this.#free(agentKey);
    if (own.size === 0) {
      // Runs of one package share theirs: a thousand agents are looked at once for all of them.
      if (full.markets.has(market)) return null;
      if (!market.hasRegisteredRoom(free)) {
        full.markets.add(market);
        return null;
      }
    }
    return {
      get: (agent) => {
        if (run.agentKeys.has(agent)) return own.get(agent);
        const agentKey = market.keyOf(agent);
        return agentKey === undefined ? undefined : this.#free(agentKey);
      },
    };
  }

  #free(agentKey: string): number {
    return this.#cells.capacity(agentKey) - (this.#reserved.get(agentKey) ?? 0);
  }

  #queueOf(run: ActiveRun): Set<ActiveRun> {
    return this.#queues[run.state.plan.definition.priority]!;
  }
}
