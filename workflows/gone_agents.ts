/**
 * Agents that a workflow names and that are not registered any more.
 *
 * @module
 */
import type { Abstention } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import { askAgain, readyAt } from "./ask_again.ts";
import { WAIT_MS } from "./build_assign.ts";
import { contendersOf } from "./contest_results.ts";
import { nextFreshIndex } from "./named_agents.ts";
import { place } from "./place.ts";
import type { RunState, TaskState } from "./state.ts";
import type { Asking } from "./turn.ts";

/** Nodes look for agents twice in this time: one that was registered a moment ago is not gone. */
const NEWS_MS = 2_000;

/**
 * Gives up a piece of work whose agent has been gone for as long as a task waits for one: it may have
 * been removed to be registered anew. Until then it is on the record that the first waits for it.
 * `true`: the task has changed.
 */
export function giveUpGone(turn: Asking, task: TaskState): boolean {
  const index = nextOfGone(turn, task);
  if (index === null) return false;
  const { at, state, emit } = turn;
  const instance = task.instances[index]!;
  const agent = agentOf(task, index)!;
  const readySince = turnOf(state, task, index);
  const until = readySince + Math.max(NEWS_MS, task.plan.spec.assign?.waitMs ?? WAIT_MS);
  const where = place(task, index);
  if (until > at) {
    askAgain(turn, task, until);
    // Of several that wait for it one is on the record.
    if (task.deferred.has(index)) return false;
    if (at < readySince + NEWS_MS) {
      askAgain(turn, task, readySince + NEWS_MS);
      return false;
    }
    const why: Abstention = { code: "AGENT_GONE", excluded: [], agent };
    emit({ type: "AssignmentDeferred", at, ...where, why, giveUpAt: until });
    return true;
  }
  const { fallback } = task.plan.spec;
  const error = goneError(agent);
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
  // What was put on the record first: as long as that waits, no other is.
  for (const indexes of [task.deferred, task.again]) {
    for (const index of indexes) if (gone.includes(agentOf(task, index))) return index;
  }
  const index = nextFreshIndex(task);
  return index !== null && gone.includes(agentOf(task, index)) ? index : null;
}

/** When it could have begun; who judges or merges has its turn when the others have ended. */
function turnOf(state: RunState, task: TaskState, index: number): number {
  const instance = task.instances[index]!;
  const since = readyAt(state, task, instance);
  const { contestOf, fallback } = instance;
  if (contestOf === null || fallback === null) return since;
  const ends = contendersOf(task, contestOf).map((one) => task.instances[one]!.finishedAt ?? 0);
  return Math.max(since, ...ends);
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
