/**
 * What follows from the state alone, without a command: released tasks are scheduled, expanded,
 * skipped or computed; a run whose tasks have all ended is closed.
 *
 * @module
 */
import { DenizenError, describeFailure, type ErrorData } from "../core/errors.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import {
  bindCondition,
  bindItem,
  bindRun,
  countsAsFailed,
  isStopping,
  needsSucceeded,
  withinLimits,
} from "./bindings.ts";
import type { TaskTarget } from "./definition.ts";
import { isIdle } from "./instance_moves.ts";
import { settleContests } from "./settle_contests.ts";
import type { Emit } from "./place.ts";
import type { RunState, TaskState } from "./state.ts";
import { hasEnded } from "./status.ts";

/** Emits all that follows now, until nothing does. */
export function settle(state: RunState, at: number, emit: Emit): void {
  if (hasEnded(state.status)) return;
  for (const position of state.due) {
    state.due.delete(position);
    settleContests(state, state.tasks[position]!, at, emit);
  }
  for (const position of state.released) release(state, state.tasks[position]!, at, emit);
  if (state.open === 0 && state.status !== "pending") close(state, at, emit);
}

/** Decides on a task whose needs have ended. Every way out emits an event for the task. */
function release(state: RunState, task: TaskState, at: number, emit: Emit): void {
  const { id } = task.plan.spec;
  try {
    const refusal = mayRun(state, task);
    if (refusal === "cancelled") return emit({ type: "TaskCancelled", at, task: id });
    if (refusal !== null) return emit({ type: "TaskSkipped", at, task: id, reason: refusal });
    schedule(state, task, at, emit);
  } catch (error) {
    emit({ type: "TaskFailed", at, task: id, error: describeFailure(error) });
  }
}

/** `null`, or why the task does not run. */
function mayRun(state: RunState, task: TaskState): string | null {
  const condition = task.plan.if;
  if (state.stop?.force) return "cancelled";
  if (!condition?.usesStatusFunction) {
    if (state.stop !== null) return "cancelled";
    if (!needsSucceeded(state, task)) return skippedBecause(state, task);
  }
  if (condition === undefined) return null;
  const verdict = condition.evaluate(bindCondition(state, task));
  if (verdict === true) return null;
  if (verdict === false) return `its condition is false: ${condition.source}`;
  throw new DenizenError("EXPRESSION_FAILED", {
    message: `"if" must be true or false, but "${condition.source}" is ${describeType(verdict)}`,
    hint: `Compare it with something, for instance "${condition.source} != null"`,
  });
}

function skippedBecause(state: RunState, task: TaskState): string {
  for (const position of task.plan.needs) {
    const need = state.tasks[position]!;
    const { status } = need.result;
    if (status === "completed" || (status === "failed" && !countsAsFailed(need))) continue;
    return `needs "${need.plan.spec.id}", which ${
      status === "failed" ? "failed" : `was ${status}`
    }`;
  }
  return "a need did not complete";
}

function schedule(state: RunState, task: TaskState, at: number, emit: Emit): void {
  const { spec } = task.plan;
  const { target } = spec;
  if (task.plan.forEach !== undefined) return expand(state, task, at, emit);
  if (target.type === "value") {
    const output = withinLimits(task.plan.value!.render(bindRun(state)), `"value"`);
    return emit({ type: "TaskCompleted", at, task: spec.id, output });
  }
  if (target.type === "wait") {
    return emit({ type: "TaskWaiting", at, task: spec.id, until: at + target.forMs });
  }
  if (target.type === "waitSignal") return waitForSignal(state, task, at, emit);
  if (target.type === "waitUntil") {
    return emit({ type: "TaskWaiting", at, task: spec.id, until: readInstant(state, task) });
  }
  emit({ type: "TaskScheduled", at, task: spec.id });
}

/** A signal may have come before anybody waited for it. */
function waitForSignal(state: RunState, task: TaskState, at: number, emit: Emit): void {
  const { signal, timeoutMs } = task.plan.spec.target as Extract<
    TaskTarget,
    { type: "waitSignal" }
  >;
  const { id } = task.plan.spec;
  const until = timeoutMs === undefined ? null : at + timeoutMs;
  emit({ type: "TaskWaiting", at, task: id, until, signal });
  const kept = state.signals.find(({ name }) => name === signal);
  if (kept !== undefined) emit({ type: "TaskCompleted", at, task: id, output: kept.payload });
}

function expand(state: RunState, task: TaskState, at: number, emit: Emit): void {
  const { spec } = task.plan;
  const items = task.plan.forEach!.evaluate(bindRun(state));
  if (!Array.isArray(items)) {
    throw new DenizenError("EXPRESSION_FAILED", {
      message: `"forEach" must be a list, but "${task.plan.forEach!.source}" is ${
        describeType(items)
      }`,
      hint: `Name a list, for instance "tasks.list.output.files"`,
    });
  }
  if (spec.target.type === "value") {
    task.items = items;
    const values = items.map((_, index) => task.plan.value!.render(bindItem(state, task, index)));
    const output = withinLimits(values, `"value"`);
    return emit({ type: "TaskCompleted", at, task: spec.id, output });
  }
  emit({ type: "TaskExpanded", at, task: spec.id, count: items.length });
}

function readInstant(state: RunState, task: TaskState): number {
  const text = task.plan.waitUntil!.render(bindRun(state));
  const instant = typeof text === "string" ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return instant;
  throw new DenizenError("EXPRESSION_FAILED", {
    message: `"wait.until" must be an instant, but is ${JSON.stringify(text)}`,
    hint: `Write it as "2026-01-31T09:00:00Z"`,
  });
}

/** Gives up whatever has not begun; what runs is asked to end by the cells. */
export function cancelIdleWork(state: RunState, at: number, emit: Emit): void {
  for (const task of state.tasks) {
    if (hasEnded(task.result.status)) continue;
    if (task.scheduledAt === null || !isStopping(state, task)) continue;
    const { id } = task.plan.spec;
    if (task.running === 0) {
      emit({ type: "TaskCancelled", at, task: id });
      continue;
    }
    for (const [index, instance] of task.instances.entries()) {
      if (isIdle(instance)) emit({ type: "TaskCancelled", at, task: id, index });
    }
  }
}

function close(state: RunState, at: number, emit: Emit): void {
  const { stop } = state;
  if (stop?.error !== undefined) return emit({ type: "RunFailed", at, error: stop.error });
  if (stop !== null) return emit({ type: "RunCancelled", at, reason: stop.reason });
  const failed = state.tasks.find(countsAsFailed);
  if (failed !== undefined) return emit({ type: "RunFailed", at, error: blame(failed) });
  try {
    const output = withinLimits(state.plan.output?.render(bindRun(state)) ?? null, `"output"`);
    emit({ type: "RunCompleted", at, output });
  } catch (error) {
    emit({ type: "RunFailed", at, error: describeFailure(error) });
  }
}

function blame(task: TaskState): ErrorData {
  const { code, message, hint } = task.result.error!;
  const { id } = task.plan.spec;
  return { code, message: `Task "${id}" failed: ${message}`, hint, details: { task: id } };
}

function describeType(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return isJsonObject(value) ? "an object" : `the ${typeof value} ${JSON.stringify(value)}`;
}
