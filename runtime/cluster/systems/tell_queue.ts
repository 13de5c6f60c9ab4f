/**
 * Messages on their way to a system that may move meanwhile: in order, many at a time, a durable one
 * until it is taken.
 *
 * @module
 */
import { DenizenError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import type { TellOptions } from "../../actors/mod.ts";
import { decodeError } from "../link/wire_error.ts";
import { isMoving, isUndone, moving } from "./moving.ts";
import type { TellRow } from "./system_service.ts";

export interface TellQueueOptions {
  system: string;
  /** Sends rows to whoever leads the system now; tells of each why it was not taken, or `null`. */
  send: (rows: TellRow[]) => Promise<Json[]>;
  /** Waits before the next try. */
  pause: () => Promise<void>;
}

interface Waiting {
  row: TellRow;
  chars: number;
  /** `performance.now()` after which it is given up. */
  endsAt: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** How long a message waits for a system that moves. */
const GIVE_UP_MS = 30_000;
const BATCH_ROWS_MAX = 500;
const BATCH_CHARS_MAX = 4 * 1024 * 1024;
/** What waits here at most, and what a sender of more should wait. */
const WAITING_MAX = 20_000;
const WAITING_CHARS_MAX = 32 * 1024 * 1024;
const RETRY_AFTER_MS = 100;

export class TellQueue {
  readonly #options: TellQueueOptions;
  #waiting: Waiting[] = [];
  #chars = 0;
  #isSending = false;
  #isStopped = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(options: TellQueueOptions) {
    this.#options = options;
  }

  /** Resolves when it is taken, of a durable message when it is on disk. */
  put(row: TellRow): Promise<void> {
    const chars = JSON.stringify(row.payload)?.length ?? 0;
    const isFull = this.#waiting.length >= WAITING_MAX || this.#chars + chars > WAITING_CHARS_MAX;
    if (this.#isStopped) return Promise.reject(moving(this.#options.system, "the node stops"));
    if (isFull) return Promise.reject(overloaded(this.#options.system));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#chars += chars;
    const endsAt = performance.now() + GIVE_UP_MS;
    this.#waiting.push({
      row: { ...row, options: withId(row.options) },
      chars,
      endsAt,
      resolve,
      reject,
    });
    if (!this.#isSending) {
      this.#isSending = true;
      this.#sent = Promise.resolve().then(() => this.#run());
    }
    return promise;
  }

  /** Resolves when nothing waits any more of what was put before. */
  async passed(): Promise<void> {
    if (this.#isSending) await this.#sent;
  }

  /** Whatever waits is given up. */
  stop(): void {
    this.#isStopped = true;
    const error = moving(this.#options.system, "the node stops");
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
    this.#chars = 0;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#batch();
      const left = await this.#send(batch);
      if (left.length === 0) continue;
      this.#keep(left);
      await this.#options.pause();
    }
    this.#isSending = false;
  }

  /** Takes the oldest out of the queue. */
  #batch(): Waiting[] {
    let chars = 0;
    let count = 0;
    for (const each of this.#waiting) {
      if (count >= BATCH_ROWS_MAX || (count > 0 && chars + each.chars > BATCH_CHARS_MAX)) break;
      chars += each.chars;
      count++;
    }
    this.#chars -= chars;
    return this.#waiting.splice(0, count);
  }

  /** Those that are to be sent again, before all others. */
  #keep(left: Waiting[]): void {
    if (this.#isStopped) {
      for (const { reject } of left) reject(moving(this.#options.system, "the node stops"));
      return;
    }
    this.#waiting.unshift(...left);
    for (const { chars } of left) this.#chars += chars;
  }

  async #send(batch: readonly Waiting[]): Promise<Waiting[]> {
    let results: Json[];
    try {
      results = await this.#options.send(batch.map(({ row }) => row));
    } catch (error) {
      return batch.filter((each) => !this.#settle(each, error, isUndone(error)));
    }
    return batch.filter((each, at) => {
      const result = results[at] ?? null;
      if (result === null) {
        each.resolve();
        return false;
      }
      const error = decodeError(result);
      return !this.#settle(each, error, false);
    });
  }

  /**
   * Whether a failed message is over. One that was perhaps taken is repeated only when its id keeps
   * it from being handled twice, and that is so of durable ones.
   */
  #settle(each: Waiting, error: unknown, isHarmless: boolean): boolean {
    const isOnTheWay = isMoving(error);
    const isRepeated = isOnTheWay && (isHarmless || each.row.options.durable === true);
    if (isRepeated && performance.now() < each.endsAt) return false;
    each.reject(isOnTheWay ? moving(this.#options.system, error) : error as Error);
    return true;
  }
}

/** A durable message has the same id in every try. */
export function withId(options: TellOptions): TellOptions {
  if (options.durable !== true || options.id !== undefined) return options;
  return { ...options, id: crypto.randomUUID() };
}

function overloaded(system: string): DenizenError {
  return new DenizenError("OVERLOADED", {
    message: `Too many messages wait for actor system "${system}", which another node leads`,
    hint: "Send again after `retryAfterMs`, or send less",
    details: { retryAfterMs: RETRY_AFTER_MS },
  });
}
