/**
 * What should be going on for a run right now. Level-triggered: after a restart, a failover or a
 * lost message the answer is the same, and whoever acts on it needs no memory of its own.
 *
 * @module
 */
import { isStopping } from "./bindings.ts";
import type { RunState } from "./state.ts";
import { hasEnded } from "./status.ts";

/** An attempt that should be in flight. */
export interface WantedAttempt {
  task: string;
  index: number;
  attempt: number;
  agent: string;
  /** Node that does it, as `name/boot`; `null` where it cannot be adopted. */
  node: string | null;
  /** The run is being stopped: ask the attempt to end, then end it. */
  isStopping: boolean;
}

/** The attempts that should be in flight; any other attempt of this run is to be stopped. */
export function wantedAttempts(state: RunState): WantedAttempt[] {
  if (state.running === 0) return [];
  const wanted: WantedAttempt[] = [];
  for (const task of state.tasks) {
    if (task.running === 0) continue;
    const isEnding = isStopping(state, task);
    for (const [index, instance] of task.instances.entries()) {
      if (instance.status !== "running") continue;
      const { attempt, agent, node } = instance;
      const { id } = task.plan.spec;
      wanted.push({ task: id, index, attempt, agent: agent!, node, isStopping: isEnding });
    }
  }
  return wanted;
}

/** An auction whose bids should be being asked for. */
export interface WantedAuction {
  task: string;
  index: number;
  /** Attempt that is auctioned. */
  attempt: number;
  capability: string;
  agents: readonly string[];
  /** No bid counts after it, in epoch milliseconds. */
  closesAt: number;
}

/** The auctions that are open; the bids for any other are of no use. Input: `inputOf()`. */
export function wantedAuctions(state: RunState): WantedAuction[] {
  const wanted: WantedAuction[] = [];
  for (const { bidding, instances, plan: { spec } } of state.tasks) {
    for (const index of bidding) {
      const { attempt, agents, closesAt } = instances[index]!.auction!;
      const { capability } = spec.target as { capability: string };
      wanted.push({ task: spec.id, index, attempt, capability, agents, closesAt });
    }
  }
  return wanted;
}

/** When the run next wants `FireTimers` (epoch ms), or `null`. May name an instant that proves idle. */
export function nextWakeAt(state: RunState): number | null {
  return hasEnded(state.status) ? null : state.timers.peek()?.at ?? null;
}

/** Whether a `StartAttempts` could start something, given room. */
export function hasReadyWork(state: RunState): boolean {
  if (state.isPaused || hasEnded(state.status)) return false;
  if (state.running >= state.plan.definition.concurrency) return false;
  for (const lane of state.lanes.values()) if (lane.size > 0) return true;
  return false;
}
