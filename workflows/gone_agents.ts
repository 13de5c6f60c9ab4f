/**
 * Agents that a workflow names and that are not registered any more.
 *
 * @module
 */
import type { ErrorData } from "../core/errors.ts";
import { askAgain, readyAt } from "./ask_again.ts";
import { WAIT_MS } from "./build_assign.ts";
import { nextFreshIndex } from "./named_agents.ts";
import { place } from "./place.ts";
import type { TaskState } from "./state.ts";
import type { Asking } from "./turn.ts";

/**
 * Gives up a piece of work whose agent has been gone for as long as a task waits for one: it may have
 * been removed to be registered anew. `true`: the task has changed.
 */
export function giveUpGone(turn: Asking, task: TaskState): boolean {
  const index = nextOfGone(turn, task);
  if (index === null) return false;
  const { at, state, emit } = turn;
  const instance = task.instances[index]!;
  const until = readyAt(state, task, instance) + WAIT_MS;
  if (until > at) {
    askAgain(turn, task, until);
    return false;
  }
  const { fallback } = task.plan.spec;
  const error = goneError(agentOf(task, index)!);
  const where = place(task, index);
  const mayFallBack = instance.fallback === null && instance.contestOf === null;
  if (fallback !== undefined && mayFallBack) {
    emit({ type: "TaskFellBack", at, ...where, fallback: fallback.agent, error });
  } else {
    emit({ type: "TaskFailed", at, ...where, error });
  }
  return true;
}

/** Looked for only where one of the few names is gone. */
function nextOfGone({ assigner }: Asking, task: TaskState): number | null {
  const { fallback, assign, target } = task.plan.spec;
  const names = [fallback?.agent, assign?.judge?.by, assign?.merge?.by];
  if (target.type === "agent") names.push(target.agent);
  const gone = names.filter((name) => name !== undefined && assigner.isGone(name));
  if (gone.length === 0) return null;
  for (const index of task.again) if (gone.includes(agentOf(task, index))) return index;
  const index = nextFreshIndex(task);
  return index !== null && gone.includes(agentOf(task, index)) ? index : null;
}

function agentOf({ plan: { spec: { target } }, instances }: TaskState, index: number) {
  const { fallback } = instances[index]!;
  return fallback ?? (target.type === "agent" ? target.agent : undefined);
}

function goneError(agent: string): ErrorData {
  return {
    code: "NOBODY_CAN",
    message: `Agent "${agent}" is not registered any more`,
    hint: `Register it again, then "runs retry"; or name another one in the workflow file`,
  };
}
