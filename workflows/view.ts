/**
 * A run as people and programs read it: the document of `run --json` and `runs show --json`.
 *
 * @module
 */
import type { Json } from "../core/json.ts";
import type { ErrorData } from "../core/errors.ts";
import { capabilityOf, explainInstance, explainItems } from "./assignment_words.ts";
import { itemInstances } from "./instance_moves.ts";
import { labelsOf } from "./labels.ts";
import type { Instance, RunState, TaskState } from "./state.ts";
import type { RunStatus, TaskStatus } from "./status.ts";

/** A task of a {@linkcode RunView}. Instants are ISO 8601 in UTC. */
export interface TaskView {
  /** `list`, or `measure[3]` for an item of a `forEach`. */
  id: string;
  /** Where it stands. */
  status: TaskStatus;
  /** Attempts started so far. */
  attempts: number;
  /** Agent of the newest attempt; of a `forEach`, that of its first item. `null` before. */
  agent: string | null;
  /** Why the task waits, was skipped or went to this agent, in words. */
  reason: string | null;
  /** Start of the first attempt, or of the wait. */
  startedAt: string | null;
  /** When it ended, however it did. */
  finishedAt: string | null;
  /** Why it failed, or why the last attempt did when another is to come. */
  error: ErrorData | null;
  /** Items of a `forEach`: counts by status; absent for a plain task. */
  items?: { total: number; completed: number; failed: number; running: number };
}

/** A run at one moment. Instants are ISO 8601 in UTC. */
export interface RunView {
  /** ULID: sorts by time of submission. */
  runId: string;
  /** Name of the workflow. */
  workflow: string;
  /** Version that the workflow file states. */
  version: string | null;
  /** Where it stands. */
  status: RunStatus;
  /** Input after the workflow's schema filled in its defaults. */
  input: Json;
  /** Result; `null` until the run has completed. */
  output: Json;
  /** Why it failed or was cancelled. */
  error: ErrorData | null;
  /** Whose run it is; absent where nobody said so. */
  tenant?: string;
  /** What it is found by; absent where nobody said so. */
  tags?: string[];
  /** Who submitted it; absent where nobody said so. */
  submittedBy?: string;
  /** When it was accepted, or retried after it had closed. */
  startedAt: string | null;
  /** When it closed. */
  finishedAt: string | null;
  /** In the order of the file. */
  tasks: TaskView[];
}

/**
 * A run as its readers see it.
 *
 * @param options `items`: also list each item of a `forEach` (as `measure[3]`, after `measure`)
 */
export function viewRun(state: RunState, options: { items: boolean } = { items: true }): RunView {
  const { definition } = state.plan;
  return {
    runId: state.runId,
    workflow: definition.name,
    version: definition.version ?? null,
    status: isRunWaiting(state) ? "waiting" : state.status,
    input: state.input,
    output: state.output,
    error: state.error,
    ...labelsOf(state.origin),
    ...(state.origin.submittedBy === undefined ? {} : { submittedBy: state.origin.submittedBy }),
    startedAt: instant(state.startedAt || null),
    finishedAt: instant(state.finishedAt),
    tasks: state.tasks.flatMap((task) => [
      viewTask(task),
      ...(options.items && task.plan.forEach !== undefined
        ? itemInstances(task).map(viewItem(task))
        : []),
    ]),
  };
}

/** Nothing runs and nothing can start: the run is waiting for time to pass. */
function isRunWaiting(state: RunState): boolean {
  return state.status === "running" && state.running === 0 &&
    state.tasks.some((task) => task.result.status === "waiting");
}

function viewTask(task: TaskState): TaskView {
  const { result, count } = task;
  const capability = capabilityOf(task.plan.spec);
  const instances = itemInstances(task);
  const sole = task.plan.forEach === undefined ? instances[0] : undefined;
  const view: TaskView = {
    id: task.plan.spec.id,
    status: sole?.status === "waiting" ? statusOf(sole) : result.status,
    attempts: task.instances.reduce((sum, instance) => sum + instance.attempt, 0),
    agent: instances.find((instance) => instance.agent !== null)?.agent ?? null,
    reason: task.reason ??
      (sole === undefined
        ? explainItems(task.deferred, task.instances, capability)
        : explainInstance(sole, capability, contendersIn(task, 0))),
    startedAt: instant(task.startedAt),
    finishedAt: instant(task.finishedAt),
    error: result.error ?? sole?.error ?? null,
  };
  if (task.plan.forEach === undefined || task.scheduledAt === null) return view;
  const having = (status: TaskStatus) =>
    instances.filter((instance) => statusOf(instance) === status).length;
  view.items = {
    total: count,
    completed: having("completed"),
    failed: having("failed"),
    running: having("running"),
  };
  return view;
}

function viewItem(task: TaskState): (instance: Instance, index: number) => TaskView {
  const capability = capabilityOf(task.plan.spec);
  return (instance, index) => ({
    id: `${task.plan.spec.id}[${index}]`,
    status: statusOf(instance),
    attempts: attemptsOf(task, index),
    agent: instance.agent,
    reason: explainInstance(instance, capability, contendersIn(task, index)),
    startedAt: instant(instance.startedAt),
    finishedAt: instant(instance.finishedAt),
    error: instance.error,
  });
}

function isWaiting({ status, contest }: Instance): boolean {
  return status === "waiting" && contest === null;
}

function statusOf(instance: Instance): TaskStatus {
  const { status } = instance;
  if (status === "ready") return "pending";
  return status === "waiting" && !isWaiting(instance) ? "running" : status;
}

/** Those of its contenders and their judge too, where several agents do it. */
function attemptsOf(task: TaskState, index: number): number {
  const { attempt } = task.instances[index]!;
  return contendersIn(task, index).reduce((sum, member) => sum + member.attempt, attempt);
}

/** Who contends for it, and who judges or merges; nobody any more once the run was retried. */
function contendersIn({ instances }: TaskState, index: number): Instance[] {
  const { contest } = instances[index]!;
  if (contest === null) return [];
  const { first, of } = contest;
  return instances.slice(first, first + of + 1).filter(({ contestOf }) => contestOf === index);
}

/** Whatever happened in one commit has the same instant; starts and ends are asked for in turn. */
let lastInstants: [Instant, Instant] = [{ at: NaN, text: "" }, { at: NaN, text: "" }];

interface Instant {
  /** Epoch milliseconds. */
  at: number;
  text: string;
}

function instant(at: number | null): string | null {
  if (at === null) return null;
  const [one, other] = lastInstants;
  if (at === one.at) return one.text;
  if (at === other.at) return other.text;
  const made = { at, text: new Date(at).toISOString() };
  lastInstants = [made, one];
  return made.text;
}
