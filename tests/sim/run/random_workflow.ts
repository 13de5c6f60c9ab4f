import type { AttemptOutcome } from "../../../core/outcome.ts";
import type { AssignSpec, WorkflowDefinition } from "../../../workflows/mod.ts";
import { definitionOf, type ShortTask } from "../../decider_kit.ts";
import { SeededRandom } from "../../seeded_random.ts";

const CONDITIONS = ["success()", "always()", "failure()", "input.yes", "!input.yes", undefined];

/** What to leave out of a drawn workflow. */
export interface Draws {
  /** Whether tasks name capabilities, so that agents are chosen, bid and compete. Default true. */
  choices?: boolean;
}

/** A workflow of up to 12 tasks with every feature of the decider, drawn from `random`. */
export function drawWorkflow(random: SeededRandom, draws: Draws = {}): WorkflowDefinition {
  const ids = Array.from({ length: random.int(1, 12) }, (_, at) => `t${at}`);
  const tasks = ids.map((id, at) => drawTask(random, id, ids.slice(0, at), draws));
  return definitionOf(tasks, {
    concurrency: random.pick([1, 2, 5, 16]),
    timeoutMs: random.chance(0.1) ? random.int(50, 5_000) : undefined,
  });
}

function drawTask(
  random: SeededRandom,
  id: string,
  before: string[],
  { choices = true }: Draws,
): ShortTask {
  const needs = before.filter(() => random.chance(0.3));
  const task: ShortTask = { id, needs };
  task.if = random.chance(0.3) ? random.pick(CONDITIONS) : undefined;
  task.continueOnError = random.chance(0.2);
  task.retry = {
    maxAttempts: random.int(1, 3),
    backoff: { initialMs: random.int(0, 100), factor: 2, maxMs: 500, jitter: "full" },
  };
  const kind = random.next();
  if (kind < 0.15) task.target = { type: "wait", forMs: random.int(0, 300) };
  else if (kind < 0.3) task.target = { type: "value", value: { id } };
  else if (kind < 0.55) {
    task.forEach = random.pick(["[1, 2, 3]", "[]", "input.many"]);
    if (random.chance(0.5)) task.maxParallel = random.int(1, 3);
  } else if (kind < 0.65) {
    task.repeat = {
      until: "output.n > 5.0",
      everyMs: random.int(0, 50),
      timesMax: random.int(1, 4),
    };
  }
  if (choices && task.target === undefined && random.chance(0.4)) drawAssignment(random, task);
  if (random.chance(0.15)) task.fallback = { agent: "b" };
  if (random.chance(0.1)) task.timeout = { attemptMs: 60_000, heartbeatMs: 5_000, totalMs: 400 };
  return task;
}

/** A capability instead of an agent, and whatever may be said of how one is found. */
function drawAssignment(random: SeededRandom, task: ShortTask): void {
  task.target = { type: "capability", capability: "work" };
  const of = random.int(2, 4);
  const ways: Partial<AssignSpec>[] = [
    {},
    { auction: { bidTimeoutMs: random.int(10, 200) } },
    { vote: { of, ties: random.pick(["evidence", "fail"]) } },
    { judge: { of, by: "b" } },
    { merge: { of, by: "b" } },
    { merge: { of, value: "${{ size(results) }}" } },
  ];
  // A round of a repetition has no contest: the parser refuses it.
  const way = random.pick(task.repeat === undefined ? ways : ways.slice(0, 2));
  if (random.chance(0.8)) task.assign = { waitMs: random.int(0, 400), ...way };
  if (random.chance(0.2)) task.reuse = { maxAgeMs: 1_000, minSimilarity: 1 };
}

/** What comes of an attempt: always the same for the same seed, task, item and attempt. */
export function drawOutcome(
  seed: number,
  attempt: { task: string; index: number; attempt: number },
): AttemptOutcome {
  const place = Number(attempt.task.slice(1)) * 10_007 + attempt.index * 101 + attempt.attempt;
  const random = new SeededRandom(seed * 7_919 + place);
  random.next();
  if (random.chance(0.7)) return { status: "completed", output: { n: random.int(0, 10) } };
  const code = random.pick(["TIMEOUT", "CRASHED", "FAILED", "INVALID_OUTPUT"]);
  return { status: "failed", error: { code, message: "drawn" } };
}
