import assert from "node:assert/strict";
import type { JournalRecord } from "../../../core/ports.ts";
import {
  createRunState,
  evolve,
  hasEnded,
  type RunEvent,
  type RunState,
  taskOf,
  wantedAttempts,
} from "../../../workflows/mod.ts";
import { RunCheckers } from "../run/run_checkers.ts";
import { type AttemptKey, attemptKey, placeKey } from "./attempt_key.ts";
import { planOf } from "./sim_workflows.ts";

/** A run as its journal says, and as the plain fold of all its events has it. */
export interface JournalledRun {
  state: RunState;
  eventCount: number;
  checkers: RunCheckers;
  partition: number;
  /** Instant of the youngest event. */
  lastAt: number;
  signals: Set<string>;
}

/** What the checker asks of the truth about nodes. */
export interface NodeTruth {
  /**
   * Whether the node lives, was never out of touch since it began the attempt, and still does it or
   * has its answer.
   */
  hasSafely(node: string, attempt: AttemptKey): boolean;
}

/**
 * Of the journal: the events of a run go on where they ended, whoever leads; an attempt is answered
 * at most once, and by itself; what a living node does is not given up; acknowledged steps are
 * recorded before their attempt ends. `RunCheckers` holds the promises within a run.
 */
export class JournalChecker {
  readonly runs = new Map<string, JournalledRun>();
  readonly #nodes: NodeTruth;
  /** Steps that agents were told are safe, by attempt. */
  readonly #acknowledged = new Map<string, Set<string>>();
  readonly #count: (what: string) => void;

  constructor(nodes: NodeTruth, count: (what: string) => void) {
    this.#nodes = nodes;
    this.#count = count;
  }

  appended(
    partition: number,
    records: readonly JournalRecord<RunEvent>[],
    bases: readonly number[],
  ): void {
    for (const [place, { runId, events }] of records.entries()) {
      const run = this.runs.get(runId) ?? this.#open(partition, runId, events[0]!);
      assert.equal(bases[place], run.eventCount, `events of ${runId} are missing or doubled`);
      assert.equal(run.partition, partition, `${runId} is in two partitions`);
      for (const event of events) this.#see(run, event);
    }
  }

  #open(partition: number, runId: string, first: RunEvent): JournalledRun {
    assert.equal(first.type, "RunSubmitted", `${runId} does not begin with its submission`);
    const plan = planOf((first as Extract<RunEvent, { type: "RunSubmitted" }>).packageHash);
    const run: JournalledRun = {
      state: createRunState(runId, plan),
      eventCount: 0,
      checkers: new RunCheckers(plan.definition),
      partition,
      lastAt: 0,
      signals: new Set(),
    };
    this.runs.set(runId, run);
    return run;
  }

  #see(run: JournalledRun, event: RunEvent): void {
    this.#count(event.type);
    assert.ok(event.at >= run.lastAt, `time runs backwards in ${run.state.runId}`);
    run.lastAt = event.at;
    if (event.type === "SignalReceived") {
      assert.ok(!run.signals.has(event.signalId), `signal ${event.signalId} counts twice`);
      run.signals.add(event.signalId);
    }
    run.checkers.see(event);
    this.#seeAnswer(run.state, event);
    evolve(run.state, event);
    run.eventCount++;
    if (event.type.startsWith("Task")) run.checkers.observe(run.state);
  }

  /** An answer is of the attempt that is in flight. */
  #seeAnswer(state: RunState, event: RunEvent): void {
    if (event.type === "AttemptFailed") this.#seeFailure(state, event);
    if (event.type !== "TaskCompleted" && event.type !== "TaskRepeated") return;
    const instance = taskOf(state, event.task).instances[event.index ?? 0];
    if (instance === undefined) return;
    assert.equal(instance.status, "running", `${event.task} of ${state.runId} was not in flight`);
    if (event.type === "TaskRepeated") return;
    const { by } = event.output as { by: string };
    const place = { runId: state.runId, task: event.task, index: event.index ?? 0 };
    const key = placeKey(place);
    assert.equal(by, `${key}#${instance.attempt}`, `${key} took the answer of another attempt`);
  }

  #seeFailure(state: RunState, event: Extract<RunEvent, { type: "AttemptFailed" }>): void {
    const index = event.index ?? 0;
    const instance = taskOf(state, event.task).instances[index]!;
    const place = { runId: state.runId, task: event.task, index, attempt: event.attempt };
    const key = attemptKey(place);
    assert.equal(instance.status, "running", `${key} was not in flight`);
    assert.equal(instance.attempt, event.attempt, `${key} was over`);
    if (event.error.code === "CANCELLED") {
      const isAsked = wantedAttempts(state).some((wanted) =>
        wanted.task === event.task && wanted.index === index && wanted.isStopping
      );
      assert.ok(isAsked, `${key} was cancelled, and nobody had asked for it`);
    }
    for (const stepId of this.#acknowledged.get(key) ?? []) {
      assert.ok(
        instance.steps !== null && stepId in instance.steps,
        `step ${stepId} of ${key} was acknowledged, and is not in the journal`,
      );
    }
    if (!event.lost || instance.node === null) return;
    this.#count("attempts lost");
    assert.ok(
      !this.#nodes.hasSafely(instance.node, place),
      `${key} was given up although ${instance.node} does it`,
    );
  }

  /** The instance of an attempt, when the journal has it in flight. */
  inFlight(
    { runId, task, index, attempt }: AttemptKey,
  ): RunState["tasks"][0]["instances"][0] | null {
    const run = this.runs.get(runId);
    if (run === undefined) return null;
    const instance = taskOf(run.state, task).instances[index];
    return instance?.status === "running" && instance.attempt === attempt ? instance : null;
  }

  /** An agent does a step, because it was not given its output. */
  stepComputed(attempt: AttemptKey, stepId: string): void {
    const steps = this.inFlight(attempt)?.steps ?? null;
    assert.ok(
      steps === null || !(stepId in steps),
      `step ${stepId} of ${placeKey(attempt)} is computed again`,
    );
  }

  /** An agent hears that a step is safe; `isSafe`: its node was in touch all the time. */
  stepAcknowledged(attempt: AttemptKey, stepId: string, isSafe: boolean): void {
    if (!isSafe || this.inFlight(attempt) === null) return;
    const key = attemptKey(attempt);
    const steps = this.#acknowledged.get(key) ?? new Set();
    this.#acknowledged.set(key, steps.add(stepId));
  }

  /** Open runs of a partition. */
  openRuns(partition: number): RunState[] {
    return [...this.runs.values()]
      .filter((run) => run.partition === partition && !hasEnded(run.state.status))
      .map(({ state }) => state);
  }
}
