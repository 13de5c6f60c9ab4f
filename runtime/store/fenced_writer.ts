import { Buffer } from "node:buffer";
import { retryWhileLocked } from "./locked_retry.ts";

/** One mutation of an atomic write. */
export interface Mutation {
  key: Deno.KvKey;
  /** `undefined` deletes the key. */
  value?: unknown;
  /** About what the value takes. */
  bytes: number;
}

/** An atomic takes 819,200 bytes of values, 81,920 of keys, 1,000 mutations: with room to spare. */
const BYTES_MAX = 720 * 1024;
const KEYS_BYTES_MAX = 74 * 1024;
const MUTATIONS_MAX = 960;
const FRAMING_BYTES = 100;

/** Packs mutations into as few atomic writes as they fit, each under the same check, in order. */
export class FencedWriter {
  readonly #kv: Deno.Kv;
  readonly #fence: Deno.AtomicCheck;
  readonly #refusal: () => Error;
  #pending: Mutation[] = [];
  #bytes = 0;
  #keysBytes = 0;

  /** `refusal` makes the error that is thrown when the check fails. */
  constructor(kv: Deno.Kv, fence: Deno.AtomicCheck, refusal: () => Error) {
    this.#kv = kv;
    this.#fence = fence;
    this.#refusal = refusal;
  }

  /** Adds mutations that belong into one atomic write; may write what was added before. */
  async add(group: readonly Mutation[]): Promise<void> {
    const bytes = group.reduce((sum, { bytes }) => sum + bytes + FRAMING_BYTES, 0);
    const keysBytes = group.reduce((sum, { key }) => sum + keyBytes(key), 0);
    const isFull = this.#bytes + bytes > BYTES_MAX ||
      this.#keysBytes + keysBytes > KEYS_BYTES_MAX ||
      this.#pending.length + group.length > MUTATIONS_MAX;
    if (isFull && this.#pending.length > 0) await this.flush();
    this.#pending.push(...group);
    this.#bytes += bytes;
    this.#keysBytes += keysBytes;
  }

  /** Writes what was added; with nothing, only checks. */
  async flush(): Promise<void> {
    const atomic = this.#kv.atomic().check(this.#fence);
    for (const { key, value } of this.#pending) {
      if (value === undefined) atomic.delete(key);
      else atomic.set(key, value);
    }
    this.#pending = [];
    this.#bytes = this.#keysBytes = 0;
    const result = await retryWhileLocked(() => atomic.commit());
    if (!result.ok) throw this.#refusal();
  }
}

/** About what a key takes: texts with two bytes each of framing, numbers nine. */
function keyBytes(key: Deno.KvKey): number {
  let bytes = 0;
  for (const part of key) bytes += typeof part === "string" ? Buffer.byteLength(part) + 2 : 9;
  return bytes;
}
