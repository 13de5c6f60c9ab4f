/**
 * Starts what is ready while there is room: the longest way through the run first.
 *
 * @module
 */
import { describeFailure } from "../core/errors.ts";
import { inputOf } from "./bindings.ts";
import type { StartAttempts } from "./commands.ts";
import { enqueue, hasStartable } from "./lanes.ts";
import { giveUpGone } from "./gone_agents.ts";
import { firstWithRoom, isOffered, nextFreshIndex, noAgent } from "./named_agents.ts";
import { Overlay } from "./overlay.ts";
import { type Emit, place } from "./place.ts";
import { assignNext } from "./assign_next.ts";
import type { Start, Turn } from "./turn.ts";
import type { RunState, TaskState } from "./state.ts";
import { hasEnded } from "./status.ts";

/** Tasks of a lane that are passed over in one turn, because nobody is found for them. */
const ASIDE_MAX = 32;

/** Executes the command. */
export function startAttempts(command: StartAttempts, state: RunState, emit: Emit): void {
  if (state.isPaused || hasEnded(state.status)) return;
  const { at, node, assigner = null } = command;
  const capacity = new Overlay(command.capacity);
  if (state.running < state.plan.definition.concurrency) state.isHeldUp = false;
  const turn: Turn = { at, state, emit, assigner, capacity, tries: new Map() };
  for (const lane of [...state.lanes.keys()]) startLane(turn, lane, node);
}

/** Those for whom nobody is found are put back at the end: others of the lane may be luckier. */
function startLane(turn: Turn, name: string, node: string | undefined): void {
  const { state } = turn;
  const lane = state.lanes.get(name)!;
  const aside: TaskState[] = [];
  while (lane.size > 0 && state.running < state.plan.definition.concurrency) {
    const task = lane.peek()!;
    if (!hasStartable(task)) {
      lane.pop();
      task.isQueued = false;
      continue;
    }
    const next = nextStart(turn, task);
    if (next === "again") continue;
    if (next === "full") break;
    if (next !== "nobody") {
      start(turn, task, next, node);
      continue;
    }
    aside.push(lane.pop()!);
    if (aside.length === ASIDE_MAX) break;
  }
  for (const task of aside) {
    task.isQueued = false;
    enqueue(state, task);
  }
}

/** What to start of the task now. Without an assigner the file alone says who does it. */
function nextStart(turn: Turn, task: TaskState): Start | "again" | "full" | "nobody" {
  if (turn.assigner !== null && task.plan.spec.target.type === "capability") {
    return assignNext({ ...turn, assigner: turn.assigner }, task);
  }
  if (!isOffered(task) && nextFreshIndex(task) !== null) {
    const error = noAgent(task);
    turn.emit({ type: "TaskFailed", at: turn.at, task: task.plan.spec.id, error });
    return "again";
  }
  const choice = firstWithRoom(task, turn.capacity);
  if (choice !== null) return choice;
  const { assigner } = turn;
  if (assigner !== null && giveUpGone({ ...turn, assigner }, task)) return "again";
  // Looking has passed over items that were given up: there may be nothing left to start.
  return hasStartable(task) ? "full" : "again";
}

/** The input is rendered before the attempt counts, so that a bad expression fails the task. */
function start(turn: Turn, task: TaskState, choice: Start, node: string | undefined): void {
  const { at, state, emit, capacity } = turn;
  const instance = task.instances[choice.index]!;
  const where = place(task, choice.index);
  try {
    instance.input = choice.input ?? inputOf(state, task, choice.index);
  } catch (error) {
    return emit({ type: "TaskFailed", at, ...where, error: describeFailure(error) });
  }
  const { agent, assignment } = choice;
  emit({
    type: "AttemptStarted",
    at,
    ...where,
    attempt: instance.attempt + 1,
    agent,
    ...(assignment === undefined ? {} : { assignment }),
    ...(node === undefined ? {} : { node }),
  });
  capacity.take(agent);
}
