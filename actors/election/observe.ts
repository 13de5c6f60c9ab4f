import type { Term } from "../../core/ports.ts";
import type { ElectionAction, ElectionInput, SeenMember } from "./messages.ts";
import { BLIND_HEARTBEATS, type ElectionState, keyOf, type PartitionState } from "./state.ts";
import { stepDown } from "./step_down.ts";

type Seen = Extract<ElectionInput, { type: "seen" }>;

/** Takes in what a look showed: who has moved since, and who holds which term. */
export function observe(seen: Seen, state: ElectionState, actions: ElectionAction[]): void {
  if (isBlind(state, state.lookedAt, seen.at)) watchAnew(state, seen.at);
  state.lookAskedAt = seen.askedAt;
  state.lookedAt = seen.at;
  noteNamesakes(seen, state, actions);
  observeMembers(seen, state);
  for (const term of seen.terms) {
    const known = state.partitions[term.partition];
    if (known !== undefined) observeTerm(term, known, seen, state, actions);
  }
  forgetWatches(state);
  for (const watch of Object.values(state.watches)) {
    // A look that was asked for earlier may have missed the heartbeat.
    if (seen.askedAt >= watch.changedAt + watch.timeoutMs) watch.isGone = true;
  }
}

/** Whether so much time went by without news that nothing follows from it. */
export function isBlind(state: ElectionState, lastAt: number, at: number): boolean {
  return lastAt >= 0 && at - lastAt > BLIND_HEARTBEATS * state.settings.heartbeatMs;
}

/** Silence that was not observed is no silence: an outage of the store makes nobody gone. */
export function watchAnew(state: ElectionState, at: number): void {
  for (const watch of Object.values(state.watches)) watch.changedAt = at;
  for (const one of state.partitions) one.seenAt = at;
}

/**
 * In `[T, 1.5T)`. Raft draws from `[T, 2T)` (§3.4) lest votes be split. A claim is never split: the
 * draw only keeps nodes from claiming in the same instant, and half of that range does.
 */
function drawTimeout(state: ElectionState, random: number): number {
  return state.settings.electionTimeoutMs * (1 + random / 2);
}

/**
 * Two processes under one name: the one that was there first gives way, once it has seen two
 * heartbeats of the other. A single one may have come late from a process that is gone.
 */
function noteNamesakes(seen: Seen, state: ElectionState, actions: ElectionAction[]): void {
  const { nodeId, boot } = state.settings;
  const others = seen.members.filter((one) => one.nodeId === nodeId && one.boot !== boot);
  state.predecessors ??= others.map((one) => one.boot);
  const { predecessors, namesake } = state;
  for (const other of others) {
    if (predecessors.includes(other.boot)) continue;
    state.namesake = { boot: other.boot, beat: other.beat };
    if (namesake?.boot === other.boot && namesake.beat !== other.beat) state.isReplaced = true;
  }
  if (!state.isReplaced) return;
  for (const one of state.partitions) stepDown(one, "deposed", actions);
}

function observeMembers(seen: Seen, state: ElectionState): void {
  for (const watch of Object.values(state.watches)) watch.isListed = false;
  const { nodeId, boot } = state.settings;
  for (const member of seen.members) {
    if (member.nodeId !== nodeId || member.boot !== boot) observeMember(member, seen, state);
  }
}

function observeMember(member: SeenMember, { at, random }: Seen, state: ElectionState): void {
  const { nodeId, boot, beat, status } = member;
  const key = keyOf(member.holder);
  const known = state.watches[key];
  if (known?.boot === boot && known.beat === beat) {
    known.isListed = true;
    return;
  }
  const firstSeenAt = known?.boot === boot ? known.firstSeenAt : at;
  const timeoutMs = drawTimeout(state, random);
  state.watches[key] = {
    nodeId,
    boot,
    beat,
    status,
    firstSeenAt,
    changedAt: at,
    timeoutMs,
    isGone: false,
    isListed: true,
  };
}

function observeTerm(
  seen: Term,
  one: PartitionState,
  look: Seen,
  state: ElectionState,
  actions: ElectionAction[],
): void {
  // The look was asked for before the own claim was done.
  if (seen.term < one.term) return;
  const isOwn = one.stand === "won" || one.stand === "leading" || one.stand === "handingOver";
  if (isOwn && seen.term === one.ownTerm) {
    if (seen.holder !== null || one.stand === "handingOver") return;
  }
  if (isOwn) stepDown(one, "deposed", actions);
  const holder = seen.holder === null ? null : keyOf(seen.holder);
  if (seen.term === one.term && holder === one.holder && seen.heir === one.heir) return;
  hastenOthers(one, holder, state);
  one.term = seen.term;
  one.holder = holder;
  one.holderNodeId = seen.holder?.nodeId ?? null;
  one.heir = seen.heir;
  one.seenAt = look.at;
  if (one.stand === "candidate") one.stand = "follower";
  if (holder !== null && state.watches[holder] === undefined) {
    state.watches[holder] = {
      nodeId: seen.holder!.nodeId,
      boot: null,
      beat: 0,
      status: "up",
      firstSeenAt: look.at,
      changedAt: look.at,
      timeoutMs: drawTimeout(state, look.random),
      isGone: false,
      isListed: false,
    };
  }
}

/**
 * Another node has taken one of the holder's partitions, so it may well be gone: the random part of
 * the wait has served its end, the rest of its partitions need not wait for it.
 */
function hastenOthers(one: PartitionState, holder: string | null, state: ElectionState): void {
  if (one.holder === null || holder === null || holder === one.holder) return;
  const watch = state.watches[one.holder];
  if (watch !== undefined) watch.timeoutMs = state.settings.electionTimeoutMs;
}

function forgetWatches(state: ElectionState): void {
  const holders = new Set(state.partitions.map((one) => one.holder));
  for (const [key, watch] of Object.entries(state.watches)) {
    if (!watch.isListed && !holders.has(key)) delete state.watches[key];
  }
}
