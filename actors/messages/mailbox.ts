import { LaneQueue } from "./lane_queue.ts";
import type { MailPool } from "./mail_pool.ts";
import { type Lane, LANES } from "./message.ts";

/** So many messages may overtake a lane that waits before one of its own comes through. */
const OVERTAKEN_MAX = 16;

/** What a mailbox looks at; the rest of a message is the caller's. */
export interface Mailable {
  lane: Lane;
  /** Size of the payload; must not change while the message waits. */
  chars: number;
  /** Epoch milliseconds; `null`: never. */
  expiresAt: number | null;
  /** Who must not fill the mailbox alone; left out, the message counts to nobody. */
  share?: string;
}

/** What nobody may take of a mailbox alone: whoever else sends finds room there. */
const RESERVE = 1 / 16;

/** How much may wait. */
export interface MailboxLimits {
  /** Messages, of all lanes together. */
  messagesMax: number;
  /** Of all payloads together. */
  charsMax: number;
}

/**
 * The messages that wait for one actor: three lanes, bounded by messages and characters. Full is
 * an answer, and for one sender it is full at 15/16 of its messages. Strict order of lanes, but each message of a lane is overtaken by at most 16 of higher
 * lanes once it stands first. Offer and take cost amortised O(1).
 *
 * What has expired is never handed out as a message: {@linkcode take} and {@linkcode takeExpired}
 * report it once. A full mailbox sets expired messages aside to make room, at most one load of
 * them, so it never holds more than twice its limits.
 */
export class Mailbox<M extends Mailable> {
  readonly #limits: MailboxLimits;
  readonly #pool: MailPool | null;
  readonly #lanes: readonly LaneQueue<M>[] = LANES.map(() => new LaneQueue<M>());
  /** For each lane: messages of higher lanes that were taken while it waited. */
  readonly #overtaken = [0, 0, 0];
  #size = 0;
  #chars = 0;
  /** Expired, taken out of their lanes, not reported yet. */
  #setAside: M[] = [];
  /** Messages in the lanes by {@linkcode Mailable.share}. */
  #held: Map<string, number> | null = null;
  readonly #shareMax: number;
  /** No message in the lanes expires before this. */
  #firstExpiryAt = Infinity;

  /** @param pool what waits in all mailboxes; of messages with a {@linkcode Mailable.share} */
  constructor(limits: MailboxLimits, pool: MailPool | null = null) {
    this.#limits = limits;
    this.#pool = pool;
    this.#shareMax = limits.messagesMax - Math.floor(limits.messagesMax * RESERVE);
  }

  /** Messages in the lanes. */
  get size(): number {
    return this.#size;
  }

  /** Characters of the messages in the lanes. */
  get chars(): number {
    return this.#chars;
  }

  /** Whether {@linkcode take} has nothing to give, not even expired messages. */
  get isEmpty(): boolean {
    return this.#size === 0 && this.#setAside.length === 0;
  }

  /** Puts `message` at the end of its lane, or says that the mailbox is full. */
  offer(message: M, now: number): "accepted" | "full" {
    if (!this.#fits(message)) {
      // Once only until they are reported: what waits here must stay bounded, too.
      if (this.#setAside.length > 0) return "full";
      this.#setAside = this.#removeExpired(now);
      if (!this.#fits(message)) return "full";
    }
    this.#laneOf(message).push(message);
    this.#count(message);
    return "accepted";
  }

  /** Up to `limit` messages in the order in which they are to be handled, and what expired. */
  take(now: number, limit: number): { messages: M[]; expired: M[] } {
    const messages: M[] = [];
    const expired = this.#setAside;
    this.#setAside = [];
    while (messages.length < limit && this.#size > 0) {
      const at = this.#nextLane();
      const message = this.#lanes[at]!.shift()!;
      this.#uncount(message);
      if (isExpired(message, now)) expired.push(message);
      else {
        messages.push(message);
        this.#noteTaken(at);
      }
      if (this.#lanes[at]!.size === 0) this.#overtaken[at] = 0;
    }
    return { messages, expired };
  }

  /**
   * Puts messages that were taken, but not handled, back to the front of their lanes in the order
   * given. They were accepted before, so the limits do not hold for them.
   */
  putBack(messages: readonly M[]): void {
    for (let at = messages.length - 1; at >= 0; at--) {
      const message = messages[at]!;
      this.#laneOf(message).unshift(message);
      this.#count(message);
    }
  }

  /** Takes out everything: expired and set aside first, then the lanes from high to low. */
  drain(): M[] {
    const messages = [...this.#setAside];
    for (const lane of this.#lanes) {
      for (let one = lane.shift(); one !== undefined; one = lane.shift()) {
        this.#uncount(one);
        messages.push(one);
      }
    }
    this.#setAside = [];
    this.#overtaken.fill(0);
    return messages;
  }

  /** What has expired and was not reported yet; it stays. At once when nothing can have expired. */
  peekExpired(now: number): M[] {
    if (now < this.#firstExpiryAt) return [...this.#setAside];
    const waiting = this.#lanes.flatMap((lane) => lane.toArray());
    return [...this.#setAside, ...waiting.filter((message) => isExpired(message, now))];
  }

  /** As {@linkcode peekExpired}, and takes them out. */
  takeExpired(now: number): M[] {
    const expired = [...this.#setAside, ...this.#removeExpired(now)];
    this.#setAside = [];
    return expired;
  }

  #fits(message: M): boolean {
    return this.#size < this.#limits.messagesMax &&
      this.#chars + message.chars <= this.#limits.charsMax &&
      (message.share === undefined || this.#hasRoomFor(message.share, message.chars));
  }

  #hasRoomFor(share: string, chars: number): boolean {
    return (this.#held?.get(share) ?? 0) < this.#shareMax &&
      this.#pool?.fits(share, chars) !== false;
  }

  #laneOf(message: M): LaneQueue<M> {
    return this.#lanes[indexOfLane(message.lane)]!;
  }

  #count(message: M): void {
    this.#size++;
    this.#chars += message.chars;
    this.#hold(message, 1);
    if (message.expiresAt !== null && message.expiresAt < this.#firstExpiryAt) {
      this.#firstExpiryAt = message.expiresAt;
    }
  }

  #uncount(message: M): void {
    this.#size--;
    this.#chars -= message.chars;
    this.#hold(message, -1);
    if (this.#size === 0) this.#firstExpiryAt = Infinity;
  }

  #hold({ share, chars }: M, change: 1 | -1): void {
    if (share === undefined) return;
    if (change > 0) this.#pool?.add(share, chars);
    else this.#pool?.remove(share, chars);
    this.#held ??= new Map();
    const held = (this.#held.get(share) ?? 0) + change;
    if (held === 0) this.#held.delete(share);
    else this.#held.set(share, held);
  }

  /** The lowest lane that was overtaken often enough, otherwise the highest that has a message. */
  #nextLane(): number {
    const [high, normal, low] = this.#lanes;
    if (this.#overtaken[2]! >= OVERTAKEN_MAX && low!.size > 0) return 2;
    if (this.#overtaken[1]! >= OVERTAKEN_MAX && normal!.size > 0) return 1;
    if (high!.size > 0) return 0;
    return normal!.size > 0 ? 1 : 2;
  }

  #noteTaken(taken: number): void {
    this.#overtaken[taken] = 0;
    for (let lower = taken + 1; lower < LANES.length; lower++) {
      if (this.#lanes[lower]!.size > 0) this.#overtaken[lower]!++;
    }
  }

  /** Goes through the lanes only when something can have expired. */
  #removeExpired(now: number): M[] {
    if (now < this.#firstExpiryAt) return [];
    const expired: M[] = [];
    const waiting = this.#lanes.map((lane) => lane.size);
    this.#firstExpiryAt = Infinity;
    for (const [at, lane] of this.#lanes.entries()) {
      for (let left = waiting[at]!; left > 0; left--) {
        const message = lane.shift()!;
        this.#uncount(message);
        if (isExpired(message, now)) expired.push(message);
        else {
          lane.push(message);
          this.#count(message);
        }
      }
      if (lane.size === 0) this.#overtaken[at] = 0;
    }
    return expired;
  }
}

function isExpired(message: Mailable, now: number): boolean {
  return message.expiresAt !== null && message.expiresAt <= now;
}

function indexOfLane(lane: Lane): number {
  return lane === "normal" ? 1 : lane === "high" ? 0 : 2;
}
