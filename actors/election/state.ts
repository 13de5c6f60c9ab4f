import type { Holder } from "../../core/ports.ts";
import type { ElectionSettings } from "./messages.ts";

/**
 * Share of the election time-out for which a heartbeat vouches for its sender, counted from the
 * instant at which it was sent. Others wait a whole time-out, counted from the instant at which they
 * saw it. So clocks may run up to a ninth too slow or too fast: `0.8 / (1 - 1/9) = 1 / (1 + 1/9)`.
 */
export const LEASE_SHARE = 0.8;
/** Whoever could not read or write for so many heartbeats knows nothing about the others. */
export const BLIND_HEARTBEATS = 2;
/** A node that could not lead a partition leaves it alone: twice as long each time, up to this. */
export const SURRENDER_TIMEOUTS_MAX = 32;

/** What this node knows of another process, by its own clock. */
export interface Watch {
  nodeId: string;
  /** `null` for a process that leads something and has no member record. */
  boot: string | null;
  beat: number;
  status: "up" | "draining";
  firstSeenAt: number;
  /** When the last change of its heartbeat was seen. */
  changedAt: number;
  /** It is gone when the heartbeat has not changed for so long. */
  timeoutMs: number;
  isGone: boolean;
  /** It has a member record now. */
  isListed: boolean;
}

/**
 * Where this node stands in a partition. `candidate`: it may be free to take, look once more;
 * `claiming`: the claim is under way; `won`: the claim succeeded, the leader before may not have
 * noticed yet; `leading`; `handingOver`: it stops, then releases.
 */
export type Stand = "follower" | "candidate" | "claiming" | "won" | "leading" | "handingOver";

/** One partition as this node knows it. */
export interface PartitionState {
  partition: number;
  /** 0: nobody ever led it. */
  term: number;
  /** Who holds the term, as `keyOf` names it; `null`: nobody. */
  holder: string | null;
  holderNodeId: string | null;
  heir: string | null;
  /** When this term and holder were seen first. */
  seenAt: number;
  stand: Stand;
  /** Term of the own claim, while the stand is `claiming` or further. */
  ownTerm: number;
  /** A claim for this term was not answered. */
  unknownTerm: number | null;
  /** The leader that a claim deposed, with its last heartbeat that was known then. */
  rival: { holder: string; boot: string | null; beat: number } | null;
  wonAt: number;
  /** `won`: at this instant the leader before has noticed, whatever it does. */
  clearAt: number | null;
  /** No claim before this instant. */
  retryAt: number;
  /** For how long the last surrender kept this node from claiming it again. */
  surrenderedMs: number;
}

/** One node's part in the election: plain data. */
export interface ElectionState {
  settings: ElectionSettings;
  /** Of the last input. */
  at: number;
  isDraining: boolean;
  /** Another process works under this node's name: it is the younger one. */
  isReplaced: boolean;
  /** Boots of this node that were there before it: `null` until it has looked once. */
  predecessors: string[] | null;
  /** The last heartbeat of another, younger process under this node's name. */
  namesake: { boot: string; beat: number } | null;
  nextBeatAt: number;
  nextLookAt: number;
  /** Of the youngest heartbeat that was confirmed; -1 before. */
  beatSentAt: number;
  beatConfirmedAt: number;
  /** Since when heartbeats were confirmed without a lapse; `null` while they are not. */
  chainFrom: number | null;
  /** Of the youngest look that was answered; -1 before. */
  lookAskedAt: number;
  lookedAt: number;
  isSuspended: boolean;
  /** By `keyOf` of the process. */
  watches: Record<string, Watch>;
  partitions: PartitionState[];
}

/** A node that has not looked yet. `at`: its monotonic clock, in milliseconds, here and everywhere. */
export function createElection(settings: ElectionSettings, at: number): ElectionState {
  const partitions = Array.from({ length: settings.partitions }, (_, partition) => ({
    partition,
    term: 0,
    holder: null,
    holderNodeId: null,
    heir: null,
    seenAt: at,
    stand: "follower" as const,
    ownTerm: 0,
    unknownTerm: null,
    rival: null,
    wonAt: at,
    clearAt: null,
    retryAt: at,
    surrenderedMs: 0,
  }));
  return {
    settings,
    at,
    isDraining: false,
    isReplaced: false,
    predecessors: null,
    namesake: null,
    nextBeatAt: Infinity,
    nextLookAt: at,
    beatSentAt: -1,
    beatConfirmedAt: -1,
    chainFrom: null,
    lookAskedAt: -1,
    lookedAt: -1,
    isSuspended: true,
    watches: {},
    partitions,
  };
}

/** Names a process: a node that comes back under its name is another one. */
export function keyOf({ nodeId, host, pid, processStart }: Holder): string {
  return JSON.stringify([nodeId, host, pid, processStart]);
}

/**
 * Until when this node's leaderships hold without further news, by its monotonic clock: a lease
 * after its last confirmed heartbeat was sent, and after the last look was asked for that showed its
 * terms in force. `-Infinity` when it has to look first.
 */
export function confirmedUntil(state: ElectionState): number {
  const { chainFrom, lookAskedAt, beatSentAt, settings } = state;
  if (state.isReplaced || chainFrom === null || lookAskedAt < chainFrom) return -Infinity;
  return Math.min(beatSentAt, lookAskedAt) + settings.electionTimeoutMs * LEASE_SHARE;
}

/** Whether this node leads the partition and may start something now. */
export function isConfirmed(state: ElectionState, partition: number, at: number): boolean {
  return state.partitions[partition]?.stand === "leading" && at < confirmedUntil(state);
}

/** Members that live, as `nodeId/boot`; this one included. */
export function living(state: ElectionState, _at: number): ReadonlySet<string> {
  const { nodeId, boot } = state.settings;
  const names = new Set([`${nodeId}/${boot}`]);
  for (const watch of Object.values(state.watches)) {
    if (watch.isListed && !watch.isGone) names.add(`${watch.nodeId}/${watch.boot}`);
  }
  return names;
}

/** When the next `tick` is due, by this node's monotonic clock. */
export function nextTickAt(state: ElectionState): number {
  if (state.isReplaced) return Infinity;
  let next = Math.min(state.nextBeatAt, state.nextLookAt);
  const sooner = (at: number) => {
    if (at > state.at && at < next) next = at;
  };
  if (!state.isSuspended) sooner(confirmedUntil(state));
  for (const one of state.partitions) {
    if (one.stand === "won" && one.clearAt !== null) sooner(one.clearAt);
    if (one.stand === "follower" && !state.isDraining) sooner(dueAt(state, one));
  }
  return next;
}

/** From when on this node may claim the partition, as far as it knows. */
export function dueAt(state: ElectionState, one: PartitionState): number {
  const { nodeId, electionTimeoutMs } = state.settings;
  if (one.holderNodeId === nodeId && one.unknownTerm === one.term) return one.retryAt;
  const watch = one.holder === null ? undefined : state.watches[one.holder];
  if (watch !== undefined) {
    return Math.max(one.retryAt, Math.max(watch.changedAt, one.seenAt) + watch.timeoutMs);
  }
  const isLeft = one.heir !== null && one.heir !== nodeId && canTake(state, one.heir);
  return isLeft ? Math.max(one.retryAt, one.seenAt + electionTimeoutMs) : one.retryAt;
}

/** Whether another node may be given partitions. */
export function canTake(state: ElectionState, nodeId: string): boolean {
  return Object.values(state.watches).some((watch) =>
    watch.nodeId === nodeId && watch.isListed && !watch.isGone && watch.status === "up"
  );
}
