import { balance, leastLoaded } from "./balance.ts";
import type { ElectionAction } from "./messages.ts";
import {
  BLIND_HEARTBEATS,
  canTake,
  dueAt,
  type ElectionState,
  type PartitionState,
} from "./state.ts";

/** Heartbeats of a node that is given something must have been seen so lately. */
const FRESH_HEARTBEATS = 3;

/**
 * Claims what is free or held by nobody that lives, as a look asked for at `askedAt` has confirmed.
 * Partitions go to the node with the fewest, as every node reckons for itself; what another one
 * should have taken and did not is claimed a time-out later.
 */
export function campaign(state: ElectionState, askedAt: number, actions: ElectionAction[]): void {
  if (state.isDraining || !hasWritten(state)) return;
  const { nodeId, electionTimeoutMs } = state.settings;
  const loads = loadsOf(state);
  for (const one of state.partitions) {
    const isOpen = one.stand === "follower" || one.stand === "candidate";
    const due = dueAt(state, one);
    if (!isOpen || due > askedAt) continue;
    const taker = one.heir === nodeId ? nodeId : leastLoaded(loads, takersOf(state, one))!;
    loads.set(taker, (loads.get(taker) ?? 0) + 1);
    const isLate = Math.max(due, one.seenAt) + electionTimeoutMs <= askedAt;
    if (taker === nodeId || isLate) claim(state, one, actions);
  }
}

/** Pre-campaign check: who cannot write heartbeats must not depose others for the same reason. */
function hasWritten(state: ElectionState): boolean {
  const { beatConfirmedAt, isSuspended, settings, at } = state;
  return !isSuspended && at - beatConfirmedAt <= BLIND_HEARTBEATS * settings.heartbeatMs;
}

/** Who may take it: for what a dead node held, not one that has only just come. */
function takersOf(state: ElectionState, one: PartitionState): string[] {
  const ageMs = one.holder === null ? 0 : state.settings.electionTimeoutMs;
  // An heir that did not come for it is not waited for once more.
  return [
    state.settings.nodeId,
    ...othersThatTake(state, ageMs).filter((nodeId) => nodeId !== one.heir),
  ];
}

function othersThatTake(state: ElectionState, ageMs: number): string[] {
  const { heartbeatMs, nodeId } = state.settings;
  const fresh = FRESH_HEARTBEATS * heartbeatMs;
  return Object.values(state.watches)
    .filter((watch) => watch.isListed && !watch.isGone && watch.status === "up")
    .filter((watch) => state.at - watch.firstSeenAt >= ageMs)
    .filter((watch) => state.at - watch.changedAt <= fresh && watch.nodeId !== nodeId)
    .map((watch) => watch.nodeId);
}

function claim(state: ElectionState, one: PartitionState, actions: ElectionAction[]): void {
  // After a claim without an answer the rival is still the one from before it.
  const isAgain = one.holderNodeId === state.settings.nodeId && one.unknownTerm === one.term;
  if (!isAgain) one.rival = rivalOf(state, one);
  one.stand = "claiming";
  one.ownTerm = one.term + 1;
  one.unknownTerm = null;
  one.clearAt = null;
  actions.push({ type: "claim", partition: one.partition, seenTerm: one.term });
}

function rivalOf(state: ElectionState, one: PartitionState): PartitionState["rival"] {
  const watch = one.holder === null ? undefined : state.watches[one.holder];
  if (watch === undefined) return null;
  return { holder: one.holder!, boot: watch.boot, beat: watch.beat };
}

/** Gives partitions to nodes that lead fewer, once every partition is led by a node that lives. */
export function handOverSurplus(state: ElectionState, actions: ElectionAction[]): void {
  if (state.isDraining || state.isSuspended) return;
  if (!state.partitions.every((one) => isSettled(state, one))) return;
  const { nodeId, electionTimeoutMs } = state.settings;
  const takers = [nodeId, ...othersThatTake(state, electionTimeoutMs)];
  const loads = loadsOf(state);
  for (const taker of takers) loads.set(taker, loads.get(taker) ?? 0);
  const heirs = balance(loads, takers).filter(({ from }) => from === nodeId).map(({ to }) => to);
  for (const one of state.partitions.toReversed()) {
    if (one.stand !== "leading" || heirs.length === 0) continue;
    handOver(one, heirs.shift()!, actions);
  }
}

function isSettled(state: ElectionState, one: PartitionState): boolean {
  if (one.stand === "leading" || one.stand === "handingOver") return true;
  const watch = one.holder === null ? undefined : state.watches[one.holder];
  return watch !== undefined && watch.isListed && !watch.isGone &&
    watch.nodeId !== state.settings.nodeId;
}

/** Gives one partition to the node with the fewest, to nobody when this one is alone. */
export function handOverOne(
  state: ElectionState,
  one: PartitionState,
  actions: ElectionAction[],
): void {
  handOver(one, leastLoaded(loadsOf(state), othersThatTake(state, 0)), actions);
}

function handOver(one: PartitionState, heir: string | null, actions: ElectionAction[]): void {
  one.stand = "handingOver";
  one.heir = heir;
  actions.push({ type: "handOver", partition: one.partition, term: one.ownTerm, heir });
}

/** Partitions by the node that leads them or is about to; without those of nodes that are gone. */
function loadsOf(state: ElectionState): Map<string, number> {
  const loads = new Map<string, number>();
  for (const one of state.partitions) {
    const nodeId = takerOf(state, one);
    if (nodeId !== null) loads.set(nodeId, (loads.get(nodeId) ?? 0) + 1);
  }
  return loads;
}

function takerOf(state: ElectionState, one: PartitionState): string | null {
  if (one.stand === "claiming" || one.stand === "won" || one.stand === "leading") {
    return state.settings.nodeId;
  }
  if (one.stand === "handingOver") return one.heir;
  if (one.holder !== null) {
    const watch = state.watches[one.holder];
    return watch === undefined || watch.isGone ? null : watch.nodeId;
  }
  return one.heir !== null && canTake(state, one.heir) ? one.heir : null;
}
