/**
 * The archive of a memory store: for tests and simulation. It forgets with the process.
 *
 * @module
 */
import { ConflictError } from "../../core/errors.ts";
import type { ArchiveStore, StoredSize, StoreSizes } from "../../core/archive_ports.ts";
import type { Fence } from "../../core/ports.ts";
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
import type { MemoryStore } from "./memory_store.ts";

/** Opens the archive of a store: one for each. */
export function openMemoryArchive<Event>(store: MemoryStore<Event>): ArchiveStore<Event> {
  return new TableArchive(new MemoryArchive(store), (sha256) => store.getBlob(sha256));
}

interface Rows {
  mark: Mark;
  open: Map<string, OpenRow>;
  snapshots: Map<string, SnapshotRow>;
  struck: Set<string>;
}

/** What an archive keeps, in memory. */
export class MemoryArchive implements ArchiveTables {
  readonly #store: MemoryStore<unknown>["tables"];
  readonly #partitions = new Map<number, Rows>();
  /** By run, then by first segment. */
  readonly #parts = new Map<string, Map<number, HistoryPart>>();

  constructor(store: Pick<MemoryStore<unknown>, "tables">) {
    this.#store = store.tables;
  }

  segments(
    partition: number,
    { from, to, countMax, bytesMax }: {
      from: number;
      to: number;
      countMax: number;
      bytesMax: number;
    },
  ): Promise<{ seq: number; bytes: Uint8Array }[]> {
    const all = this.#store.partitions.get(partition)?.segments ?? [];
    const found: { seq: number; bytes: Uint8Array }[] = [];
    let total = 0;
    for (let seq = from; seq <= Math.min(to, all.length); seq++) {
      const segment = all[seq - 1];
      if (!segment) continue;
      found.push({ seq, bytes: segment.bytes });
      total += segment.bytes.length;
      if (found.length === countMax || total >= bytesMax) break;
    }
    return Promise.resolve(found);
  }

  lastSegment(partition: number): Promise<number> {
    return Promise.resolve(
      (this.#store.partitions.get(partition)?.segments.findLastIndex(isThere) ?? -1) + 1,
    );
  }

  mark(partition: number): Promise<Mark> {
    return Promise.resolve(this.#rows(partition).mark);
  }

  openRows(partition: number, runId?: string): Promise<OpenRow[]> {
    return Promise.resolve(select(this.#rows(partition).open, runId));
  }

  snapshotHeads(partition: number, runId?: string): Promise<SnapshotHead[]> {
    return Promise.resolve(select(this.#rows(partition).snapshots, runId));
  }

  snapshot(partition: number, runId: string): Promise<SnapshotRow | null> {
    return Promise.resolve(this.#rows(partition).snapshots.get(runId) ?? null);
  }

  async *parts(runId: string): AsyncIterable<HistoryPart> {
    const parts = [...this.#parts.get(runId)?.values() ?? []];
    yield* parts.sort((a, b) => a.firstSeq - b.firstSeq);
  }

  async *partsOf(runIds: readonly string[]): AsyncIterable<HistoryPart> {
    for (const runId of new Set(runIds)) yield* this.parts(runId);
  }

  lastPart(runId: string): Promise<HistoryPart | null> {
    const parts = [...this.#parts.get(runId)?.values() ?? []];
    return Promise.resolve(parts.sort((a, b) => b.firstSeq - a.firstSeq)[0] ?? null);
  }

  write(fence: Fence, writes: readonly ArchiveWrite[]): Promise<void> {
    const refusal = this.#refusal(fence);
    if (refusal !== null) return Promise.reject(refusal);
    for (const write of writes) this.#apply(this.#rows(fence.partition), write);
    return Promise.resolve();
  }

  #apply(rows: Rows, write: ArchiveWrite): void {
    switch (write.type) {
      case "part":
        this.#parts.getOrInsertComputed(write.part.runId, () => new Map())
          .set(write.part.firstSeq, write.part);
        return;
      case "open":
        rows.open.set(write.row.runId, write.row);
        return;
      case "close":
        rows.open.delete(write.runId);
        rows.snapshots.delete(write.runId);
        return;
      case "snapshot":
        rows.snapshots.set(write.row.runId, write.row);
        return;
      case "mark":
        rows.mark = write.mark;
    }
  }

  dropSegments(fence: Fence, upTo: number, countMax: number): Promise<number> {
    const refusal = this.#refusal(fence);
    if (refusal !== null) return Promise.reject(refusal);
    const { segments } = this.#store.partitions.get(fence.partition)!;
    let dropped = 0;
    for (let at = 0; at < Math.min(upTo, segments.length) && dropped < countMax; at++) {
      if (segments[at] === null) continue;
      segments[at] = null;
      dropped++;
    }
    return Promise.resolve(dropped);
  }

  strikeRuns(fence: Fence, runIds: readonly string[]): Promise<string[]> {
    const refusal = this.#refusal(fence);
    if (refusal !== null) return Promise.reject(refusal);
    const { runs, keys } = this.#store;
    const closed = runIds.filter((runId) => {
      const entry = runs.get(runId);
      return entry?.partition === fence.partition && entry.finishedAt !== null;
    });
    for (const runId of closed) {
      runs.delete(runId);
      this.#rows(fence.partition).struck.add(runId);
    }
    for (const [key, { runId }] of keys) if (closed.includes(runId)) keys.delete(key);
    return Promise.resolve(closed);
  }

  struckRuns(partition: number): Promise<string[]> {
    return Promise.resolve([...this.#rows(partition).struck]);
  }

  dropHistories(fence: Fence, runIds: readonly string[]): Promise<void> {
    const refusal = this.#refusal(fence);
    if (refusal !== null) return Promise.reject(refusal);
    for (const runId of runIds) {
      this.#parts.delete(runId);
      this.#rows(fence.partition).struck.delete(runId);
    }
    return Promise.resolve();
  }

  sizes(): Promise<StoreSizes> {
    const { partitions, runs, blobs } = this.#store;
    const all = [...partitions.values()];
    const parts = [...this.#parts.values()].flatMap((parts) => [...parts.values()]);
    const text = (value: unknown) => JSON.stringify(value).length;
    const none = { count: 0, bytes: 0 };
    return Promise.resolve({
      journal: sizeOf(all.flatMap(({ segments }) => segments.filter(isThere)), byteLength),
      histories: sizeOf(parts, byteLength),
      snapshots: sizeOf(
        [...this.#partitions.values()].flatMap(({ snapshots }) => [...snapshots.values()]),
        byteLength,
      ),
      runs: sizeOf([...runs.values()], text),
      inbox: sizeOf(all.flatMap(({ inbox }) => inbox), text),
      blobs: sizeOf([...blobs.values()], (bytes) => bytes.length),
      actors: none,
      audit: none,
      documents: none,
      workflows: this.#workflowSizes(),
      diskBytes: null,
    });
  }

  #workflowSizes(): StoreSizes["workflows"] {
    const tally = new Map<string, { runs: number; historyBytes: number }>();
    for (const { runId, workflow } of this.#store.runs.values()) {
      const found = tally.getOrInsertComputed(workflow, () => ({ runs: 0, historyBytes: 0 }));
      found.runs++;
      const parts = [...this.#parts.get(runId)?.values() ?? []];
      found.historyBytes += sizeOf(parts, byteLength).bytes;
    }
    return [...tally].map(([workflow, size]) => ({ workflow, ...size }));
  }

  #refusal(fence: Fence): Error | null {
    const partition = this.#store.partitions.get(fence.partition);
    if (partition?.term === fence.term && partition.holder !== null) return null;
    return new ConflictError("FENCED", {
      message:
        `Refused a write of term ${fence.term}: another node leads partition ${fence.partition}`,
      hint: "Nothing was written; the other node goes on with these runs",
    });
  }

  #rows(partition: number): Rows {
    return this.#partitions.getOrInsertComputed(partition, () => ({
      mark: { upTo: 0, moving: null },
      open: new Map(),
      snapshots: new Map(),
      struck: new Set(),
    }));
  }
}

function select<T>(rows: ReadonlyMap<string, T>, runId?: string): T[] {
  if (runId === undefined) return [...rows.values()];
  const row = rows.get(runId);
  return row === undefined ? [] : [row];
}

function isThere<T>(value: T | null): value is T {
  return value !== null;
}

function byteLength({ bytes }: { bytes: Uint8Array }): number {
  return bytes.length;
}

function sizeOf<T>(values: readonly T[], bytesOf: (value: T) => number): StoredSize {
  return { count: values.length, bytes: values.reduce((sum, value) => sum + bytesOf(value), 0) };
}
