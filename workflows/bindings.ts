/**
 * What the expressions of a run see.
 *
 * @module
 */
import type { Bindings } from "../rules/mod.ts";
import { DenizenError } from "../core/errors.ts";
import { isLargerThan, type Json } from "../core/json.ts";
import { blindResults } from "./contest_results.ts";
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

/** What the agent gets: the task's `with`, rendered; who judges or merges gets the results too. */
export function inputOf(state: RunState, task: TaskState, index: number): Json {
  const { contestOf = null, fallback = null } = task.instances[index] ?? {};
  const item = contestOf ?? index;
  const input = withinLimits(task.plan.with.render(bindItem(state, task, item)), `"with"`);
  if (contestOf === null || fallback === null) return input;
  return { input, results: blindResults(state, task, contestOf) };
}

/** What a template may become: more is a mistake, and would hold the whole node up. */
const LIMITS = { charsMax: 32 * 1024 * 1024, valuesMax: 2_000_000 };

/**
 * The value itself.
 *
 * @throws {DenizenError} `VALUE_TOO_LARGE`
 */
export function withinLimits(value: Json, what: string): Json {
  if (!isLargerThan(value, LIMITS)) return value;
  throw new DenizenError("VALUE_TOO_LARGE", {
    message: `${what} gives more than ${LIMITS.charsMax} characters or ${LIMITS.valuesMax} values`,
    hint: "Keep large data in files, and pass their paths",
  });
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

/**
 * Whether the task is to end because its run is being stopped. Clean-up goes on: a task whose `if`
 * holds for a cancelled run, unless the run was told twice.
 */
export function isStopping(state: RunState, task: TaskState): boolean {
  if (state.stop === null) return false;
  if (state.stop.force || !task.plan.if?.usesStatusFunction) return true;
  try {
    return task.plan.if.evaluate(bindCondition(state, task)) !== true;
  } catch {
    return true;
  }
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
