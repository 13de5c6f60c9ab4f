/**
 * The state of a run as plain JSON, and back: a state that was restored decides as the one that was
 * snapshotted would. So a recovery folds only what happened since.
 *
 * Left out is what is made anew when it is asked for: the items of a `forEach`, the names that
 * expressions see, and the input of attempts whose frames have left.
 *
 * @module
 */
import { Heap } from "../core/heap.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { Plan } from "./plan.ts";
import {
  createInstance,
  createRunState,
  createTaskState,
  type Instance,
  type RunState,
  type TaskState,
  type Timer,
} from "./state.ts";
import { isOpen, itemInstances } from "./instance_moves.ts";
import { startsBefore } from "./lanes.ts";

/** Counts the changes of the format. Another one is not read: the run is folded from its events. */
const FORMAT = 1;

const RUN_FIELDS = [
  "eventCount",
  "lastAt",
  "status",
  "input",
  "workDir",
  "origin",
  "submittedAt",
  "startedAt",
  "finishedAt",
  "output",
  "error",
  "stop",
  "isPaused",
  "isHeldUp",
  "open",
  "running",
  "runAttempt",
  "signals",
  "signalIds",
] as const;

const TASK_FIELDS = [
  "waitingOn",
  "open",
  "running",
  "failed",
  "nextFresh",
  "isQueued",
  "attemptsBefore",
  "scheduledAt",
  "startedAt",
  "finishedAt",
  "waitUntil",
  "reason",
  "giveUpAt",
  "count",
  "askAgainAt",
] as const;

const INSTANCE_FIELDS = [
  "status",
  "attempt",
  "failures",
  "repeats",
  "agent",
  "node",
  "fallback",
  "assignment",
  "deferred",
  "auction",
  "contest",
  "contestOf",
  "reused",
  "failed",
  "notBeforeAt",
  "startedAt",
  "finishedAt",
  "output",
  "error",
  "steps",
] as const;

const TIMER_FIELDS = ["at", "kind", "position", "index"] as const;

/**
 * One field of many rows: each value, or `[value, times, value, times, …]` where most are like the
 * one before.
 */
type Column = { each: Json[] } | { runs: Json[] };

/** Rows by column; a field that is the default everywhere is left out. */
interface Rows {
  count: number;
  columns: Record<string, Column>;
}

interface TaskSnapshot {
  fields: JsonObject;
  status: TaskState["result"]["status"];
  error?: Json;
  output?: Json;
  /** The output is that of the instances: it is not kept twice. */
  isJoined?: true;
  instances?: Rows;
  again?: number[];
  deferred?: number[];
}

interface RunSnapshot {
  format: number;
  packageHash: string;
  fields: JsonObject;
  released: number[];
  /** Positions of tasks, as they lie in the heap of each lane. */
  lanes: [string, number[]][];
  timers: Rows;
  tasks: TaskSnapshot[];
}

/**
 * The state as JSON. Outputs and errors are shared with the state, which never changes them; all the
 * rest is a copy. So the state may go on before the snapshot becomes text.
 */
export function snapshotRun(state: RunState): Json {
  const snapshot: RunSnapshot = {
    format: FORMAT,
    packageHash: state.plan.packageHash,
    fields: pick(state, RUN_FIELDS),
    released: [...state.released],
    lanes: [...state.lanes].map(([lane, heap]) => [
      lane,
      [...heap].map((task) => task.plan.position),
    ]),
    timers: toRows([...state.timers], TIMER_FIELDS, null),
    tasks: state.tasks.map(snapshotTask),
  };
  return snapshot as unknown as Json;
}

function snapshotTask(task: TaskState): TaskSnapshot {
  const { result, instances, again, deferred } = task;
  const fresh = createTaskState(task.plan);
  const changed = TASK_FIELDS.filter((field) => task[field] !== fresh[field]);
  const snapshot: TaskSnapshot = { fields: pick(task, changed), status: result.status };
  if (result.error !== null) snapshot.error = result.error as unknown as Json;
  if (isJoined(task)) snapshot.isJoined = true;
  else if (result.output !== null) snapshot.output = result.output;
  if (instances.length > 0) {
    snapshot.instances = toRows(instances, INSTANCE_FIELDS, createInstance());
  }
  if (again.size > 0) snapshot.again = [...again];
  if (deferred.size > 0) snapshot.deferred = [...deferred];
  return snapshot;
}

/** Whether the output is made of those of the instances. */
function isJoined(task: TaskState): boolean {
  const { plan, result, instances } = task;
  const { output } = result;
  if (output === null || task.count === 0) return false;
  if (plan.forEach === undefined) return output === instances[0]!.output;
  return Array.isArray(output) && output.length === task.count &&
    output.every((each, index) => instances[index]!.output === each);
}

/** Names the package whose plan the snapshot belongs to; `null` when it has another format. */
export function packageOfSnapshot(snapshot: Json): string | null {
  const stored = snapshot as unknown as RunSnapshot | null;
  return stored?.format === FORMAT ? stored.packageHash : null;
}

/**
 * The state back.
 *
 * @param plan of the package that the run is pinned to
 * @returns `null` when the snapshot has another format, or belongs to another plan
 */
export function restoreRun(runId: string, snapshot: Json, plan: Plan): RunState | null {
  const stored = snapshot as unknown as RunSnapshot;
  if (packageOfSnapshot(snapshot) !== plan.packageHash) return null;
  const state = createRunState(runId, plan);
  Object.assign(state, stored.fields);
  state.released = new Set(stored.released);
  for (const [position, task] of stored.tasks.entries()) {
    restoreTask(state.tasks[position]!, task);
  }
  for (const [lane, positions] of stored.lanes) {
    const heap = new Heap(startsBefore);
    for (const position of positions) heap.push(state.tasks[position]!);
    state.lanes.set(lane, heap);
  }
  const timers = fromRows<Timer>(
    stored.timers,
    () => ({ at: 0, kind: "run", position: 0, index: 0 }),
  );
  for (const timer of timers) state.timers.push(timer);
  for (const { contested, plan } of state.tasks) {
    if (contested.size > 0) state.due.add(plan.position);
  }
  return state;
}

function restoreTask(task: TaskState, stored: TaskSnapshot): void {
  Object.assign(task, stored.fields);
  task.again = new Set(stored.again);
  task.deferred = new Set(stored.deferred);
  if (stored.instances !== undefined) task.instances = restoreInstances(stored.instances);
  // Snapshots of earlier versions know no contenders.
  if (stored.fields.count === undefined) task.count = task.instances.length;
  const { auction, contest } = stored.instances?.columns ?? {};
  if (auction !== undefined || contest !== undefined) watchOthers(task);
  const outputs = () => itemInstances(task).map((instance) => instance.output);
  const joined = () => task.plan.forEach === undefined ? task.instances[0]!.output : outputs();
  task.result.status = stored.status;
  task.result.error = (stored.error ?? null) as TaskState["result"]["error"];
  task.result.output = stored.isJoined ? joined() : stored.output ?? null;
}

/** Finds what is auctioned, and what others contend for. */
function watchOthers(task: TaskState): void {
  for (const [index, instance] of task.instances.entries()) {
    if (instance.auction?.bids === null) task.bidding.add(index);
    if (instance.contest !== null && isOpen(instance)) task.contested.add(index);
  }
}

function restoreInstances(rows: Rows): Instance[] {
  const instances = fromRows(rows, createInstance);
  for (const instance of instances) {
    // A step may have any name, `__proto__` too.
    if (instance.steps !== null) {
      instance.steps = Object.assign(Object.create(null), instance.steps);
    }
    // JSON knows no infinity: an attempt that is given up next waits for ever.
    instance.notBeforeAt ??= Infinity;
  }
  return instances;
}

function pick<T, Field extends keyof T & string>(of: T, fields: readonly Field[]): JsonObject {
  return Object.fromEntries(fields.map((field) => {
    const value = of[field] as Json;
    // Lists of the state grow in place.
    return [field, Array.isArray(value) ? [...value] : value];
  }));
}

// --- columns ---

function toRows<T extends object>(
  rows: readonly T[],
  fields: readonly (keyof T & string)[],
  defaults: T | null,
): Rows {
  const columns: Rows["columns"] = {};
  for (const field of fields) {
    if (defaults !== null && rows.every((row) => row[field] === defaults[field])) continue;
    columns[field] = toColumn(rows.map((row) => copyOf(row[field])));
  }
  return { count: rows.length, columns };
}

/** What a run has recorded of its steps grows in place; every other value stays as it is. */
function copyOf(value: unknown): Json {
  const isRecord = typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === null;
  return (isRecord ? { ...value } : value) as Json;
}

function toColumn(values: Json[]): Column {
  const runs: Json[] = [];
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to++;
    runs.push(values[from]!, to - from);
    from = to;
    if (runs.length >= values.length) return { each: values };
  }
  return { runs };
}

function fromRows<T extends object>(rows: Rows, create: () => T): T[] {
  const made = Array.from({ length: rows.count }, create);
  for (const [field, column] of Object.entries(rows.columns)) {
    fill(made as Record<string, unknown>[], field, column);
  }
  return made;
}

function fill(rows: Record<string, unknown>[], field: string, column: Column): void {
  if ("each" in column) {
    for (const [at, value] of column.each.entries()) rows[at]![field] = value;
    return;
  }
  let next = 0;
  for (let at = 0; at < column.runs.length; at += 2) {
    const end = next + (column.runs[at + 1] as number);
    while (next < end) rows[next++]![field] = column.runs[at];
  }
}
