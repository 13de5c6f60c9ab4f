/**
 * Who receives what is published: every subscription without a group, and one of each group.
 *
 * @module
 */
import type { ErrorData } from "../../core/errors.ts";
import { isMessageType, isTagList, type Lane } from "../messages/mod.ts";
import { isTopicPattern } from "./pattern.ts";
import { chooseMember } from "./rendezvous.ts";
import { TopicTrie } from "./topic_trie.ts";

/** What a message of a subscription is called when the subscription does not say. */
export const EVENT_TYPE = "event";

/** One receiver's wish for the messages of topics. */
export interface Subscription {
  /** Given by the node, so that nobody can name another's subscription. */
  id: string;
  /** Of topics; see {@linkcode isTopicPattern}. */
  pattern: string;
  /** The receiver's address. */
  to: string;
  /** The type that the message has for the receiver. */
  message: string;
  /** Subscriptions of one group share the messages; `null`: gets all. */
  group: string | null;
  /** Only messages with one of these tags at least. */
  tags?: string[];
  /** The lane of the message, instead of that of the publisher. */
  lane?: Lane;
}

/** How many subscriptions may stand at once. */
export interface SubscriptionLimits {
  /** In the actor system. */
  systemMax: number;
  /** For one receiver. */
  addressMax: number;
}

export const SUBSCRIPTION_LIMITS: SubscriptionLimits = { systemMax: 10_000, addressMax: 1_000 };

/** How one of a group is picked. */
export interface GroupPick {
  /** Whether the receiver can take messages. It is asked for members of groups only. */
  isAvailable(to: string): boolean;
  /** Messages with the same value go to the same member. Left out: the members take turns. */
  partitionBy?: string;
}

/** The subscriptions of one actor system, found by topic. Owned state; no clock, no effect. */
export class Subscriptions {
  readonly #limits: SubscriptionLimits;
  readonly #byId = new Map<string, Subscription>();
  readonly #byPattern = new TopicTrie<Subscription>();
  readonly #idsByAddress = new Map<string, Set<string>>();
  /** When each member of a group was picked last, by subscription id: counts picks, not time. */
  readonly #pickedAt = new Map<string, number>();
  #picks = 0;

  constructor(limits: SubscriptionLimits = SUBSCRIPTION_LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** All, in the order in which they came. */
  list(): Subscription[] {
    return [...this.#byId.values()];
  }

  /**
   * Adds a subscription, or puts it in the place of the receiver's own one with the same id.
   *
   * @returns `null`, or why not: `INVALID_SUBSCRIPTION`, `TOO_MANY_SUBSCRIPTIONS`
   */
  add(subscription: Subscription): ErrorData | null {
    const before = this.#byId.get(subscription.id);
    const refusal = this.#findRefusal(subscription, before);
    if (refusal !== null) return refusal;
    if (before !== undefined) this.remove(before.id);
    this.#byId.set(subscription.id, subscription);
    this.#byPattern.add(subscription.pattern, subscription);
    const ids = this.#idsByAddress.get(subscription.to);
    if (ids === undefined) this.#idsByAddress.set(subscription.to, new Set([subscription.id]));
    else ids.add(subscription.id);
    return null;
  }

  /** Removes one; whether it was there. */
  remove(id: string): boolean {
    const subscription = this.#byId.get(id);
    if (subscription === undefined) return false;
    this.#byId.delete(id);
    this.#byPattern.remove(subscription.pattern, subscription);
    this.#pickedAt.delete(id);
    const ids = this.#idsByAddress.get(subscription.to)!;
    ids.delete(id);
    if (ids.size === 0) this.#idsByAddress.delete(subscription.to);
    return true;
  }

  /** Removes all of one receiver; how many there were. */
  removeAllOf(to: string): number {
    const ids = [...this.#idsByAddress.get(to) ?? []];
    for (const id of ids) this.remove(id);
    return ids.length;
  }

  /**
   * The subscriptions that get a message of `topic`, a member of each group chosen by `pick`. When
   * no member of a group is available one is chosen all the same: it is for the receiver's mailbox
   * to refuse, so that no message vanishes here.
   */
  resolve(topic: string, tags: readonly string[], pick: GroupPick): Subscription[] {
    const receivers: Subscription[] = [];
    const groups = new Map<string, Subscription[]>();
    for (const subscription of this.#byPattern.match(topic)) {
      if (!wantsTags(subscription, tags)) continue;
      if (subscription.group === null) {
        receivers.push(subscription);
        continue;
      }
      const members = groups.get(subscription.group);
      if (members === undefined) groups.set(subscription.group, [subscription]);
      else members.push(subscription);
    }
    for (const members of groups.values()) receivers.push(this.#pickOne(members, pick));
    return receivers;
  }

  #pickOne(members: readonly Subscription[], pick: GroupPick): Subscription {
    const available = members.filter(({ to }) => pick.isAvailable(to));
    const candidates = available.length > 0 ? available : members;
    if (pick.partitionBy !== undefined) return chooseMember(pick.partitionBy, candidates);
    return this.#nextInTurn(candidates);
  }

  /**
   * The one that waited longest. This is round-robin also when the candidates change from message
   * to message: a counter modulo their number could pass over one of them for ever.
   */
  #nextInTurn(candidates: readonly Subscription[]): Subscription {
    let next = candidates[0]!;
    for (const one of candidates) if (this.#lastPick(one) < this.#lastPick(next)) next = one;
    this.#pickedAt.set(next.id, ++this.#picks);
    return next;
  }

  #lastPick({ id }: Subscription): number {
    return this.#pickedAt.get(id) ?? 0;
  }

  #findRefusal(subscription: Subscription, before: Subscription | undefined): ErrorData | null {
    const problem = findProblem(subscription, before);
    if (problem !== null) return invalid(subscription, problem);
    if (before !== undefined) return null;
    const { systemMax, addressMax } = this.#limits;
    if (this.#byId.size >= systemMax) return tooMany(subscription, "the system", systemMax);
    const ofAddress = this.#idsByAddress.get(subscription.to)?.size ?? 0;
    return ofAddress >= addressMax ? tooMany(subscription, "its receiver", addressMax) : null;
  }
}

function wantsTags({ tags }: Subscription, given: readonly string[]): boolean {
  return tags === undefined || tags.some((tag) => given.includes(tag));
}

function findProblem(subscription: Subscription, before: Subscription | undefined): string | null {
  const { pattern, message, tags, to } = subscription;
  // Both may be anybody's text: on one line, and not longer than one reads.
  const quoted = { pattern: quote(pattern), message: quote(message) };
  if (!isTopicPattern(pattern)) return `${quoted.pattern} is no pattern of topics`;
  if (!isMessageType(message)) return `${quoted.message} is no type of messages`;
  if (tags !== undefined && (!isTagList(tags) || tags.length === 0)) {
    return "its tags are malformed";
  }
  return before !== undefined && before.to !== to ? "another receiver has one with its id" : null;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function invalid({ to, pattern }: Subscription, problem: string): ErrorData {
  return {
    code: "INVALID_SUBSCRIPTION",
    message: `Cannot subscribe "${to}": ${problem}`,
    hint: "Write patterns like `files.*` or `files.**`, and leave `tags` out when all are wanted",
    details: { to, pattern: pattern.slice(0, 256) },
    retryable: false,
  };
}

function tooMany({ to, pattern }: Subscription, whose: string, max: number): ErrorData {
  return {
    code: "TOO_MANY_SUBSCRIPTIONS",
    message: `Cannot subscribe "${to}" to "${pattern}": ${whose} has all ${max} already`,
    hint: "Subscribe once with a wider pattern, and unsubscribe what is not needed",
    details: { to, pattern, max },
    retryable: false,
  };
}
