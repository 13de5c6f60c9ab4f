/**
 * What should be going on for a supervision tree right now. Level-triggered: whoever acts on it
 * needs no memory but of what it has in flight, by incarnation.
 *
 * @module
 */
import type { Ending } from "./events.ts";
import type { Shutdown } from "./specification.ts";
import type { ActorNode, SupervisionState, SupervisorNode, TreeNode } from "./state.ts";

/** Something to be done about one instance of an actor. `incarnation` is unique in the tree. */
interface EffectBase {
  id: string;
  /** Ids from the root to the actor. */
  path: string[];
  /** Name of the actor's definition. */
  actor: string;
  key: string;
  incarnation: number;
}

/** Start the actor, then report that it started, or that it failed to. */
export interface StartEffect extends EffectBase {
  type: "start";
}

/** Ask the actor to stop, kill it when it has not by `killAt`, then report that it exited. */
export interface StopEffect extends EffectBase {
  type: "stop";
  shutdownMs: Shutdown;
  /** Epoch milliseconds; `null` for never. Also an instant that has passed. May become earlier. */
  killAt: number | null;
}

/** What should be in flight. */
export type SupervisionEffect = StartEffect | StopEffect;

/** All that a runtime has to act on. */
export interface Wanted {
  /** In the order in which they came up. */
  effects: SupervisionEffect[];
  /** When the tree wants `FireTimers` (epoch ms), or `null`. */
  wakeAt: number | null;
  /** Set once the tree has ended, however it did. */
  ending: Ending | null;
}

/** What should be in flight; an instance that it does not name is left as it is. */
export function wanted(state: SupervisionState): Wanted {
  return {
    effects: [...state.changing].map(effectOf),
    wakeAt: nextWakeAt(state),
    ending: state.ending,
  };
}

function effectOf(node: ActorNode): SupervisionEffect {
  const { id, incarnation, spec: { actor, key, shutdownMs } } = node;
  const base = { id, path: pathOf(node), actor, key, incarnation };
  if (node.status === "starting") return { type: "start", ...base };
  return { type: "stop", ...base, shutdownMs, killAt: killAtOf(node) };
}

/** Ids from the root to the node. */
export function pathOf(node: TreeNode): string[] {
  return node.parent === null ? [node.id] : [...pathOf(node.parent), node.id];
}

/** A supervisor that is stopped within a time takes all below it down within that time. */
function killAtOf(node: TreeNode): number | null {
  const above = node.parent === null ? null : killAtOf(node.parent);
  if (above === null || node.killAt === null) return above ?? node.killAt;
  return Math.min(above, node.killAt);
}

/** When the next child is due that its supervisor is free to start (epoch ms), or `null`. */
function nextWakeAt(state: SupervisionState): number | null {
  let wakeAt: number | null = null;
  for (const supervisor of state.waiting) {
    if (!isWaitingForTime(supervisor)) continue;
    for (const { startAt } of supervisor.waiting) {
      if (wakeAt === null || startAt! < wakeAt) wakeAt = startAt;
    }
  }
  return wakeAt;
}

function isWaitingForTime({ status, busyWith }: SupervisorNode): boolean {
  return status === "running" && busyWith === null;
}
