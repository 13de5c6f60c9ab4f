/**
 * What several events do to an instance, and to the counts that its task keeps of it.
 *
 * @module
 */
import {
  type AttemptStatus,
  countNone,
  createLiveInstance,
  instanceAt,
  type LiveInstance,
  type LiveRun,
  type LiveTask,
  membersOf,
  standOf,
} from "./live_run.ts";

/** The piece of work that an event is about; `undefined` when it is not known. */
export function find(task: LiveTask, event: { index?: number }): LiveInstance | undefined {
  return instanceAt(task, event.index ?? 0);
}

/** Open, but without an attempt in flight, and nobody contends for it. */
export function isIdle({ status, contest }: LiveInstance): boolean {
  return contest === null && (status === "ready" || status === "waiting");
}

/** Not ended, whoever does it. */
export function isOpen({ status }: LiveInstance): boolean {
  return status === "running" || status === "ready" || status === "waiting";
}

/** Counts the instances anew. */
export function recount(task: LiveTask): void {
  task.counts = countNone();
  for (const instance of task.instances) task.counts[standOf(instance)]++;
}

/** Changes an instance, and what its task counts. */
export function change(
  task: LiveTask,
  instance: LiveInstance,
  changes: Partial<Pick<LiveInstance, "status" | "contest">>,
): void {
  const before = standOf(instance);
  Object.assign(instance, changes);
  if (instance.contestOf !== null) return;
  task.counts[before]--;
  task.counts[standOf(instance)]++;
}

export function closeSpan(instance: LiveInstance, status: AttemptStatus, at: number): void {
  const { span } = instance;
  if (span === null) return;
  span.status = status;
  span.finishedAt = at;
  instance.span = null;
}

export function endAttempt(
  run: LiveRun,
  task: LiveTask,
  instance: LiveInstance,
  status: LiveInstance["status"],
): void {
  if (instance.status === "running") run.running--;
  change(task, instance, { status });
}

/** Nobody looks for an agent for it any more. */
export function stopAsking(task: LiveTask, index: number, instance: LiveInstance): void {
  instance.deferred = null;
  instance.auction = null;
  task.deferred.delete(index);
}

/** Somebody contends for an instance, or will judge. */
export function addContender(task: LiveTask, member: number, contestOf: number): LiveInstance {
  const contender = { ...createLiveInstance(task.attemptsBefore), contestOf };
  task.contenders[member - task.instances.length] = contender;
  return contender;
}

/** The instance has ended, and with it whoever contends for it. */
export function closeInstance(
  run: LiveRun,
  task: LiveTask,
  index: number,
  { status, at }: { status: "completed" | "failed" | "cancelled"; at: number },
): void {
  const instance = instanceAt(task, index)!;
  stopAsking(task, index, instance);
  closeSpan(instance, status, at);
  endAttempt(run, task, instance, status);
  instance.finishedAt = at;
  if (instance.contestOf === null) task.open--;
  closeContest(run, task, index, at);
}

/** Its contenders have nothing to do any more. */
export function closeContest(
  run: LiveRun,
  task: LiveTask,
  index: number,
  at: number,
  which: (instance: LiveInstance) => boolean = isOpen,
): void {
  const first = task.instances[index]?.contest?.first ?? 0;
  for (const [place, member] of membersOf(task, index).entries()) {
    if (which(member)) closeInstance(run, task, first + place, { status: "cancelled", at });
  }
}

export function giveUpInstances(
  run: LiveRun,
  task: LiveTask,
  at: number,
  which: (instance: LiveInstance) => boolean,
): void {
  const count = task.instances.length + task.contenders.length;
  for (let index = 0; index < count; index++) {
    if (which(instanceAt(task, index)!)) {
      closeInstance(run, task, index, { status: "cancelled", at });
    }
  }
}
