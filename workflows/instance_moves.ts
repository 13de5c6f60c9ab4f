/**
 * What several events do to an instance, and to the counts that its task keeps of it.
 *
 * @module
 */
import { enqueue } from "./lanes.ts";
import type { Instance, RunState, TaskState } from "./state.ts";

/** The plain task, or the items: contenders left out. */
export function itemInstances({ instances, count }: TaskState): Instance[] {
  return instances.length === count ? instances : instances.slice(0, count);
}

/** Open, but without an attempt in flight, and nobody contends for it. */
export function isIdle({ status, contest }: Instance): boolean {
  return contest === null && (status === "ready" || status === "waiting");
}

/** Not ended, whoever does it. */
export function isOpen({ status }: Instance): boolean {
  return status === "running" || status === "ready" || status === "waiting";
}

/** It begins with the first that was never tried. */
export function passFresh(task: TaskState, index: number): void {
  if (index < task.count && index >= task.nextFresh) task.nextFresh = index + 1;
}

export function tryAgainAt(state: RunState, task: TaskState, index: number, at: number): void {
  task.instances[index]!.notBeforeAt = at;
  state.timers.push({ at, kind: "again", position: task.plan.position, index });
}

export function endAttempt(
  state: RunState,
  task: TaskState,
  instance: Instance,
  status: Instance["status"],
): void {
  if (instance.status === "running") {
    task.running--;
    state.running--;
  }
  instance.status = status;
  enqueue(state, task);
}

/** Nobody looks for an agent for it any more. */
export function stopAsking(task: TaskState, index: number): void {
  const instance = task.instances[index]!;
  instance.deferred = null;
  instance.auction = null;
  task.deferred.delete(index);
  task.bidding.delete(index);
}

/** The instance has ended, and with it whoever contends for it. */
export function closeInstance(
  state: RunState,
  task: TaskState,
  index: number,
  end: { status: "completed" | "failed" | "cancelled"; at: number },
): void {
  const instance = task.instances[index]!;
  task.again.delete(index);
  stopAsking(task, index);
  endAttempt(state, task, instance, end.status);
  instance.finishedAt = end.at;
  if (instance.contestOf !== null) state.due.add(task.plan.position);
  else task.open--;
  closeContest(state, task, index, end.at);
}

/** Its contenders have nothing to do any more; what they returned is in the journal. */
export function closeContest(state: RunState, task: TaskState, index: number, at: number): void {
  if (!task.contested.delete(index)) return;
  for (const member of membersOf(task, index)) {
    const instance = task.instances[member]!;
    if (isOpen(instance)) closeInstance(state, task, member, { status: "cancelled", at });
    instance.output = instance.steps = null;
  }
}

/** Indexes of the contenders, and of who judges or merges, where somebody does. */
export function membersOf(task: TaskState, index: number): number[] {
  const { first, of } = task.instances[index]!.contest!;
  const hasJudge = task.instances[first + of]?.contestOf === index;
  return Array.from({ length: hasJudge ? of + 1 : of }, (_, at) => first + at);
}

export function giveUpInstances(
  state: RunState,
  task: TaskState,
  at: number,
  which: (instance: Instance) => boolean,
): void {
  for (const [index, instance] of task.instances.entries()) {
    if (which(instance)) closeInstance(state, task, index, { status: "cancelled", at });
  }
}
