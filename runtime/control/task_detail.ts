/**
 * One task of a run in full. Pure.
 *
 * @module
 */
import { explainChoice } from "../../core/explain_assignment.ts";
import { DenizenError, InvalidInputError } from "../../core/errors.ts";
import { hasEnded, inputOf, type RunState, type TaskState } from "../../workflows/mod.ts";
import type { Work } from "./contest_places.ts";
import type {
  AttemptDetail,
  DenialDetail,
  ItemCounts,
  ShownValue,
  StepDetail,
  TaskDetail,
} from "./run_documents.ts";
import type { FoldedRun } from "./run_folds.ts";
import { showValue } from "./shown_value.ts";
import type { AttemptLine, DenialLine, StepLine, TaskLog } from "./task_logs.ts";
import { kindOf } from "./task_graph.ts";
import { assignmentOf, firstAssignmentOf } from "./task_assignment.ts";
import { ownInstances, statusOfInstance } from "./task_contest.ts";
import { type RunSurroundings, waitReasonOf } from "./wait_reason.ts";

/** Lines of one kind that are shown. */
const LINES_MAX = 200;

/** A task, or one item of a `forEach`. */
export interface TaskPlace {
  task: TaskState;
  id: string;
  /** Item of the `forEach`; `null` for the whole task. */
  index: number | null;
}

/**
 * The task, or the item, of that name.
 *
 * @throws {InvalidInputError} `TASK_NOT_FOUND`
 */
export function placeOf(
  { state, runId }: Pick<FoldedRun, "state" | "runId">,
  id: string,
): TaskPlace {
  const match = /^(.*)\[(\d{1,9})\]$/.exec(id);
  const name = match?.[1] ?? id;
  const index = match === null ? null : Number(match[2]);
  const position = state.plan.positionOf.get(name);
  const task = position === undefined ? undefined : state.tasks[position];
  const isItem = index !== null && task?.plan.forEach !== undefined;
  if (task !== undefined && (index === null || (isItem && index < task.count))) {
    return { task, id, index };
  }
  throw new InvalidInputError("TASK_NOT_FOUND", {
    message: `Run "${runId}" has no task "${id.slice(0, 200)}"`,
    hint: 'Name a task of the run, or an item of a "forEach" as in measure[3]',
    details: { runId, task: id.slice(0, 200) },
  });
}

/** Everything that is known of a task. */
export function detailOf(
  { state, logs }: Pick<FoldedRun, "state" | "logs">,
  place: TaskPlace,
  around: RunSurroundings,
): TaskDetail {
  const { task, id, index } = place;
  const { spec } = task.plan;
  const instance = instanceOf(place);
  const log = logs.of(spec.id);
  const of = <Line extends { work: Work }>(lines: Line[]) =>
    index === null ? lines : lines.filter(({ work }) => work.index === index);
  const isItem = task.plan.forEach !== undefined;
  return {
    id,
    kind: kindOf(spec),
    ...standOf(place),
    reason: task.reason,
    agent: instance?.agent ?? ownInstances(task).find((one) => one.agent !== null)?.agent ?? null,
    needs: spec.needs,
    if: spec.if ?? null,
    forEach: spec.forEach ?? null,
    input: inputShown(state, place),
    ...linesOf(log, of, isItem),
    waitingFor: waitReasonOf(state, { task, instance }, around),
    assignment: instance === null
      ? firstAssignmentOf(task, log)
      : assignmentOf({ task, index: index ?? 0, log }),
    ...(isItem && index === null ? { items: countItems(task) } : {}),
  };
}

function instanceOf({ task, index }: TaskPlace) {
  if (index !== null) return task.instances[index]!;
  return task.plan.forEach === undefined ? task.instances[0] ?? null : null;
}

type Stand = Pick<TaskDetail, "status" | "output" | "error" | "startedAt" | "finishedAt">;

function standOf({ task, index }: TaskPlace): Stand {
  const { result, instances } = task;
  if (index === null) {
    const sole = task.plan.forEach === undefined ? instances[0] : undefined;
    return {
      status: sole?.status === "waiting" ? statusOfInstance(sole) : result.status,
      output: result.status === "completed" ? showValue(result.output) : null,
      error: result.error ?? sole?.error ?? null,
      startedAt: instant(task.startedAt),
      finishedAt: instant(task.finishedAt),
    };
  }
  const instance = instances[index]!;
  const { status } = instance;
  return {
    status: statusOfInstance(instance),
    output: status === "completed" ? showValue(instance.output) : null,
    error: instance.error,
    startedAt: instant(instance.startedAt),
    finishedAt: instant(instance.finishedAt),
  };
}

/** `null` where it cannot be said yet, or there is none. */
function inputShown(state: RunState, { task, index }: TaskPlace): ShownValue | null {
  const { spec, needs, forEach } = task.plan;
  const isDone = ["agent", "capability", "emit"].includes(spec.target.type);
  const isKnown = needs.every((need) => hasEnded(state.tasks[need]!.result.status));
  const isWhole = forEach !== undefined && index === null;
  if (!isDone || !isKnown || isWhole || task.result.status === "skipped") return null;
  if (state.status === "pending") return null;
  try {
    return showValue(inputOf(state, task, index ?? 0));
  } catch (error) {
    // The task fails with it, and says so.
    if (error instanceof DenizenError) return null;
    throw error;
  }
}

function linesOf(
  log: TaskLog,
  of: <Line extends { work: Work }>(lines: Line[]) => Line[],
  isItem: boolean,
) {
  const attempts = of(log.attempts);
  const steps = of(log.steps);
  const denials = of(log.denials);
  return {
    attempts: attempts.slice(-LINES_MAX).map((line) => attemptOf(line, isItem)),
    attemptsTotal: attempts.length,
    steps: steps.slice(-LINES_MAX).map((line) => stepOf(line, isItem)),
    stepsTotal: steps.length,
    denials: denials.slice(-LINES_MAX).map((line) => denialOf(line, isItem)),
    denialsTotal: denials.length,
  };
}

function attemptOf({ index: _, work, ...line }: AttemptLine, isItem: boolean): AttemptDetail {
  const { agent, assignment: record } = line;
  const { contender, round } = work;
  return {
    ...line,
    ...itemOf(work, isItem),
    ...(contender === undefined ? {} : { contender, round }),
    startedAt: new Date(line.startedAt).toISOString(),
    finishedAt: instant(line.finishedAt),
    assignment: record === null ? null : { text: explainChoice(record, agent), record },
  };
}

function stepOf({ at, stepId, output, work }: StepLine, isItem: boolean): StepDetail {
  const shown = { stepId, output: showValue(output), at: new Date(at).toISOString() };
  return { ...shown, ...itemOf(work, isItem) };
}

function denialOf({ work, at, ...line }: DenialLine, isItem: boolean): DenialDetail {
  return { ...line, ...itemOf(work, isItem), at: new Date(at).toISOString() };
}

function itemOf({ index }: Work, isItem: boolean): { index?: number } {
  return isItem ? { index } : {};
}

function countItems(task: TaskState): ItemCounts {
  const instances = ownInstances(task);
  const counts: ItemCounts = {
    total: instances.length,
    pending: 0,
    running: 0,
    waiting: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
  };
  for (const instance of instances) {
    counts[statusOfInstance(instance) as Exclude<keyof ItemCounts, "total">]++;
  }
  return counts;
}

function instant(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
