/**
 * What the expressions of a run see.
 *
 * @module
 */
import type { Bindings } from "../rules/mod.ts";
import type { Json } from "../core/json.ts";
import type { RunState, TaskState } from "./state.ts";

/** Names for an expression of the run as a whole. */
export function bindRun(state: RunState): Bindings {
  state.bindings ??= {
    input: state.input,
    tasks: state.results,
    vars: state.plan.definition.vars,
    run: {
      id: state.runId,
      name: state.plan.definition.name,
      attempt: state.runAttempt,
      startedAt: new Date(state.startedAt).toISOString(),
    },
  };
  return state.bindings;
}

/** Names for `if`: with `success()`, `failure()` and `cancelled()` as they hold for this task. */
export function bindCondition(state: RunState, task: TaskState): Bindings {
  const isFailure = task.plan.ancestors.some((position) => countsAsFailed(state.tasks[position]!));
  return {
    ...bindRun(state),
    status: {
      success: needsSucceeded(state, task) && state.stop === null,
      failure: isFailure,
      cancelled: state.stop !== null,
    },
  };
}

/** Names for one item: `item` and `index` beside the run's. */
export function bindItem(state: RunState, task: TaskState, index: number): Bindings {
  const bindings = bindRun(state);
  if (task.plan.forEach === undefined) return bindings;
  return { ...bindings, item: itemsOf(state, task)[index]!, index };
}

/** The items of a `forEach`: evaluated again after a fold, from the same journal. */
export function itemsOf(state: RunState, task: TaskState): Json[] {
  task.items ??= task.plan.forEach!.evaluate(bindRun(state)) as Json[];
  return task.items;
}

/** What the agent gets: the task's `with`, rendered. */
export function inputOf(state: RunState, task: TaskState, index: number): Json {
  return task.plan.with.render(bindItem(state, task, index));
}

/** Names for `repeat.until`: `output` beside the item's. */
export function bindOutput(
  state: RunState,
  task: TaskState,
  index: number,
  output: Json,
): Bindings {
  return { ...bindItem(state, task, index), output };
}

/** Whether every need ended well, or failed where that was allowed. */
export function needsSucceeded(state: RunState, task: TaskState): boolean {
  return task.plan.needs.every((position) => {
    const need = state.tasks[position]!;
    return need.result.status === "completed" ||
      (need.result.status === "failed" && need.plan.spec.continueOnError);
  });
}

/** Whether this task's failure fails its run. */
export function countsAsFailed(task: TaskState): boolean {
  return task.result.status === "failed" && !task.plan.spec.continueOnError;
}
