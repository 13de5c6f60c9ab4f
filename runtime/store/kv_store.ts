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
 *
 * Blobs are described in `kv_blobs.ts`.
 *
 * @module
 */
import { ConflictError } from "../../core/errors.ts";
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
import { BlobKeeper } from "./blob_keeper.ts";
import { type CommitGroup, CommitQueue } from "./commit_queue.ts";
import { KvBlobs, type KvEpoch } from "./kv_blobs.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { decodeSegment, encodeSegments } from "./segment_codec.ts";

/** An atomic takes 819,200 bytes and 1,000 mutations; both with room to spare. */
const ATOMIC_BYTES_MAX = 700 * 1024;
const ATOMIC_MUTATIONS_MAX = 900;
/** An atomic takes 100 checks; one of them is the epoch's. */
const ATOMIC_CHECKS_MAX = 90;
/** Longest body of a wish that stands in its entry; a value takes 64 KiB. */
const BODY_CHARS_MAX = 16 * 1024;

/** Key and framing of one write, and what a line of the run list takes beside its names. */
const WRITE_BYTES = 100;
const ENTRY_BYTES = 400;

/** One mutation of a group commit. */
interface Write {
  bytes: number;
  /** In which names of blobs may stand. */
  text?: Uint8Array;
  apply(atomic: Deno.AtomicOperation): void;
}

/** Mutations that become durable together, under conditions of their own. */
interface Group extends CommitGroup {
  conditions: readonly Deno.AtomicCheck[];
  texts: readonly (string | Uint8Array)[];
  writes: readonly Pick<Write, "apply">[];
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

export interface KvStoreOptions {
  /** How long a file that another process has locked is waited for. Default 60 s. */
  patienceMs?: number;
  /** `false` only to show what fencing is for: appends of deposed leaders are written then. */
  isFenced?: boolean;
  /**
   * Whether what comes together is written together: for an engine that does one write after the
   * other, each with a flush of its own. Default `false`.
   */
  isGathering?: boolean;
}

/** What a claim knows of the journal. */
interface Session {
  nextSeq: number;
  /** Settles when the last append has. */
  tail: Promise<unknown>;
}

/** Runs in an open KV file, which actor systems may share; `close` closes it. */
export class KvStore<Event> implements Store<Event> {
  readonly #kv: Deno.Kv;
  readonly #options: KvStoreOptions;
  /** By token: claims made through this store. */
  readonly #sessions = new Map<string, Session>();
  /** Through which its blobs are put, and whatever names them is written. */
  readonly keeper: BlobKeeper<KvEpoch>;
  readonly #queue: CommitQueue<Group>;

  constructor(kv: Deno.Kv, options: KvStoreOptions = {}) {
    this.#kv = kv;
    this.#options = options;
    this.keeper = new BlobKeeper(new KvBlobs(kv, options));
    this.#queue = new CommitQueue((groups) => this.#commitGroups(groups), {
      bytes: ATOMIC_BYTES_MAX,
      mutations: ATOMIC_MUTATIONS_MAX,
      checks: ATOMIC_CHECKS_MAX,
    });
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
    const token = result.versionstamp;
    const nextSeq = await this.#lastSeq(partition) + 1;
    this.#sessions.set(token, { nextSeq, tail: Promise.resolve() });
    return { partition, term, token };
  }

  async release({ partition, term, token }: Fence, heir?: string): Promise<void> {
    this.#sessions.delete(token);
    const key = ["term", partition];
    const released: StoredTerm = { term, holder: null, heir: heir ?? null };
    await this.#commit(this.#kv.atomic().check({ key, versionstamp: token }).set(key, released));
  }

  async term(partition: number): Promise<Term> {
    return toTerm(partition, (await this.#get<StoredTerm>(["term", partition])).value);
  }

  async terms(): Promise<Term[]> {
    const entries = await this.#retry(() =>
      Array.fromAsync(this.#kv.list<StoredTerm>({ prefix: ["term"] }))
    );
    return entries.map(({ key, value }) => toTerm(key[1] as number, value));
  }

  async append(fence: Fence, append: Append<Event>): Promise<number> {
    const segments = await encodeSegments(append.records, (bytes) => this.putBlob(bytes));
    const session = this.#sessions.get(fence.token);
    if (session === undefined) throw unsettled(fence);
    const done = session.tail.then(() => this.#append(fence, session, append, segments));
    session.tail = done.catch(() => this.#sessions.delete(fence.token));
    return await done;
  }

  /** One append after the other; behind one that failed nobody knows what is there. */
  async #append(
    fence: Fence,
    session: Session,
    append: Append<Event>,
    segments: readonly Uint8Array[],
  ): Promise<number> {
    if (!this.#sessions.has(fence.token)) throw unsettled(fence);
    const firstSeq = session.nextSeq;
    const writes = this.#writesOf(fence, append, segments, firstSeq);
    // Usually one atomic. A crash between two of them leaves a prefix of the events, which a recovery
    // goes on from; what refers to the events comes after them.
    let group: Write[] = [];
    let bytes = 0;
    for (const write of writes) {
      if (bytes + write.bytes > ATOMIC_BYTES_MAX || group.length === ATOMIC_MUTATIONS_MAX) {
        await this.#commitFenced(fence, group);
        group = [];
        bytes = 0;
      }
      group.push(write);
      bytes += write.bytes;
    }
    await this.#commitFenced(fence, group);
    session.nextSeq += segments.length;
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
      text: bytes,
      apply: (atomic) => atomic.set(["journal", partition, firstSeq + at], { term, bytes }),
    }));
    for (const run of append.runs ?? []) {
      const entry = { ...run, firstSeq: run.firstSeq || firstSeq };
      const bytes = ENTRY_BYTES + 2 * lengthOfTexts(run);
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

  async #commitFenced(fence: Fence, writes: readonly Write[]): Promise<void> {
    const texts = writes.flatMap(({ text }) => text ?? []);
    const conditions = this.#options.isFenced === false
      ? []
      : [{ key: ["term", fence.partition], versionstamp: fence.token }];
    const bytes = writes.reduce((sum, write) => sum + write.bytes, 0);
    if (await this.#write({ conditions, texts, writes, bytes })) return;
    throw new ConflictError("FENCED", {
      message:
        `Refused a write of term ${fence.term}: another node leads partition ${fence.partition}`,
      hint: "Nothing was written; the other node goes on with these runs",
    });
  }

  /** Answers `false` when a condition does not hold. */
  async #write(group: Omit<Group, "mutations" | "checks">): Promise<boolean> {
    const { conditions, writes } = group;
    const whole = { ...group, mutations: writes.length, checks: conditions.length };
    if (this.#options.isGathering === true) return await this.#queue.write(whole);
    return await this.#commitGroups([whole]);
  }

  async #commitGroups(groups: readonly Group[]): Promise<boolean> {
    const texts = groups.flatMap((group) => group.texts);
    return await this.keeper.write(texts, async (epoch) => {
      const atomic = this.#kv.atomic().check(epoch.check);
      for (const { conditions, writes } of groups) {
        atomic.check(...conditions);
        for (const write of writes) write.apply(atomic);
      }
      return (await this.#commit(atomic)).ok;
    });
  }

  async *read(partition: number, from: number, to?: number): AsyncIterable<Segment<Event>> {
    const end = to === undefined ? Number.MAX_SAFE_INTEGER : to + 1;
    let next = from;
    while (next < end) {
      const page = await this.#retry(() => this.#page(partition, next, end));
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
    const last = await this.#retry(() =>
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
    const entries = await this.#retry(() =>
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
      const value: StoredCommand = { runId, type, ...body };
      await this.#write({
        conditions: [],
        texts: [text, JSON.stringify(body)],
        writes: [{ apply: (atomic) => atomic.set(key, value) }],
        bytes: WRITE_BYTES + 2 * text.length,
        // Its key is the versionstamp of the write.
        slot: `inbox ${partition}`,
      });
    }
  }

  async inbox(partition: number, after?: string): Promise<InboxCommand[]> {
    const prefix = ["inbox", partition];
    // The start of a range is part of it: what stands there was seen.
    const selector = after === undefined ? { prefix } : { prefix, start: [...prefix, after] };
    const entries = await this.#retry(() =>
      Array.fromAsync(this.#kv.list<StoredCommand>(selector, { limit: 100 }))
    );
    const unseen = entries.filter(({ key }) => key[2] !== after);
    return await Promise.all(unseen.map(async ({ key, value: { runId, type, body, blob } }) => {
      const text = body ?? new TextDecoder().decode(await this.getBlob(blob!));
      return { id: key[2] as string, runId, type, body: JSON.parse(text) };
    }));
  }

  putBlob(bytes: Uint8Array, known?: string): Promise<string> {
    return this.keeper.put(bytes, known);
  }

  getBlob(sha256: string): Promise<Uint8Array> {
    return this.keeper.get(sha256);
  }

  close(): void {
    this.#kv.close();
  }

  #get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#retry(() => this.#kv.get<T>(key));
  }

  #commit(atomic: Deno.AtomicOperation) {
    return this.#retry(() => atomic.commit());
  }

  #retry<T>(action: () => Promise<T>): Promise<T> {
    return retryWhileLocked(action, this.#options.patienceMs);
  }
}

/** Of what a line says that may be of any length. */
function lengthOfTexts({ runId, workflow, tenant = "", tags = [] }: RunEntry): number {
  return tags.reduce((sum, tag) => sum + tag.length, (runId + workflow + tenant).length);
}

function unsettled({ partition, term }: Fence): ConflictError {
  return new ConflictError("FENCED", {
    message:
      `Refused a write of term ${term} to partition ${partition}: it was given back, or an earlier write failed`,
    hint: "Nothing was written; claim the partition again and go on from its journal",
  });
}

function toTerm(partition: number, stored: StoredTerm | null): Term {
  const { term = 0, holder = null, heir = null } = stored ?? {};
  return { partition, term, holder, heir };
}
