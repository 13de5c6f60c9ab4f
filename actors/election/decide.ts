import { campaign, handOverOne, handOverSurplus } from "./campaign.ts";
import type { ElectionAction, ElectionInput } from "./messages.ts";
import { isBlind, observe, watchAnew } from "./observe.ts";
import {
  confirmedUntil,
  dueAt,
  type ElectionState,
  LEASE_SHARE,
  type PartitionState,
  SURRENDER_TIMEOUTS_MAX,
} from "./state.ts";
import { stepDown } from "./step_down.ts";

/** What a decision changed, and what is to be done. */
export interface ElectionDecision {
  /** The state that was given, changed in place. */
  state: ElectionState;
  /** To be carried out in order; none of them needs to be waited for. */
  actions: ElectionAction[];
}

/**
 * One step of the election; `state` is changed in place.
 *
 * The store's compare-and-set on the term elects (Raft §3.4: one leader in a term); the rest sees
 * to it that the leader before has stopped when the next one starts, as leases do (§6.4.1), without
 * which the fence alone would keep the journal right, but both would send out work for a while.
 *
 * Source: D. Ongaro, "Consensus: Bridging Theory and Practice", Stanford 2014; see
 * `docs/election.md`.
 */
export function decideElection(input: ElectionInput, state: ElectionState): ElectionDecision {
  const actions: ElectionAction[] = [];
  if (state.isReplaced) return { state, actions };
  state.at = input.at;
  suspendIfLapsed(state, actions);
  // Answers may overtake each other; what was asked for earlier shows nothing new.
  const isLate = input.type === "seen" && input.askedAt < state.lookAskedAt;
  if (!isLate) takeIn(input, state, actions);
  resumeIfConfirmed(state, actions);
  leadWhatIsClear(state, actions);
  if (input.type === "seen" && !isLate && !state.isReplaced) {
    campaign(state, input.askedAt, actions);
    handOverSurplus(state, actions);
    if (stand(state)) actions.push({ type: "look" });
  }
  return { state, actions };
}

function takeIn(input: ElectionInput, state: ElectionState, actions: ElectionAction[]): void {
  switch (input.type) {
    case "tick":
      return tick(input, state, actions);
    case "seen":
      return see(input, state, actions);
    case "beatConfirmed":
      return confirmBeat(input, state, actions);
    case "beatFailed":
      return;
    case "drain":
      return drain(state, actions);
    case "claimed":
    case "claimRefused":
    case "claimUnknown":
      return answerClaim(input, state, actions);
    case "fenced":
    case "surrender":
    case "handedOver":
      return endLeadership(input, state, actions);
  }
}

/** The random part keeps the heartbeats of several nodes from falling into step. */
function tick(
  { at, random }: { at: number; random: number },
  state: ElectionState,
  actions: ElectionAction[],
): void {
  const intervalMs = state.settings.heartbeatMs * (0.9 + 0.1 * random);
  if (at >= state.nextBeatAt) {
    state.nextBeatAt = at + intervalMs;
    actions.push({ type: "beat" });
  }
  const mustLook = stand(state);
  if (!mustLook && at < state.nextLookAt) return;
  state.nextLookAt = at + intervalMs;
  actions.push({ type: "look" });
}

/** Stands for what may be free to take; whether there is something new. It looks before it claims. */
function stand(state: ElectionState): boolean {
  if (state.isDraining || state.isSuspended) return false;
  const due = state.partitions.filter((one) =>
    one.stand === "follower" && dueAt(state, one) <= state.at
  );
  for (const one of due) one.stand = "candidate";
  return due.length > 0;
}

function see(
  seen: Extract<ElectionInput, { type: "seen" }>,
  state: ElectionState,
  actions: ElectionAction[],
): void {
  const isFirst = state.predecessors === null;
  observe(seen, state, actions);
  if (isFirst) {
    state.nextBeatAt = seen.at + state.settings.heartbeatMs;
    actions.push({ type: "beat" });
  }
  for (const one of state.partitions) {
    if (one.stand === "won" && seen.askedAt >= one.wonAt) checkRival(state, one);
    if (one.stand === "candidate" && dueAt(state, one) > seen.at) one.stand = "follower";
  }
}

/**
 * Nothing ties the claim to the heartbeat of the leader that it deposed. So the winner looks again:
 * no heartbeat since means that its lease was over before the claim, and it cannot have got another
 * without finding the new term. Otherwise its lease may go on until its next look, and never for
 * longer than one from the claim.
 */
function checkRival(state: ElectionState, one: PartitionState): void {
  const { rival } = one;
  if (rival === null || one.clearAt !== null) return;
  const watch = state.watches[rival.holder];
  const isSilent = watch === undefined || (watch.boot === rival.boot && watch.beat === rival.beat);
  if (isSilent) one.rival = null;
  else one.clearAt = one.wonAt + state.settings.electionTimeoutMs;
}

function confirmBeat(
  { at, sentAt }: { at: number; sentAt: number },
  state: ElectionState,
  actions: ElectionAction[],
): void {
  const leaseMs = state.settings.electionTimeoutMs * LEASE_SHARE;
  if (isBlind(state, state.beatConfirmedAt, at)) watchAnew(state, at);
  if (state.chainFrom === null || at >= state.beatSentAt + leaseMs) {
    // Whoever lapsed may have been deposed: only a look asked for from now on tells.
    state.chainFrom = sentAt + leaseMs > at ? at : null;
    actions.push({ type: "look" });
  }
  state.beatSentAt = Math.max(state.beatSentAt, sentAt);
  state.beatConfirmedAt = at;
}

function answerClaim(
  input: Extract<ElectionInput, { type: "claimed" | "claimRefused" | "claimUnknown" }>,
  state: ElectionState,
  actions: ElectionAction[],
): void {
  const one = state.partitions[input.partition]!;
  if (one.stand !== "claiming") return;
  const { nodeId, heartbeatMs } = state.settings;
  if (input.type !== "claimed") {
    one.stand = "follower";
    one.retryAt = input.at + heartbeatMs;
    if (input.type === "claimUnknown") one.unknownTerm = one.ownTerm;
    actions.push({ type: "look" });
    return;
  }
  // A look that was answered before the claim was may have shown that it is lost already.
  if (input.term !== one.ownTerm || one.term > one.ownTerm) {
    one.stand = "follower";
    return;
  }
  one.stand = "won";
  one.wonAt = one.seenAt = input.at;
  one.term = one.ownTerm;
  one.holder = one.heir = null;
  one.holderNodeId = nodeId;
  if (one.rival !== null) actions.push({ type: "look" });
}

function endLeadership(
  input: Extract<ElectionInput, { type: "fenced" | "surrender" | "handedOver" }>,
  state: ElectionState,
  actions: ElectionAction[],
): void {
  const one = state.partitions[input.partition]!;
  const isHeld = one.stand === "won" || one.stand === "leading" || one.stand === "handingOver";
  if (!isHeld || input.term !== one.ownTerm) return;
  const { electionTimeoutMs } = state.settings;
  if (input.type === "surrender") {
    keepAway(one, input.at, electionTimeoutMs);
    if (one.stand === "leading") handOverOne(state, one, actions);
  } else if (input.type === "fenced") {
    one.retryAt = input.at + electionTimeoutMs;
    stepDown(one, "fenced", actions);
    actions.push({ type: "look" });
  } else {
    one.stand = "follower";
    one.holder = one.holderNodeId = null;
    one.seenAt = input.at;
  }
}

/** Whoever could not lead for long will most likely fail again. */
function keepAway(one: PartitionState, at: number, electionTimeoutMs: number): void {
  const longestMs = SURRENDER_TIMEOUTS_MAX * electionTimeoutMs;
  const isRepeated = at - one.wonAt < longestMs && one.surrenderedMs > 0;
  one.surrenderedMs = isRepeated ? Math.min(2 * one.surrenderedMs, longestMs) : electionTimeoutMs;
  one.retryAt = at + one.surrenderedMs;
}

function drain(state: ElectionState, actions: ElectionAction[]): void {
  if (state.isDraining) return;
  state.isDraining = true;
  actions.push({ type: "beat" });
  for (const one of state.partitions) {
    if (one.stand === "leading") handOverOne(state, one, actions);
    if (one.stand === "candidate") one.stand = "follower";
  }
}

function suspendIfLapsed(state: ElectionState, actions: ElectionAction[]): void {
  if (state.isSuspended || state.at < confirmedUntil(state)) return;
  state.isSuspended = true;
  tellLeaderships("suspend", state, actions);
}

function resumeIfConfirmed(state: ElectionState, actions: ElectionAction[]): void {
  if (!state.isSuspended || state.at >= confirmedUntil(state)) return;
  state.isSuspended = false;
  tellLeaderships("resume", state, actions);
}

function tellLeaderships(
  type: "suspend" | "resume",
  state: ElectionState,
  actions: ElectionAction[],
): void {
  for (const one of state.partitions) {
    if (one.stand !== "leading") continue;
    actions.push({ type, partition: one.partition, term: one.ownTerm });
  }
}

function leadWhatIsClear(state: ElectionState, actions: ElectionAction[]): void {
  if (state.isSuspended) return;
  for (const one of state.partitions) {
    const isClear = one.rival === null || (one.clearAt !== null && state.at >= one.clearAt);
    if (one.stand !== "won" || !isClear) continue;
    one.rival = one.clearAt = null;
    one.stand = "leading";
    if (state.isDraining) handOverOne(state, one, actions);
    else actions.push({ type: "lead", partition: one.partition, term: one.ownTerm });
  }
}
