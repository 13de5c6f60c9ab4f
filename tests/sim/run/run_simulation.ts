/**
 * One run of a drawn workflow under the real decider, with simulated time, workers and crashes.
 * The same seed gives the same events.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { AttemptOutcome } from "../../../core/outcome.ts";
import {
  hasEnded,
  nextWakeAt,
  restoreRun,
  type RunEvent,
  snapshotRun,
  taskOf,
  wantedAttempts,
  wantedAuctions,
} from "../../../workflows/mod.ts";
import { TestRun } from "../../decider_kit.ts";
import { drawOutcome, type Draws, drawWorkflow } from "./random_workflow.ts";
import { checkFold, RunCheckers } from "./run_checkers.ts";
import { AGENTS, SeededAssigner } from "./seeded_assigner.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** More steps than any drawn run can need. */
const STEPS_MAX = 5_000;

/** What to leave out of the world, to see which promise depends on it. */
export interface SimulationOptions extends Draws {
  /** The node dies now and then, also in the middle of writing a decision. */
  crashes: boolean;
  /** A user cancels or pauses now and then. */
  users: boolean;
  /** Changes the journal before it is folded after a crash: plants a defect. */
  corrupt?: (events: RunEvent[]) => RunEvent[];
}

/** Runs one seed to its end and returns the events. */
export function simulateRun(seed: number, options: SimulationOptions): RunEvent[] {
  const random = new SeededRandom(seed);
  const definition = drawWorkflow(random, options);
  const run = new TestRun(definition, { a: ["work"], b: ["work"] });
  run.assigner = new SeededAssigner(seed);
  for (const agent of AGENTS) run.capacity.set(agent, 1_000);
  const checkers = new RunCheckers(definition);
  let seen = 0;
  const look = () => {
    for (; seen < run.events.length; seen++) checkers.see(run.events[seen]!);
    checkers.observe(run.state);
  };
  run.submit({ yes: random.chance(0.5), many: Array.from({ length: random.int(0, 9) }, () => 1) });
  look();
  for (let step = 0; !hasEnded(run.state.status) || retried(run, random, options); step++) {
    assert.ok(step < STEPS_MAX, "the run does not end");
    // A retry may end tasks at once.
    look();
    act(run, random, seed, options);
    if (options.crashes && random.chance(0.08)) {
      crash(run, random, options, seen);
      checkers.crash();
    }
    look();
    if (random.chance(0.2)) checkFold(run.refold(), run.state);
    if (options.crashes && random.chance(0.05)) restore(run);
  }
  checkFold(run.refold(), run.state);
  return run.events;
}

/** A user retries some of the runs that did not complete, as often as a coin says. */
function retried(run: TestRun, random: SeededRandom, options: SimulationOptions): boolean {
  if (!options.users || run.state.status === "completed" || random.chance(0.6)) return false;
  run.when({ type: "RetryRun", at: run.at });
  return true;
}

function act(run: TestRun, random: SeededRandom, seed: number, options: SimulationOptions): void {
  const { state } = run;
  // A retry may close the run at once.
  if (hasEnded(state.status)) return;
  if (options.users && random.chance(0.01)) {
    run.when({ type: "CancelRun", at: run.at, reason: "a user" });
  } else if (options.users && random.chance(0.02)) {
    cancelTask(run, random);
  } else if (state.isPaused) {
    run.when({ type: "ResumeRun", at: run.at });
  } else if (options.users && random.chance(0.03)) {
    run.when({ type: "PauseRun", at: run.at });
  } else if (random.chance(0.4)) {
    for (const agent of AGENTS) if (agent !== "b") run.capacity.set(agent, random.int(0, 4));
    run.start();
    if (random.chance(0.5)) closeAuction(run, random);
  } else if (random.chance(0.7)) {
    finishOne(run, random, seed);
  } else {
    const wakeAt = nextWakeAt(state) ?? run.at;
    run.pass(Math.max(0, Math.min(wakeAt - run.at, random.int(0, 200))));
  }
}

const OVER = new Set(["completed", "failed", "cancelled"]);

/** A task that has not ended, at any moment; half of the time one item of it. */
function cancelTask(run: TestRun, random: SeededRandom): void {
  const open = run.state.tasks.filter(({ result }) => !hasEnded(result.status));
  if (open.length === 0) return;
  const { plan, instances } = random.pick(open);
  const items = [...instances.keys()].filter((index) => !OVER.has(instances[index]!.status));
  const item = items.length > 0 && random.chance(0.5) ? { index: random.pick(items) } : {};
  run.when({ type: "CancelTask", at: run.at, task: plan.spec.id, ...item, reason: "a user" });
}

function finishOne(run: TestRun, random: SeededRandom, seed: number): void {
  const wanted = wantedAttempts(run.state);
  if (wanted.length === 0) return;
  const { task, index, attempt, isStopping } = random.pick(wanted);
  const outcome = isStopping && random.chance(0.7)
    ? { status: "failed" as const, error: { code: "CANCELLED", message: "asked to stop" } }
    : contestOutcome(run, drawOutcome(seed, { task, index, attempt }), { task, index });
  run.at += random.int(0, 20);
  const at = run.at;
  run.when({ type: "FinishAttempt", at, task, index, attempt, outcome, random: random.next() });
}

/** Contenders agree now and then, and who judges says a number that may be one of theirs. */
function contestOutcome(
  run: TestRun,
  outcome: AttemptOutcome,
  { task, index }: { task: string; index: number },
): AttemptOutcome {
  const { contestOf, fallback } = taskOf(run.state, task).instances[index]!;
  if (outcome.status === "failed" || contestOf === null) return outcome;
  const n = (outcome.output as { n: number }).n;
  return { status: "completed", output: fallback === null ? { n: n % 2 } : { winner: n % 4 } };
}

/** Some of the agents that were asked have bid, or nobody brings the bids. */
function closeAuction(run: TestRun, random: SeededRandom): void {
  const open = wantedAuctions(run.state);
  if (open.length === 0) return;
  const { task, index, attempt, agents } = random.pick(open);
  const bids = agents.filter(() => random.chance(0.6))
    .map((agent) => ({ agent, costUsd: random.next(), success: null, latencyMs: null }));
  run.when({ type: "CloseAuction", at: run.at, task, index, attempt, bids });
}

/** A node begins with a snapshot that holds all that happened: nothing is different then. */
function restore(run: TestRun): void {
  const snapshot = JSON.parse(JSON.stringify(snapshotRun(run.state)));
  const restored = restoreRun(run.state.runId, snapshot, run.state.plan)!;
  checkFold(restored, run.state);
  run.state = restored;
}

/**
 * The node dies while it writes what came of its last step: some of these events are durable, none
 * of their effects has left. The next node folds the journal and goes on.
 */
function crash(run: TestRun, random: SeededRandom, options: SimulationOptions, seen: number): void {
  run.events.splice(seen + random.int(0, run.events.length - seen));
  if (options.corrupt !== undefined) {
    run.events.splice(0, run.events.length, ...options.corrupt(run.events));
  }
  run.state = run.refold();
  run.when({ type: "RecoverRun", at: run.at });
}
