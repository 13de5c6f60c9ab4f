/**
 * What the contenders of one piece of work have brought.
 *
 * @module
 */
import { canonicalJson, type Json } from "../core/json.ts";
import type { Instance, RunState, TaskState } from "./state.ts";

/** Indexes of the contenders, in order. */
export function contendersOf(task: TaskState, index: number): number[] {
  const { first, of } = task.instances[index]!.contest!;
  return Array.from({ length: of }, (_, at) => first + at);
}

/** Indexes of the contenders that have a result. */
export function finishersOf(task: TaskState, index: number): number[] {
  return contendersOf(task, index)
    .filter((member) => task.instances[member]!.status === "completed");
}

/** Indexes of contenders that returned the same, the largest group first. */
export function tally(task: TaskState, finishers: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const member of finishers) {
    const key = canonicalJson(task.instances[member]!.output);
    groups.getOrInsertComputed(key, () => []).push(member);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** The one whose agent was expected to do best when it was chosen; then by name. */
export function likeliest(task: TaskState, members: readonly number[]): number {
  const of = (member: number) => task.instances[member]!;
  return [...members].sort((a, b) =>
    expected(of(b)) - expected(of(a)) || (of(a).agent! < of(b).agent! ? -1 : 1)
  )[0]!;
}

function expected({ assignment }: Instance): number {
  return assignment?.candidates[0]?.success ?? 0;
}

/** The finishers in an order that tells nothing of who they are: the same for the same work. */
export function blindOrder(state: RunState, task: TaskState, index: number): number[] {
  const keyOf = (member: number) =>
    mix(`${state.runId}/${task.plan.spec.id}/${index}/${member}/${state.runAttempt}`);
  return finishersOf(task, index).sort((a, b) => keyOf(a) - keyOf(b) || a - b);
}

/** What who judges or merges is told: results by number, from 1, without names. */
export function blindResults(state: RunState, task: TaskState, index: number): Json {
  return blindOrder(state, task, index).map((member, at) => ({
    contender: at + 1,
    output: task.instances[member]!.output,
  }));
}

/** FNV-1a (G. Fowler, L. Noll, K. Vo), its bits mixed as in MurmurHash3 (A. Appleby). */
function mix(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
