import type { TracedRun } from "../../actors/attempt.ts";
import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent, RunState, RunView } from "../../workflows/mod.ts";
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

/** A run that a partition works on. */
export interface ActiveRun {
  state: RunState;
  entry: RunEntry;
  /** Key of each agent in the cells, by name. */
  agentKeys: ReadonlyMap<string, string>;
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
): ActiveRun {
  const closed = Promise.withResolvers<void>();
  // Whoever waits hears of a failure; where nobody waits it must not end the process.
  closed.promise.catch(() => {});
  return {
    state,
    entry,
    agentKeys,
    inFlight: new Map(),
    wakeAt: Infinity,
    closed,
    traced: null,
    isTakenOn: state.eventCount > 0,
    isListedAtOnce: false,
  };
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
