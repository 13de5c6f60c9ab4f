/**
 * The archive in a KV file, beside the store:
 *
 * | key | value |
 * | --- | --- |
 * | `compacted, partition` | `{ upTo, moving }`: segments up to this one are in histories |
 * | `history, runId, first segment` | a part of the history, packed |
 * | `open, partition, runId` | how many events of an open run are in its history |
 * | `snapshot, partition, runId` | a short snapshot, or how many parts it has |
 * | `snapshot-part, partition, runId, events, number` | bytes |
 * | `gone, partition, runId` | a run that was deleted, but for its history |
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { ConflictError } from "../../core/errors.ts";
import type { ArchiveStore, StoreSizes } from "../../core/archive_ports.ts";
import type { Fence, Reservation, RunEntry } from "../../core/ports.ts";
import { TableArchive } from "./archive_store.ts";
import type {
  ArchiveTables,
  ArchiveWrite,
  HistoryPart,
  Mark,
  OpenRow,
  SnapshotHead,
  SnapshotRow,
} from "./archive_tables.ts";
import { FencedWriter, type Mutation } from "./fenced_writer.ts";
import { measureKv } from "./kv_archive_sizes.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import type { PackedText } from "./packed_text.ts";

/** Snapshots of up to this many bytes stand in the value of their key. */
const INLINE_BYTES = 4 * 1024;
const CHUNK_BYTES = 60 * 1024;
const ROW_BYTES = 60;
/** Parts of many histories that are read at once. */
const PAGE = 100;
/** A KV Connect server takes ten checks, of which the fence is one. */
const STRIKE_COUNT = 8;

interface StoredSnapshot extends Omit<PackedText, "bytes"> {
  events: number;
  seq: number;
  /** `null`: in parts. */
  bytes: Uint8Array | null;
  packedBytes: number;
}

type StoredPart = Omit<HistoryPart, "runId" | "firstSeq">;

/**
 * The archive in an open KV file, which others use too; closing it is left to its owner.
 *
 * @param options `getBlob` reads what events refer to; `path` of the file, where it is one
 */
export function openKvArchive<Event>(
  kv: Deno.Kv,
  options: { getBlob: (sha256: string) => Promise<Uint8Array>; path?: string },
): ArchiveStore<Event> {
  return new TableArchive(new KvArchive(kv, options.path ?? null), options.getBlob);
}

class KvArchive implements ArchiveTables {
  readonly #kv: Deno.Kv;
  readonly #path: string | null;

  constructor(kv: Deno.Kv, path: string | null) {
    this.#kv = kv;
    this.#path = path;
  }

  async segments(
    partition: number,
    { from, to, countMax, bytesMax }: {
      from: number;
      to: number;
      countMax: number;
      bytesMax: number;
    },
  ): Promise<{ seq: number; bytes: Uint8Array }[]> {
    const found: { seq: number; bytes: Uint8Array }[] = [];
    let total = 0;
    for (let next = from; next <= to && found.length < countMax && total < bytesMax;) {
      const range = { start: ["journal", partition, next], end: ["journal", partition, to + 1] };
      const page = await this.#list<{ bytes: Uint8Array }>(range, 20);
      if (page.length === 0) break;
      for (const { key, value: { bytes } } of page) {
        next = (key[2] as number) + 1;
        found.push({ seq: next - 1, bytes });
        total += bytes.length;
      }
    }
    return found;
  }

  async lastSegment(partition: number): Promise<number> {
    const options = { limit: 1, reverse: true };
    const [last] = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list({ prefix: ["journal", partition] }, options))
    );
    return (last?.key[2] ?? 0) as number;
  }

  async mark(partition: number): Promise<Mark> {
    const { value } = await this.#get<Mark>(["compacted", partition]);
    return value ?? { upTo: 0, moving: null };
  }

  async openRows(partition: number, runId?: string): Promise<OpenRow[]> {
    const entries = await this.#select<Omit<OpenRow, "runId">>(["open", partition], runId);
    return entries.map(({ key, value }) => ({ runId: key[2] as string, ...value }));
  }

  async snapshotHeads(partition: number, runId?: string): Promise<SnapshotHead[]> {
    const entries = await this.#select<StoredSnapshot>(["snapshot", partition], runId);
    return entries.map(({ key, value: { events, seq, packedBytes } }) => ({
      runId: key[2] as string,
      events,
      seq,
      packedBytes,
    }));
  }

  async snapshot(partition: number, runId: string): Promise<SnapshotRow | null> {
    const { value } = await this.#get<StoredSnapshot>(["snapshot", partition, runId]);
    if (value === null) return null;
    if (value.bytes !== null) return { runId, ...value, bytes: value.bytes };
    const keys = Array.from(
      { length: partsOf(value) },
      (_, at) => partKey(partition, runId, value.events, at),
    );
    const chunks = await Promise.all(keys.map((key) => this.#get<Uint8Array>(key)));
    const there = chunks.flatMap(({ value }) => value === null ? [] : [value]);
    return { runId, ...value, bytes: new Uint8Array(Buffer.concat(there)) };
  }

  async *parts(runId: string): AsyncIterable<HistoryPart> {
    const prefix = ["history", runId];
    for (let from = 0;;) {
      const range = { prefix, start: [...prefix, from] };
      const page = await this.#list<StoredPart>(range, 20);
      for (const { key, value } of page) {
        const firstSeq = key[2] as number;
        yield { runId, firstSeq, ...value };
        from = firstSeq + 1;
      }
      if (page.length < 20) return;
    }
  }

  /** The runs between them are read as well: they are to be neighbours. */
  async *partsOf(runIds: readonly string[]): AsyncIterable<HistoryPart> {
    if (runIds.length === 0) return;
    const wanted = new Set(runIds);
    const sorted = runIds.toSorted();
    const end = ["history", sorted.at(-1)!, Infinity];
    for (let start: Deno.KvKey = ["history", sorted[0]!];;) {
      const page = await this.#list<StoredPart>({ start, end }, PAGE);
      for (const { key, value } of page) {
        const [, runId, firstSeq] = key as [string, string, number];
        if (wanted.has(runId)) yield { runId, firstSeq, ...value };
        start = ["history", runId, firstSeq + 1];
      }
      if (page.length < PAGE) return;
    }
  }

  async lastPart(runId: string): Promise<HistoryPart | null> {
    const options = { limit: 1, reverse: true };
    const [last] = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<StoredPart>({ prefix: ["history", runId] }, options))
    );
    return last === undefined ? null : { runId, firstSeq: last.key[2] as number, ...last.value };
  }

  async write(fence: Fence, writes: readonly ArchiveWrite[]): Promise<void> {
    const writer = this.#writer(fence);
    for (const write of writes) {
      for (const group of await this.#mutations(fence.partition, write)) await writer.add(group);
    }
    await writer.flush();
  }

  /** Each group goes into one atomic write, in order. */
  async #mutations(partition: number, write: ArchiveWrite): Promise<Mutation[][]> {
    switch (write.type) {
      case "part": {
        const { runId, firstSeq, ...value } = write.part;
        return [[{ key: ["history", runId, firstSeq], value, bytes: value.bytes.length }]];
      }
      case "open": {
        const { runId, ...value } = write.row;
        return [[{ key: ["open", partition, runId], value, bytes: ROW_BYTES }]];
      }
      case "close":
        return await this.#close(partition, write.runId, write.snapshot);
      case "snapshot":
        return this.#saveSnapshot(partition, write.row, write.before);
      case "mark":
        return [[{ key: ["compacted", partition], value: write.mark, bytes: ROW_BYTES }]];
    }
  }

  async #close(
    partition: number,
    runId: string,
    snapshot: SnapshotHead | null,
  ): Promise<Mutation[][]> {
    // Those too that a crash has left.
    const parts = snapshot === null || partsOf(snapshot) === 0
      ? []
      : await this.#list<Uint8Array>({ prefix: ["snapshot-part", partition, runId] });
    return [
      [{ key: ["open", partition, runId], bytes: 0 }],
      [{ key: ["snapshot", partition, runId], bytes: 0 }],
      ...parts.map(({ key }) => [{ key, bytes: 0 }]),
    ];
  }

  /** Parts first, then what refers to them, then the parts of the one before go. */
  #saveSnapshot(
    partition: number,
    { runId, bytes, ...row }: SnapshotRow,
    before: SnapshotHead | null,
  ): Mutation[][] {
    const chunks = partsOf(row) === 0 ? [] : cut(bytes);
    const value: StoredSnapshot = { ...row, bytes: chunks.length === 0 ? bytes : null };
    const kept = before?.events === row.events ? chunks.length : 0;
    const old = Array.from({ length: before === null ? 0 : partsOf(before) }, (_, at) => at);
    return [
      ...chunks.map((chunk, at) => [{
        key: partKey(partition, runId, row.events, at),
        value: chunk,
        bytes: chunk.length,
      }]),
      [{
        key: ["snapshot", partition, runId],
        value,
        bytes: ROW_BYTES + (value.bytes?.length ?? 0),
      }],
      ...old.slice(kept).map((at) => [{
        key: partKey(partition, runId, before!.events, at),
        bytes: 0,
      }]),
    ];
  }

  /** There is no gap between segments: their keys are known without reading them. */
  async dropSegments(fence: Fence, upTo: number, countMax: number): Promise<number> {
    const range = {
      start: ["journal", fence.partition, 0],
      end: ["journal", fence.partition, upTo + 1],
    };
    const [first] = await this.#list(range, 1);
    if (first === undefined) return 0;
    const from = first.key[2] as number;
    const count = Math.min(countMax, upTo - from + 1);
    const writer = this.#writer(fence);
    for (let seq = from; seq < from + count; seq++) {
      await writer.add([{ key: ["journal", fence.partition, seq], bytes: 0 }]);
    }
    await writer.flush();
    return count;
  }

  async strikeRuns(fence: Fence, runIds: readonly string[]): Promise<string[]> {
    const struck: string[] = [];
    for (let at = 0; at < runIds.length; at += STRIKE_COUNT) {
      const some = runIds.slice(at, at + STRIKE_COUNT);
      struck.push(...await this.#strike(fence, some));
    }
    return struck;
  }

  /** A run that is opened again meanwhile stays. */
  async #strike(fence: Fence, runIds: readonly string[]): Promise<string[]> {
    const { partition } = fence;
    for (;;) {
      const entries = await Promise.all(
        runIds.map((runId) => this.#get<RunEntry>(["run", runId])),
      );
      const closed = entries.filter(({ value }) =>
        value?.partition === partition && value.finishedAt !== null
      );
      const atomic = this.#kv.atomic().check(fenceOf(fence)).check(...closed);
      for (const { key, value } of closed) {
        const { runId } = value!;
        atomic.delete(key).set(["gone", partition, runId], true);
        const name = (await this.#get<string>(["key-of", runId])).value;
        if (name === null) continue;
        atomic.delete(["key-of", runId]);
        const reservation = await this.#get<Reservation>(["key", name]);
        if (reservation.value?.runId === runId) atomic.delete(["key", name]);
      }
      const result = await retryWhileLocked(() => atomic.commit());
      if (result.ok) return closed.map(({ value }) => value!.runId);
      const term = await this.#get(["term", partition]);
      if (term.versionstamp !== fence.token) throw refusal(fence);
    }
  }

  async struckRuns(partition: number): Promise<string[]> {
    const entries = await this.#list({ prefix: ["gone", partition] });
    return entries.map(({ key }) => key[2] as string);
  }

  async dropHistories(fence: Fence, runIds: readonly string[]): Promise<void> {
    const writer = this.#writer(fence);
    for (const runId of runIds) {
      const parts = await this.#list({ prefix: ["history", runId] });
      for (const { key } of parts) await writer.add([{ key, bytes: 0 }]);
      await writer.add([{ key: ["gone", fence.partition, runId], bytes: 0 }]);
    }
    await writer.flush();
  }

  sizes(): Promise<StoreSizes> {
    return measureKv(this.#kv, this.#path);
  }

  #writer(fence: Fence): FencedWriter {
    return new FencedWriter(this.#kv, fenceOf(fence), () => refusal(fence));
  }

  #get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return retryWhileLocked(() => this.#kv.get<T>(key));
  }

  /** Everything below a key, or one entry of it. */
  async #select<T>(prefix: Deno.KvKey, last?: string): Promise<Deno.KvEntry<T>[]> {
    if (last === undefined) return await this.#list<T>({ prefix });
    const entry = await this.#get<T>([...prefix, last]);
    return entry.versionstamp === null ? [] : [entry];
  }

  #list<T>(selector: Deno.KvListSelector, limit?: number): Promise<Deno.KvEntry<T>[]> {
    return retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<T>(selector, limit === undefined ? {} : { limit }))
    );
  }
}

/** In how many parts a snapshot is; 0 for a short one. */
function partsOf({ packedBytes }: { packedBytes: number }): number {
  return packedBytes <= INLINE_BYTES ? 0 : Math.ceil(packedBytes / CHUNK_BYTES);
}

function partKey(partition: number, runId: string, events: number, at: number): Deno.KvKey {
  return ["snapshot-part", partition, runId, events, at];
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from(
    { length: count },
    (_, at) => bytes.slice(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES),
  );
}

function fenceOf({ partition, token }: Fence): Deno.AtomicCheck {
  return { key: ["term", partition], versionstamp: token };
}

function refusal({ partition, term }: Fence): ConflictError {
  return new ConflictError("FENCED", {
    message: `Refused a write of term ${term}: another node leads partition ${partition}`,
    hint: "Nothing was written; the other node goes on with these runs",
  });
}
