/**
 * The store over Deno KV: a SQLite file on one machine.
 *
 * | key | value |
 * | --- | --- |
 * | `term, partition` | `{ term, holder, heir }`; its versionstamp fences every append |
 * | `journal, partition, seq` | bytes of one segment |
 * | `mark, partition` | first segment that a recovery must read |
 * | `run, runId` | run list entry |
 * | `key, idempotency key` | run id, and the process that submits it |
| `key-of, runId` | idempotency key |
 * | `inbox, partition, versionstamp` | a wish for a run |
 * | `blob, sha256` · `blob, sha256, chunk` | chunk count · bytes |
 *
 * @module
 */
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type {
  Append,
  Fence,
  Holder,
  InboxCommand,
  Reservation,
  RunEntry,
  Segment,
  Store,
  Term,
} from "../../core/ports.ts";
import { digest, verify } from "./blob_digest.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { decodeSegment, encodeSegments } from "./segment_codec.ts";

const CHUNK_BYTES = 60 * 1024;
/** An atomic takes 819,200 bytes and 1,000 mutations; both with room to spare. */
const ATOMIC_BYTES_MAX = 700 * 1024;
const ATOMIC_MUTATIONS_MAX = 900;
/** Hashes of blobs known to be stored, so that the same package is written once. */
const KNOWN_BLOBS_MAX = 10_000;

/** Longest body of a wish that stands in its entry; a value takes 64 KiB. */
const BODY_CHARS_MAX = 16 * 1024;

/** Key and framing of one write, and what a line of the run list takes beside its names. */
const WRITE_BYTES = 100;
const ENTRY_BYTES = 400;

/** One mutation of a group commit. */
interface Write {
  bytes: number;
  apply(atomic: Deno.AtomicOperation): void;
}

type StoredTerm = Omit<Term, "partition">;

/** A wish; its body as JSON text, or in a blob when that is long. */
interface StoredCommand {
  runId: string;
  type: string;
  body?: string;
  blob?: string;
}

interface StoredSegment {
  term: number;
  bytes: Uint8Array;
}

/**
 * Opens the store in a file.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when the file stays locked
 */
export async function openKvStore<Event>(path: string): Promise<Store<Event>> {
  return new KvStore<Event>(await retryWhileLocked(() => Deno.openKv(path)));
}

/** Runs in an open KV file, which actor systems may share; `close` closes it. */
export class KvStore<Event> implements Store<Event> {
  readonly #kv: Deno.Kv;
  readonly #nextSeq = new Map<number, number>();
  readonly #knownBlobs = new Set<string>();

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async claim(partition: number, holder: Holder, seenTerm: number): Promise<Fence> {
    const key = ["term", partition];
    const current = await this.#get<StoredTerm>(key);
    const term = seenTerm + 1;
    const result = (current.value?.term ?? 0) === seenTerm
      ? await this.#commit(this.#kv.atomic().check(current).set(key, { term, holder, heir: null }))
      : { ok: false as const };
    if (!result.ok) {
      throw new ConflictError("PARTITION_TAKEN", {
        message: `Could not claim partition ${partition}: another node was first`,
        hint: "Choose another partition, or ask the node that holds it",
      });
    }
    this.#nextSeq.set(partition, await this.#lastSeq(partition) + 1);
    return { partition, term, token: result.versionstamp };
  }

  async release({ partition, term, token }: Fence, heir?: string): Promise<void> {
    const key = ["term", partition];
    const released: StoredTerm = { term, holder: null, heir: heir ?? null };
    await this.#commit(this.#kv.atomic().check({ key, versionstamp: token }).set(key, released));
  }

  async term(partition: number): Promise<Term> {
    return toTerm(partition, (await this.#get<StoredTerm>(["term", partition])).value);
  }

  async terms(): Promise<Term[]> {
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<StoredTerm>({ prefix: ["term"] }))
    );
    return entries.map(({ key, value }) => toTerm(key[1] as number, value));
  }

  async append(fence: Fence, append: Append<Event>): Promise<number> {
    const segments = await encodeSegments(append.records, (bytes) => this.putBlob(bytes));
    const firstSeq = this.#nextSeq.get(fence.partition)!;
    const writes = this.#writesOf(fence, append, segments, firstSeq);
    // Usually one atomic. A crash between two of them leaves a prefix of the events, which a recovery
    // goes on from; what refers to the events comes after them.
    let atomic = this.#fenced(fence);
    let bytes = 0;
    let count = 0;
    for (const write of writes) {
      if (bytes + write.bytes > ATOMIC_BYTES_MAX || count === ATOMIC_MUTATIONS_MAX) {
        await this.#commitFenced(atomic, fence);
        atomic = this.#fenced(fence);
        bytes = count = 0;
      }
      write.apply(atomic);
      bytes += write.bytes;
      count++;
    }
    await this.#commitFenced(atomic, fence);
    this.#nextSeq.set(fence.partition, firstSeq + segments.length);
    return firstSeq;
  }

  #writesOf(
    { partition, term }: Fence,
    append: Append<Event>,
    segments: readonly Uint8Array[],
    firstSeq: number,
  ): Write[] {
    const writes: Write[] = segments.map((bytes, at) => ({
      bytes: bytes.length + WRITE_BYTES,
      apply: (atomic) => atomic.set(["journal", partition, firstSeq + at], { term, bytes }),
    }));
    for (const run of append.runs ?? []) {
      const entry = { ...run, firstSeq: run.firstSeq || firstSeq };
      const bytes = ENTRY_BYTES + 2 * (run.workflow.length + run.runId.length);
      writes.push({ bytes, apply: (atomic) => atomic.set(["run", run.runId], entry) });
    }
    for (const id of append.handled ?? []) {
      const key = ["inbox", partition, id];
      writes.push({ bytes: WRITE_BYTES, apply: (atomic) => atomic.delete(key) });
    }
    const { lowWater } = append;
    if (lowWater !== undefined) {
      const key = ["mark", partition];
      writes.push({ bytes: WRITE_BYTES, apply: (atomic) => atomic.set(key, lowWater) });
    }
    return writes;
  }

  #fenced(fence: Fence): Deno.AtomicOperation {
    return this.#kv.atomic().check({ key: ["term", fence.partition], versionstamp: fence.token });
  }

  async #commitFenced(atomic: Deno.AtomicOperation, fence: Fence): Promise<void> {
    const result = await this.#commit(atomic);
    if (result.ok) return;
    throw new ConflictError("FENCED", {
      message:
        `Refused a write of term ${fence.term}: another node leads partition ${fence.partition}`,
      hint: "Nothing was written; the other node goes on with these runs",
    });
  }

  async *read(partition: number, from: number, to?: number): AsyncIterable<Segment<Event>> {
    const end = to === undefined ? Number.MAX_SAFE_INTEGER : to + 1;
    let next = from;
    while (next < end) {
      const page = await retryWhileLocked(() => this.#page(partition, next, end));
      for (const { key, value } of page) {
        const seq = key[2] as number;
        const records = await decodeSegment<Event>(value.bytes, (sha256) => this.getBlob(sha256));
        yield { seq, term: value.term, records };
        next = seq + 1;
      }
      if (page.length === 0) return;
    }
  }

  #page(partition: number, from: number, end: number) {
    const range = { start: ["journal", partition, from], end: ["journal", partition, end] };
    return Array.fromAsync(this.#kv.list<StoredSegment>(range, { limit: 50 }));
  }

  async #lastSeq(partition: number): Promise<number> {
    const options = { limit: 1, reverse: true };
    const last = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list({ prefix: ["journal", partition] }, options))
    );
    // An archive takes segments out, the last one too.
    const mark = (await this.#get<{ upTo: number }>(["compacted", partition])).value;
    return last.length === 0 ? mark?.upTo ?? 0 : last[0]!.key[2] as number;
  }

  async lowWater(partition: number): Promise<number> {
    return (await this.#get<number>(["mark", partition])).value ?? 1;
  }

  async run(runId: string): Promise<RunEntry | null> {
    return (await this.#get<RunEntry>(["run", runId])).value;
  }

  async reserve(
    key: string,
    wish: Reservation,
    isGone: (holder: Holder) => boolean,
  ): Promise<Reservation> {
    for (;;) {
      const entry = await this.#get<Reservation>(["key", key]);
      const found = entry.value;
      if (found !== null && !isGone(found.holder)) return found;
      const reserved = { runId: found?.runId ?? wish.runId, holder: wish.holder };
      const atomic = this.#kv.atomic().check(entry).set(["key", key], reserved)
        .set(["key-of", reserved.runId], key);
      const result = await this.#commit(atomic);
      if (result.ok) return reserved;
    }
  }

  async runs(options: { limit: number; cursor?: string }): Promise<RunEntry[]> {
    const selector = options.cursor === undefined
      ? { prefix: ["run"] }
      : { prefix: ["run"], end: ["run", options.cursor] };
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<RunEntry>(selector, { limit: options.limit, reverse: true }))
    );
    return entries.map((entry) => entry.value);
  }

  async send(partition: number, commands: readonly Omit<InboxCommand, "id">[]): Promise<void> {
    for (const command of commands) {
      const text = JSON.stringify(command.body);
      const body = text.length <= BODY_CHARS_MAX
        ? { body: text }
        : { blob: await this.putBlob(new TextEncoder().encode(text)) };
      const { runId, type } = command;
      const key = ["inbox", partition, this.#kv.commitVersionstamp()];
      await this.#commit(this.#kv.atomic().set(key, { runId, type, ...body }));
    }
  }

  async inbox(partition: number, after?: string): Promise<InboxCommand[]> {
    const prefix = ["inbox", partition];
    // The start of a range is part of it: what stands there was seen.
    const selector = after === undefined ? { prefix } : { prefix, start: [...prefix, after] };
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<StoredCommand>(selector, { limit: 100 }))
    );
    const unseen = entries.filter(({ key }) => key[2] !== after);
    return await Promise.all(unseen.map(async ({ key, value: { runId, type, body, blob } }) => {
      const text = body ?? new TextDecoder().decode(await this.getBlob(blob!));
      return { id: key[2] as string, runId, type, body: JSON.parse(text) };
    }));
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const sha256 = await digest(bytes);
    if (this.#knownBlobs.has(sha256)) return sha256;
    if ((await this.#get(["blob", sha256])).value === null) await this.#writeBlob(sha256, bytes);
    if (this.#knownBlobs.size >= KNOWN_BLOBS_MAX) this.#knownBlobs.clear();
    this.#knownBlobs.add(sha256);
    return sha256;
  }

  /** The chunk count goes last: a blob with a count is whole. */
  async #writeBlob(sha256: string, bytes: Uint8Array): Promise<void> {
    const count = Math.ceil(bytes.length / CHUNK_BYTES);
    const perAtomic = Math.floor(ATOMIC_BYTES_MAX / CHUNK_BYTES);
    let atomic = this.#kv.atomic();
    for (let chunk = 0; chunk < count; chunk++) {
      const part = bytes.slice(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES);
      atomic.set(["blob", sha256, chunk], part);
      if ((chunk + 1) % perAtomic > 0) continue;
      await this.#commit(atomic);
      atomic = this.#kv.atomic();
    }
    await this.#commit(atomic.set(["blob", sha256], count));
  }

  async getBlob(sha256: string): Promise<Uint8Array> {
    const count = (await this.#get<number>(["blob", sha256])).value;
    if (count === null) {
      throw new InvalidInputError("BLOB_MISSING", {
        message: `Could not find blob "${sha256}"`,
        hint: "The state directory is incomplete: restore it from a backup",
      });
    }
    const chunks = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<Uint8Array>({ prefix: ["blob", sha256] }))
    );
    return verify(concat(chunks.map((chunk) => chunk.value)), sha256);
  }

  close(): void {
    this.#kv.close();
  }

  #get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return retryWhileLocked(() => this.#kv.get<T>(key));
  }

  #commit(atomic: Deno.AtomicOperation) {
    return retryWhileLocked(() => atomic.commit());
  }
}

function toTerm(partition: number, stored: StoredTerm | null): Term {
  const { term = 0, holder = null, heir = null } = stored ?? {};
  return { partition, term, holder, heir };
}

function bytesOf(segments: readonly Uint8Array[]): number {
  return segments.reduce((sum, segment) => sum + segment.length, 0);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(bytesOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
