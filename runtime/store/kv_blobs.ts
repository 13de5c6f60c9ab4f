/**
 * Blobs in a KV file.
 *
 * | key | value |
 * | --- | --- |
 * | `blob-epoch` | `{ number, begunAt }` of the epoch that is on; 1 without it |
 * | `blob, sha256` | `{ count, bytes, epoch, mayName, parts }` |
 * | `blob-part, sha256, parts, number` | bytes |
 * | `blob-rest, parts` | parts that belong to no blob: not yet, or not any more |
 *
 * What older versions wrote has only the number of its parts in `blob, sha256`, and the parts in
 * `blob, sha256, number`.
 *
 * @module
 */
import type { BlobHead, BlobHeap } from "../../core/blob_ports.ts";
import { joinBytes } from "../../core/join_bytes.ts";
import { verify } from "./blob_digest.ts";
import { type BlobTable, type Epoch, missing } from "./blob_keeper.ts";
import { mayNameBlobs } from "./blob_names.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { textsOfKv } from "./kv_texts.ts";

const PART_BYTES = 60 * 1024;
/** An atomic takes 819,200 bytes of values and 81,920 of keys; both with room to spare. */
const PARTS_PER_WRITE = 11;
const PARTS_PER_DELETION = 300;
const PAGE = 500;

const EPOCH = ["blob-epoch"];

/** An epoch with the check that it is on. */
export interface KvEpoch extends Epoch {
  check: Deno.AtomicCheck;
}

interface StoredEpoch {
  number: number;
  begunAt: number;
}

interface StoredHead {
  count: number;
  bytes: number;
  epoch: number;
  mayName: boolean;
  /** Name of the parts; `null`: where older versions put them. */
  parts: string | null;
}

/** Parts without a blob. */
interface Rest {
  sha256: string;
  count: number;
  /** In which they were written; 0: they are waste. */
  epoch: number;
}

/** Blobs in an open KV file, which others may use too; closing it is left to its owner. */
export class KvBlobs implements BlobTable<KvEpoch>, BlobHeap {
  readonly #kv: Deno.Kv;
  readonly #patienceMs: number | undefined;

  /** `patienceMs`: how long a file that another process has locked is waited for. */
  constructor(kv: Deno.Kv, { patienceMs }: { patienceMs?: number } = {}) {
    this.#kv = kv;
    this.#patienceMs = patienceMs;
  }

  async epoch(): Promise<KvEpoch & { epoch: number; begunAt: number }> {
    const { value, versionstamp } = await this.#get<StoredEpoch>(EPOCH);
    const { number, begunAt } = value ?? { number: 1, begunAt: 0 };
    return { number, epoch: number, begunAt, check: { key: EPOCH, versionstamp } };
  }

  async beginEpoch(now: number): Promise<number> {
    for (;;) {
      const { number, check } = await this.epoch();
      const next: StoredEpoch = { number: number + 1, begunAt: now };
      if (await this.#commit(this.#kv.atomic().check(check).set(EPOCH, next))) return next.number;
    }
  }

  async put(sha256: string, bytes: Uint8Array, epoch: number): Promise<void> {
    while (!await this.touch(sha256, epoch)) {
      if (await this.#write(sha256, bytes, epoch)) return;
    }
  }

  async touch(sha256: string, epoch: number): Promise<boolean> {
    for (;;) {
      const entry = await this.#get<StoredHead | number>(["blob", sha256]);
      if (entry.value === null) return false;
      const head = await this.#headOf(sha256, entry.value);
      if (head.epoch >= epoch) return true;
      const touched = this.#kv.atomic().check(entry).set(entry.key, { ...head, epoch });
      if (await this.#commit(touched)) return true;
    }
  }

  /** Parts first, then the head, unless somebody else was first: a blob with a head is whole. */
  async #write(sha256: string, bytes: Uint8Array, epoch: number): Promise<boolean> {
    const count = Math.ceil(bytes.length / PART_BYTES);
    const parts = crypto.randomUUID();
    const last = this.#kv.atomic().check({ key: ["blob", sha256], versionstamp: null });
    let note: Deno.AtomicCheck | null = null;
    if (count > PARTS_PER_WRITE) {
      note = await this.#writeAhead({ sha256, count, epoch }, parts, bytes);
      if (note === null) return false;
      last.check(note).delete(note.key);
    }
    for (let at = 0; at < Math.min(count, PARTS_PER_WRITE); at++) {
      last.set(["blob-part", sha256, parts, at], partOf(bytes, at));
    }
    const mayName = mayNameBlobs(bytes);
    const head: StoredHead = { count, bytes: bytes.length, epoch, mayName, parts };
    if (await this.#commit(last.set(["blob", sha256], head))) return true;
    if (note !== null) await this.#clear(note.key);
    return false;
  }

  /**
   * Parts that do not go with the head. A note says so before; whoever clears them away changes it
   * first, and then nothing more is written.
   */
  async #writeAhead(
    rest: Rest,
    parts: string,
    bytes: Uint8Array,
  ): Promise<Deno.AtomicCheck | null> {
    const { sha256, count } = rest;
    const key = ["blob-rest", parts];
    const { versionstamp } = await this.#retry(() => this.#kv.set(key, rest));
    const note = { key, versionstamp };
    for (let start = PARTS_PER_WRITE; start < count; start += PARTS_PER_WRITE) {
      const atomic = this.#kv.atomic().check(note);
      for (let at = start; at < Math.min(start + PARTS_PER_WRITE, count); at++) {
        atomic.set(["blob-part", sha256, parts, at], partOf(bytes, at));
      }
      if (!await this.#commit(atomic)) return null;
    }
    return note;
  }

  async get(sha256: string): Promise<Uint8Array | null> {
    for (;;) {
      const entry = await this.#get<StoredHead | number>(["blob", sha256]);
      if (entry.value === null) return null;
      const { count, parts } = typeof entry.value === "number"
        ? { count: entry.value, parts: null }
        : entry.value;
      const prefix = parts === null ? ["blob", sha256] : ["blob-part", sha256, parts];
      const found = await this.#list<Uint8Array>({ prefix });
      if (found.length === count) return joinBytes(found.map(({ value }) => value));
      // Deleted, and perhaps put anew, between the two reads? Otherwise its hash will not match.
      const again = await this.#get(entry.key);
      if (again.versionstamp === entry.versionstamp) {
        return joinBytes(found.map(({ value }) => value));
      }
    }
  }

  async read(sha256: string): Promise<Uint8Array> {
    const bytes = await this.get(sha256);
    if (bytes === null) throw missing(sha256);
    return await verify(bytes, sha256);
  }

  async *heads(): AsyncIterable<BlobHead> {
    for (let start: Deno.KvKey = ["blob"];;) {
      const page = await this.#list<StoredHead | number>({ start, end: ["blob", 0] }, PAGE);
      const old = page.findIndex(({ value }) => typeof value === "number");
      const few = old < 0 ? page : page.slice(0, old + 1);
      for (const { key, value } of few) {
        const sha256 = key[1] as string;
        const { epoch, bytes, mayName } = await this.#headOf(sha256, value);
        yield { sha256, epoch, bytes, mayName };
      }
      const last = few.at(-1);
      if (last === undefined) return;
      // The parts of an old one follow it.
      start = ["blob", `${last.key[1] as string}\0`];
    }
  }

  async #headOf(sha256: string, value: StoredHead | number): Promise<StoredHead> {
    if (typeof value !== "number") return value;
    const parts = await this.#list<Uint8Array>({ prefix: ["blob", sha256] });
    const bytes = parts.reduce((sum, part) => sum + part.value.length, 0);
    return { count: value, bytes, epoch: 0, mayName: true, parts: null };
  }

  texts(): AsyncIterable<string | Uint8Array> {
    return textsOfKv(this.#kv);
  }

  async drop({ sha256 }: BlobHead, lastEpoch: number): Promise<boolean> {
    const entry = await this.#get<StoredHead | number>(["blob", sha256]);
    if (entry.value === null) return false;
    const head = await this.#headOf(sha256, entry.value);
    if (head.epoch > lastEpoch) return false;
    const atomic = this.#kv.atomic().check(entry).delete(entry.key);
    const { parts, count } = head;
    const rest: Rest = { sha256, count, epoch: 0 };
    if (parts === null) {
      for (let at = 0; at < count; at++) atomic.delete(["blob", sha256, at]);
    } else if (count <= PARTS_PER_DELETION) {
      for (let at = 0; at < count; at++) atomic.delete(["blob-part", sha256, parts, at]);
    } else atomic.set(["blob-rest", parts], rest);
    return await this.#commit(atomic);
  }

  async sweep(lastEpoch: number): Promise<void> {
    for (const { key, value } of await this.#list<Rest>({ prefix: ["blob-rest"] })) {
      if (value.epoch <= lastEpoch) await this.#clear(key);
    }
  }

  async #clear(key: Deno.KvKey): Promise<void> {
    const entry = await this.#get<Rest>(key);
    if (entry.value === null) return;
    const { sha256, count } = entry.value;
    const waste: Rest = { sha256, count, epoch: 0 };
    if (!await this.#commit(this.#kv.atomic().check(entry).set(key, waste))) return;
    for (let start = 0; start < count; start += PARTS_PER_DELETION) {
      const atomic = this.#kv.atomic();
      for (let at = start; at < Math.min(start + PARTS_PER_DELETION, count); at++) {
        atomic.delete(["blob-part", sha256, key[1]!, at]);
      }
      await this.#commit(atomic);
    }
    await this.#commit(this.#kv.atomic().delete(key));
  }

  #get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#retry(() => this.#kv.get<T>(key));
  }

  #list<T>(selector: Deno.KvListSelector, limit?: number): Promise<Deno.KvEntry<T>[]> {
    return this.#retry(() => Array.fromAsync(this.#kv.list<T>(selector, { limit })));
  }

  async #commit(atomic: Deno.AtomicOperation): Promise<boolean> {
    return (await this.#retry(() => atomic.commit())).ok;
  }

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return retryWhileLocked(action, this.#patienceMs);
  }
}

function partOf(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.slice(at * PART_BYTES, (at + 1) * PART_BYTES);
}
