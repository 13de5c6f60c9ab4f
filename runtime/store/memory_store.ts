/**
 * The store in memory: for tests, simulation and runs that need not survive the process. Segments
 * pass through the same codec as on disk, so what comes back is a copy.
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
import { decodeSegment, encodeSegments } from "./segment_codec.ts";

interface Partition {
  term: number;
  holder: Holder | null;
  heir: string | null;
  /** `null` where an archive has taken the segment out. */
  segments: ({ term: number; bytes: Uint8Array } | null)[];
  inbox: InboxCommand[];
  lowWater: number;
}

/** What a memory store holds, for its archive. */
export interface MemoryTables {
  readonly partitions: Map<number, Partition>;
  readonly runs: Map<string, RunEntry>;
  readonly keys: Map<string, Reservation>;
  readonly blobs: Map<string, Uint8Array>;
}

/** Opens an empty store. */
export function openMemoryStore<Event>(): MemoryStore<Event> {
  return new MemoryStore<Event>();
}

/** Runs in memory. */
export class MemoryStore<Event> implements Store<Event> {
  readonly #partitions = new Map<number, Partition>();
  readonly #runs = new Map<string, RunEntry>();
  readonly #keys = new Map<string, Reservation>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly tables: MemoryTables = {
    partitions: this.#partitions,
    runs: this.#runs,
    keys: this.#keys,
    blobs: this.#blobs,
  };
  #sent = 0;

  claim(number: number, holder: Holder, seenTerm: number): Promise<Fence> {
    const partition = this.#partition(number);
    if (partition.term !== seenTerm) {
      return Promise.reject(
        new ConflictError("PARTITION_TAKEN", {
          message: `Could not claim partition ${number}: another node was first`,
          hint: "Choose another partition, or ask the node that holds it",
        }),
      );
    }
    partition.term++;
    partition.holder = holder;
    partition.heir = null;
    const { term } = partition;
    return Promise.resolve({ partition: number, term, token: String(term) });
  }

  release(fence: Fence, heir?: string): Promise<void> {
    const partition = this.#partition(fence.partition);
    if (partition.term === fence.term) {
      partition.holder = null;
      partition.heir = heir ?? null;
    }
    return Promise.resolve();
  }

  term(number: number): Promise<Term> {
    const { term, holder, heir } = this.#partition(number);
    return Promise.resolve({ partition: number, term, holder, heir });
  }

  async terms(): Promise<Term[]> {
    const numbers = [...this.#partitions.keys()].sort((a, b) => a - b);
    const terms = await Promise.all(numbers.map((number) => this.term(number)));
    return terms.filter(({ term }) => term > 0);
  }

  async append(fence: Fence, append: Append<Event>): Promise<number> {
    const segments = await encodeSegments(append.records, (bytes) => this.putBlob(bytes));
    const partition = this.#partition(fence.partition);
    if (partition.term !== fence.term || partition.holder === null) {
      throw new ConflictError("FENCED", {
        message:
          `Refused a write of term ${fence.term}: another node leads partition ${fence.partition}`,
        hint: "Nothing was written; the other node goes on with these runs",
      });
    }
    const firstSeq = partition.segments.length + 1;
    for (const bytes of segments) partition.segments.push({ term: fence.term, bytes });
    for (const run of append.runs ?? []) {
      this.#runs.set(run.runId, { ...run, firstSeq: run.firstSeq || firstSeq });
    }
    const handled = new Set(append.handled);
    partition.inbox = partition.inbox.filter((command) => !handled.has(command.id));
    partition.lowWater = append.lowWater ?? partition.lowWater;
    return firstSeq;
  }

  async *read(number: number, from: number, to?: number): AsyncIterable<Segment<Event>> {
    const { segments } = this.#partition(number);
    for (let seq = Math.max(1, from); seq <= Math.min(segments.length, to ?? Infinity); seq++) {
      const segment = segments[seq - 1];
      if (!segment) continue;
      const { term, bytes } = segment;
      const records = await decodeSegment<Event>(bytes, (sha256) => this.getBlob(sha256));
      yield { seq, term, records };
    }
  }

  lowWater(partition: number): Promise<number> {
    return Promise.resolve(this.#partition(partition).lowWater);
  }

  run(runId: string): Promise<RunEntry | null> {
    return Promise.resolve(this.#runs.get(runId) ?? null);
  }

  reserve(
    key: string,
    wish: Reservation,
    isGone: (holder: Holder) => boolean,
  ): Promise<Reservation> {
    const found = this.#keys.get(key);
    if (found !== undefined && !isGone(found.holder)) return Promise.resolve(found);
    const reserved = { runId: found?.runId ?? wish.runId, holder: wish.holder };
    this.#keys.set(key, reserved);
    return Promise.resolve(reserved);
  }

  runs(options: { limit: number; cursor?: string }): Promise<RunEntry[]> {
    const { limit, cursor } = options;
    const ids = [...this.#runs.keys()].sort().reverse();
    const page = ids.filter((id) => cursor === undefined || id < cursor).slice(0, limit);
    return Promise.resolve(page.map((id) => this.#runs.get(id)!));
  }

  send(partition: number, commands: readonly Omit<InboxCommand, "id">[]): Promise<void> {
    for (const command of commands) {
      const id = String(++this.#sent).padStart(20, "0");
      this.#partition(partition).inbox.push(structuredClone({ ...command, id }));
    }
    return Promise.resolve();
  }

  inbox(partition: number, after = ""): Promise<InboxCommand[]> {
    const { inbox } = this.#partition(partition);
    return Promise.resolve(structuredClone(inbox.filter(({ id }) => id > after).slice(0, 100)));
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    const sha256 = await digest(bytes);
    if (!this.#blobs.has(sha256)) this.#blobs.set(sha256, bytes.slice());
    return sha256;
  }

  getBlob(sha256: string): Promise<Uint8Array> {
    const bytes = this.#blobs.get(sha256);
    if (bytes !== undefined) return verify(bytes.slice(), sha256);
    return Promise.reject(
      new InvalidInputError("BLOB_MISSING", {
        message: `Could not find blob "${sha256}"`,
        hint: "It was never stored here",
      }),
    );
  }

  close(): void {
    this.#partitions.clear();
  }

  #partition(number: number): Partition {
    let partition = this.#partitions.get(number);
    if (partition === undefined) {
      partition = { term: 0, holder: null, heir: null, segments: [], inbox: [], lowWater: 1 };
      this.#partitions.set(number, partition);
    }
    return partition;
  }
}
