/**
 * The archive of a store, whatever it is kept in.
 *
 * Order of a move: the parts of histories, then the mark that makes them valid, then the segments go.
 * Until the mark moves, readers take the events from the journal and pass over what parts hold behind
 * the mark; so a move that a crash cut short is just done again.
 *
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  ArchivedEvents,
  ArchivedRun,
  ArchiveStore,
  Compaction,
  FoundHistory,
  RunSnapshot,
  StoreSizes,
} from "../../core/archive_ports.ts";
import type { Json } from "../../core/json.ts";
import type { Fence } from "../../core/ports.ts";
import { type HistoryLine, packLines, PART_BYTES_FEW, unpackLines } from "./archive_history.ts";
import type { ArchiveTables, HistoryPart, Mark, OpenRow, SnapshotHead } from "./archive_tables.ts";
import { ArchiveWriter } from "./archive_writer.ts";
import { corrupt, packText, unpackText } from "./packed_text.ts";
import { parseSegment, resolveEvent } from "./segment_codec.ts";

/** What one step moves, at most: it is read, sorted and packed in about 50 ms. */
const MOVE_BYTES_MAX = 2 * 1024 * 1024;
const MOVE_SEGMENTS_MAX = 2_000;
/** Segments dropped in one step. */
const DROP_COUNT = 400;
/** Segments sorted between two turns of the loop. */
const TURN_EVERY = 16;
/** Runs whose last parts are read at once. */
const AT_ONCE = 32;

/** What the leader of a partition knows of its archive, so that it need not be read each time. */
interface Session {
  mark: Mark;
  open: Map<string, OpenRow>;
  snapshots: Map<string, SnapshotHead>;
  /** Segments up to the mark may be there still. */
  hasLeftovers: boolean;
}

type GetBlob = (sha256: string) => Promise<Uint8Array>;

/** An archive in tables. */
export class TableArchive<Event> implements ArchiveStore<Event> {
  readonly #tables: ArchiveTables;
  readonly #getBlob: GetBlob;
  /** By fence, in words: what others have written since is not to be overlooked. */
  readonly #sessions = new Map<string, Session>();

  /** `getBlob` reads what events refer to. */
  constructor(tables: ArchiveTables, getBlob: GetBlob) {
    this.#tables = tables;
    this.#getBlob = getBlob;
  }

  saveSnapshots(fence: Fence, snapshots: readonly RunSnapshot[]): Promise<void> {
    return this.#withSession(fence, (session) => this.#saveSnapshots(fence, session, snapshots));
  }

  async #saveSnapshots(
    fence: Fence,
    session: Session,
    snapshots: readonly RunSnapshot[],
  ): Promise<void> {
    const writer = new ArchiveWriter(this.#tables, fence);
    for (const { runId, events, seq, text } of snapshots) {
      const packed = await packText(text, labelOf(runId, events), 200);
      const head = { runId, events, seq, packedBytes: packed.bytes.length };
      const before = session.snapshots.get(runId) ?? null;
      session.snapshots.set(runId, head);
      const write = { type: "snapshot", row: { ...head, ...packed }, before } as const;
      await writer.add(write, packed.bytes.length);
    }
    await writer.flush();
  }

  async openRuns(partition: number, only?: string): Promise<ArchivedRun[]> {
    const rows = await this.#tables.openRows(partition, only);
    const heads = await this.#tables.snapshotHeads(partition, only);
    const runs = new Map<string, ArchivedRun>();
    for (const { runId, upTo, events } of rows) {
      runs.set(runId, { runId, archived: { upTo, events }, snapshot: null });
    }
    for (const { runId, events, seq } of heads) {
      const run = runs.get(runId) ?? { runId, archived: { upTo: 0, events: 0 }, snapshot: null };
      const read = () => this.#readSnapshot(partition, runId, events);
      runs.set(runId, { ...run, snapshot: { events, seq, read } });
    }
    return [...runs.values()];
  }

  async #readSnapshot(partition: number, runId: string, events: number): Promise<string> {
    const row = await this.#tables.snapshot(partition, runId);
    const label = labelOf(runId, events);
    if (row === null || row.events !== events) throw corrupt(label, "it is not whole");
    return await unpackText(row, label);
  }

  async lastSeq(partition: number): Promise<number> {
    const last = await this.#tables.lastSegment(partition);
    return last > 0 ? last : await this.compactedTo(partition);
  }

  async compactedTo(partition: number): Promise<number> {
    return (await this.#tables.mark(partition)).upTo;
  }

  compact(fence: Fence, compaction: Compaction<Event>): Promise<boolean> {
    return this.#withSession(fence, (session) => this.#compact(fence, session, compaction));
  }

  async #compact(
    fence: Fence,
    session: Session,
    compaction: Compaction<Event>,
  ): Promise<boolean> {
    if (session.hasLeftovers) {
      const dropped = await this.#tables.dropSegments(fence, session.mark.upTo, DROP_COUNT);
      session.hasLeftovers = dropped === DROP_COUNT;
      if (dropped > 0) return false;
    }
    const { upTo, moving } = session.mark;
    const range = moving === null
      ? { to: compaction.upTo, countMax: MOVE_SEGMENTS_MAX, bytesMax: MOVE_BYTES_MAX }
      : { to: moving, countMax: Infinity, bytesMax: Infinity };
    if (upTo >= range.to) return true;
    const segments = await this.#tables.segments(fence.partition, { from: upTo + 1, ...range });
    if (segments.length === 0) return true;
    await this.#move(fence, session, segments, compaction.isClosing);
    return false;
  }

  async #move(
    fence: Fence,
    session: Session,
    segments: readonly { seq: number; bytes: Uint8Array }[],
    isClosing: (event: Event) => boolean,
  ): Promise<void> {
    const before = session.mark.upTo;
    const upTo = segments.at(-1)!.seq;
    const writer = new ArchiveWriter(this.#tables, fence);
    await writer.add({ type: "mark", mark: { upTo: before, moving: upTo } }, 0);
    const runs = [...await groupByRun(segments)];
    for (let at = 0; at < runs.length; at += AT_ONCE) {
      const some = runs.slice(at, at + AT_ONCE);
      const packed = await Promise.all(
        some.map(([runId, lines]) => this.#partsOf(runId, lines, session.open.get(runId), before)),
      );
      for (const [nth, [runId, lines]] of some.entries()) {
        // The last one first: a part that is written anew may get shorter, and what it loses must be
        // there by then.
        for (const part of packed[nth]!.reverse()) {
          await writer.add({ type: "part", part }, part.bytes.length);
        }
        await this.#noteRun(fence, session, { runId, lines, upTo, isClosing }, writer);
      }
      await nextTurn();
    }
    session.mark = { upTo, moving: null };
    await writer.add({ type: "mark", mark: session.mark }, 0);
    await writer.flush();
    session.hasLeftovers = true;
  }

  /** Whether the run is open at the end of the move, and how many events it has by then. */
  async #noteRun(
    fence: Fence,
    session: Session,
    { runId, lines, upTo, isClosing }: {
      runId: string;
      lines: readonly HistoryLine[];
      upTo: number;
      isClosing: (event: Event) => boolean;
    },
    writer: ArchiveWriter,
  ): Promise<void> {
    const open = session.open.get(runId);
    const snapshot = session.snapshots.get(runId) ?? null;
    if (!await this.#isClosed(lines, isClosing)) {
      const row = { runId, upTo, events: await this.#countEvents(fence, runId, lines, open) };
      session.open.set(runId, row);
      return await writer.add({ type: "open", row }, 0);
    }
    if (open === undefined && snapshot === null) return;
    session.open.delete(runId);
    session.snapshots.delete(runId);
    await writer.add({ type: "close", runId, snapshot }, 0);
  }

  /** The last part of a run goes on while it is short: many small ones would take more room. */
  async #partsOf(
    runId: string,
    lines: readonly HistoryLine[],
    open: OpenRow | undefined,
    mark: number,
  ): Promise<HistoryPart[]> {
    if (open === undefined) return await packLines(runId, lines);
    const last = await this.#tables.lastPart(runId);
    const isGoingOn = last !== null && last.firstSeq <= mark && last.bytes.length < PART_BYTES_FEW;
    if (!isGoingOn) return await packLines(runId, lines);
    const before = (await unpackLines(last)).filter(({ seq }) => seq <= mark);
    return await packLines(runId, [...before, ...lines]);
  }

  /** A long last event is in a blob. */
  async #isClosed(
    lines: readonly HistoryLine[],
    isClosing: (event: Event) => boolean,
  ): Promise<boolean> {
    const last = lines.at(-1)!.events.at(-1)!;
    return isClosing(await resolveEvent<Event>(last as Event, this.#getBlob));
  }

  /** Counted from what is known, so that a move which is done again counts nothing twice. */
  async #countEvents(
    { partition }: Fence,
    runId: string,
    lines: readonly HistoryLine[],
    open: OpenRow | undefined,
  ): Promise<number> {
    let count = open?.events ?? 0;
    const from = open?.upTo ?? 0;
    for (const { seq, events } of lines) {
      if (seq > from) count += events.length;
    }
    // A run that had closed, and was opened again, is not known as open.
    if (open !== undefined || await this.#tables.lastPart(runId) === null) return count;
    for await (const { events } of this.#lines({ runId, partition })) count += events.length;
    return count;
  }

  async *history(
    run: { runId: string; partition: number },
    from: number = 1,
  ): AsyncIterable<ArchivedEvents<Event>> {
    yield* this.#resolve(this.#lines(run, from));
  }

  async *#resolve(lines: AsyncIterable<HistoryLine>): AsyncIterable<ArchivedEvents<Event>> {
    for await (const { seq, events } of lines) {
      const whole = events.map((event) => resolveEvent(event as Event, this.#getBlob));
      yield { seq, events: await Promise.all(whole) };
    }
  }

  async *#lines(
    { runId, partition }: { runId: string; partition: number },
    from: number = 1,
  ): AsyncIterable<HistoryLine> {
    const mark = (await this.#tables.mark(partition)).upTo;
    yield* linesOf(this.#tables.parts(runId), { from, mark });
  }

  async *histories(
    runs: readonly { runId: string; partition: number }[],
  ): AsyncIterable<FoundHistory<Event>> {
    const marks = new Map<number, number>();
    for (const partition of new Set(runs.map((run) => run.partition))) {
      marks.set(partition, (await this.#tables.mark(partition)).upTo);
    }
    const markOf = new Map(runs.map(({ runId, partition }) => [runId, marks.get(partition)!]));
    const found = (parts: HistoryPart[]): FoundHistory<Event> => {
      const { runId } = parts[0]!;
      const lines = () => linesOf(parts, { from: 1, mark: markOf.get(runId)! });
      return { runId, read: () => this.#resolve(lines()) };
    };
    let parts: HistoryPart[] = [];
    for await (const part of this.#tables.partsOf([...markOf.keys()])) {
      if (parts.length > 0 && parts[0]!.runId !== part.runId) {
        yield found(parts);
        parts = [];
      }
      parts.push(part);
    }
    if (parts.length > 0) yield found(parts);
  }

  async deleteRuns(fence: Fence, runIds: readonly string[]): Promise<string[]> {
    const left = await this.#tables.struckRuns(fence.partition);
    const struck = runIds.length === 0 ? [] : await this.#tables.strikeRuns(fence, runIds);
    const going = [...new Set([...left, ...struck])];
    if (going.length > 0) await this.#tables.dropHistories(fence, going);
    return struck;
  }

  sizes(): Promise<StoreSizes> {
    return this.#tables.sizes();
  }

  /** After a failure nobody knows what was written: the next call looks. */
  async #withSession<T>(fence: Fence, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#session(fence));
    } catch (error) {
      this.#sessions.delete(keyOf(fence));
      throw error;
    }
  }

  async #session(fence: Fence): Promise<Session> {
    const key = keyOf(fence);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const { partition } = fence;
    const [mark, rows, heads] = await Promise.all([
      this.#tables.mark(partition),
      this.#tables.openRows(partition),
      this.#tables.snapshotHeads(partition),
    ]);
    const session = {
      mark,
      open: new Map(rows.map((row) => [row.runId, row])),
      snapshots: new Map(heads.map((head) => [head.runId, head])),
      hasLeftovers: true,
    };
    for (const other of this.#sessions.keys()) {
      if (other.startsWith(`${partition} `)) this.#sessions.delete(other);
    }
    this.#sessions.set(key, session);
    return session;
  }
}

/** Parts may overlap, and reach behind the mark, where a crash cut a move short. */
async function* linesOf(
  parts: Iterable<HistoryPart> | AsyncIterable<HistoryPart>,
  { from, mark }: { from: number; mark: number },
): AsyncIterable<HistoryLine> {
  let next = from;
  for await (const part of parts) {
    if (part.lastSeq < next || part.firstSeq > mark) continue;
    for (const line of await unpackLines(part)) {
      if (line.seq < next || line.seq > mark) continue;
      yield line;
      next = line.seq + 1;
    }
  }
}

/** Events by run, in order of the segments. */
async function groupByRun(
  segments: readonly { seq: number; bytes: Uint8Array }[],
): Promise<Map<string, HistoryLine[]>> {
  const runs = new Map<string, HistoryLine[]>();
  for (const [at, { seq, bytes }] of segments.entries()) {
    if (at % TURN_EVERY === TURN_EVERY - 1) await nextTurn();
    for (const { r: runId, e: events } of parseSegment<Json>(bytes)) {
      const lines = runs.get(runId);
      const last = lines?.at(-1);
      if (lines === undefined) runs.set(runId, [{ seq, events: [...events] }]);
      else if (last!.seq === seq) last!.events.push(...events);
      else lines.push({ seq, events: [...events] });
    }
  }
  return runs;
}

function keyOf({ partition, token }: Fence): string {
  return `${partition} ${token}`;
}

function labelOf(runId: string, events: number): string {
  return `snapshot ${runId} ${events}`;
}
