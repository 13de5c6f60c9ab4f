import type { TracedRun } from "../../actors/attempt.ts";
import type { RunEntry } from "../../core/ports.ts";
import type { Assigner, RunEvent, RunState, RunView } from "../../workflows/mod.ts";
import { viewRun } from "../../workflows/mod.ts";

/** Something that a run told the world; events only once they are durable. */
export type RunNews =
  | { type: "event"; runId: string; event: RunEvent }
  | {
    type: "progress";
    runId: string;
    task: string;
    /** Item of a `forEach`; absent for a plain task. */
    index?: number;
    fraction: number | null;
    message: string;
  }
  | {
    type: "log";
    runId: string;
    task: string;
    /** Item of a `forEach`; absent for a plain task. */
    index?: number;
    level: "debug" | "info" | "warn" | "error";
    message: string;
    fields?: Record<string, unknown>;
  };

/** Finds agents for the tasks of a run that name a capability, or a registered agent. */
export interface AgentMarket extends Assigner {
  /** Key in the cells of a registered agent, `name@version`; `undefined` while it is not at hand. */
  keyOf(agent: string): string | undefined;
  /** What an agent offers to a task that asks for the capability; `null` when it does not. */
  offerOf(
    agent: string,
    capability: string,
  ): { capability: string; costUsd: number; bids: boolean } | null;
  /**
   * Whether any registered agent that the run may ask for could have a place. Also true when nobody
   * offers what it asks for, so that it is asked and told so.
   */
  hasRegisteredRoom(free: (agentKey: string) => number): boolean;
}

/** A run that a partition works on. */
export interface ActiveRun {
  state: RunState;
  entry: RunEntry;
  /** Key of each agent of its file in the cells, by name. */
  agentKeys: ReadonlyMap<string, string>;
  /** `null` where its tasks name agents of its file alone. */
  market: AgentMarket | null;
  /** Attempts whose frames have left, as `task#index`, with the attempt's number. */
  inFlight: Map<string, number>;
  /** Instant of the timer that is set for the run, or `Infinity`. */
  wakeAt: number;
  /** Settled when the run has closed durably; the state says how. */
  closed: PromiseWithResolvers<void>;
  /** What traces say of it; made with its first attempt. */
  traced: TracedRun | null;
  /** Whether it was folded from a journal. */
  readonly isTakenOn: boolean;
  /** Somebody may ask for the run by name in the next moment: its line is written as it opens. */
  isListedAtOnce: boolean;
}

/** A run with nothing in flight. */
export function createActiveRun(
  state: RunState,
  entry: RunEntry,
  agentKeys: ReadonlyMap<string, string>,
  market: AgentMarket | null = null,
): ActiveRun {
  const closed = Promise.withResolvers<void>();
  // Whoever waits hears of a failure; where nobody waits it must not end the process.
  closed.promise.catch(() => {});
  return {
    state,
    entry,
    agentKeys,
    market,
    inFlight: new Map(),
    wakeAt: Infinity,
    closed,
    traced: null,
    isTakenOn: state.eventCount > 0,
    isListedAtOnce: false,
  };
}

/** Key in the cells of any agent that a run may be assigned. */
export function keyOfAgent(run: ActiveRun, agent: string): string | undefined {
  return run.agentKeys.get(agent) ?? run.market?.keyOf(agent);
}

/** The run as its trace names it: one object for all its attempts. */
export function traceOf(run: ActiveRun): TracedRun {
  const { entry: { workflow, version, submittedAt }, state: { origin }, isTakenOn } = run;
  const { traceparent } = origin;
  return run.traced ??= { workflow, version, submittedAt, traceparent, isTakenOn };
}

/** The run as its readers see it now. */
export function viewActiveRun(run: ActiveRun, options?: { items: boolean }): RunView {
  return viewRun(run.state, options);
}
