/**
 * Work that nobody can do for now: what waits behind it, and when it is given up.
 *
 * @module
 */
import type { Abstention } from "../core/assignment.ts";
import type { Instance, RunState, TaskState } from "./state.ts";

/** Whether another item may be luckier: it is this one's own input that nobody takes. */
export function isOwnFault({ code, excluded }: Abstention): boolean {
  return code === "NOBODY_CAN" && excluded.some((exclusion) => exclusion.code === "INPUT_REFUSED");
}

/**
 * Whether `maxParallel` would not let it start if somebody were there: it is not asked for, and its
 * time to wait does not begin. What waits for a reason that is not its own takes a place.
 */
export function isHeldBack(task: TaskState, index: number): boolean {
  const { plan, running, deferred, instances } = task;
  const { maxParallel = Infinity } = plan.spec;
  if (running + deferred.size < maxParallel) return false;
  const waiting = new Set<number>();
  for (const member of deferred) {
    const instance = instances[member]!;
    // One that waits for its fallback, or judge, waits for nobody whom others ask for.
    if (instance.fallback !== null || isOwnFault(instance.deferred!.why)) continue;
    waiting.add(workOf(instance, member));
  }
  // Contenders for one piece of work wait together.
  return running + waiting.size >= maxParallel && !waiting.has(workOf(instances[index]!, index));
}

/**
 * Whether the run itself does not let it start: it is not given up then, for somebody may be there.
 * As soon as the run has room, it is asked for, and begins or is given up.
 */
export function isHeldUp({ isHeldUp, isPaused, running, plan }: RunState): boolean {
  return isHeldUp || isPaused || running >= plan.definition.concurrency;
}

/** When those that wait with it are given up; `null` where none does. */
export function sharedGiveUpAt(task: TaskState, index: number): number | null {
  const { plan, deferred, instances, giveUpAt } = task;
  if (plan.spec.maxParallel === undefined) return giveUpAt;
  const { contestOf } = instances[index]!;
  if (contestOf === null) return null;
  for (const member of deferred) {
    if (instances[member]!.contestOf === contestOf) return instances[member]!.deferred!.giveUpAt;
  }
  return null;
}

function workOf({ contestOf }: Instance, index: number): number {
  return contestOf ?? index;
}
