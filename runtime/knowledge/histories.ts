/**
 * Reads what was moved out of journals: histories of runs, up to the segment to which a partition is
 * compacted. The newest runs come first, so that whoever can keep no more may stop.
 *
 * @module
 */
import type { ArchivedEvents } from "../../core/archive_ports.ts";
import { DenizenError, InvariantError } from "../../core/errors.ts";
import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { FactReader } from "./fact_reader.ts";
import type { KnowledgeStores } from "./knowledge_base.ts";
import type { PartitionFollower } from "./partition_follower.ts";
import type { Projection } from "./projection.ts";

/** What reading needs of whoever keeps the knowledge. */
export interface HistoryOptions {
  stores: KnowledgeStores;
  projection: Projection;
  /** Whether more would only push out what is newer. */
  isFull: () => boolean;
  /** Called between pages of the run list: what comes meanwhile is not to pile up. */
  keepUp: () => Promise<void>;
  /** A run's history is damaged: it is passed over. */
  onTrouble: (error: unknown) => void;
}

/** Histories of one partition as they are needed. */
interface Wanted {
  /** Segments up to this one are in histories. */
  mark: number;
  /** Runs that ended before are in. */
  since: number;
  /** Runs that were open at the mark: they are read. */
  read: Set<string>;
}

/** Open runs may be far from each other in the run list: each is read by itself. */
const AT_ONCE = 32;
/** Lines of the run list that are read at once, with the histories that belong to them. */
const PAGE = 500;
/** How long before the newest event known the end of a run may have been. */
const MARGIN_MS = 60_000;

/**
 * Brings partitions that have lost their place to the ends of their journals. Where it fails they
 * stay lost.
 */
export async function readLost(
  followers: readonly PartitionFollower[],
  options: HistoryOptions,
): Promise<void> {
  const lostSince = followers.map((follower) => follower.lostSince!);
  try {
    const wanted = new Map<number, Wanted>();
    for (const follower of followers) {
      wanted.set(follower.partition, await readOpen(follower, options));
      follower.lostSince = null;
      await follower.read();
    }
    await readClosed(wanted, options);
  } catch (error) {
    for (const [at, follower] of followers.entries()) follower.lostSince = lostSince[at]!;
    throw error;
  }
}

/** Reads open runs up to the mark, from where the partition can be followed then. */
async function readOpen(
  follower: PartitionFollower,
  options: HistoryOptions,
): Promise<Wanted> {
  const { partition, lostSince } = follower;
  const { mark, open } = await openAtMark(partition, options.stores);
  const reader = new FactReader();
  for (let at = 0; at < open.length; at += AT_ONCE) {
    const some = open.slice(at, at + AT_ONCE).map((runId) => {
      const history = options.stores.archive.history({ runId, partition });
      return readOne(runId, upTo(mark, history), reader, options);
    });
    await Promise.all(some);
  }
  follower.goOnBehind(mark, reader);
  return { mark, since: lostSince! - MARGIN_MS, read: new Set(open) };
}

/** Runs that were open at the segment to which the partition is compacted. */
async function openAtMark(
  partition: number,
  { archive }: KnowledgeStores,
): Promise<{ mark: number; open: string[] }> {
  let mark = await archive.compactedTo(partition);
  for (;;) {
    const rows = mark === 0 ? [] : await archive.openRuns(partition);
    const now = await archive.compactedTo(partition);
    if (now !== mark) {
      mark = now;
      continue;
    }
    const open = rows.filter(({ archived }) => archived.upTo > 0).map(({ runId }) => runId);
    return { mark, open };
  }
}

/** Runs that ended in their histories, the newest first. */
async function readClosed(
  wanted: ReadonlyMap<number, Wanted>,
  options: HistoryOptions,
): Promise<void> {
  if (wanted.values().every(({ mark }) => mark === 0)) return;
  let cursor: string | undefined;
  while (!options.isFull()) {
    const page = await options.stores.runs.runs({ limit: PAGE, cursor });
    const closed = page.filter((entry) => isWanted(entry, wanted.get(entry.partition)));
    for await (const { runId, read } of options.stores.archive.histories(closed)) {
      await readOne(runId, read(), new FactReader(), options);
    }
    if (page.length < PAGE) return;
    await options.keepUp();
    cursor = page.at(-1)!.runId;
  }
}

/** A line of a run that has just ended may still say that it is open. */
function isWanted(entry: RunEntry, wanted: Wanted | undefined): boolean {
  if (wanted === undefined || entry.firstSeq > wanted.mark) return false;
  if (wanted.read.has(entry.runId)) return false;
  return entry.finishedAt === null || entry.finishedAt >= wanted.since;
}

async function readOne(
  runId: string,
  history: AsyncIterable<ArchivedEvents<RunEvent>>,
  reader: FactReader,
  { projection, onTrouble }: Pick<HistoryOptions, "projection" | "onTrouble">,
): Promise<void> {
  try {
    for await (const { events } of history) await projection.take(reader, runId, events);
  } catch (error) {
    if (!isDamage(error)) throw error;
    onTrouble(error);
  }
}

/** What was altered stays so, unlike a store that cannot be reached. */
function isDamage(error: unknown): boolean {
  return error instanceof InvariantError ||
    (error instanceof DenizenError && error.code === "BLOB_MISSING");
}

/** More may have been moved into a history since. */
async function* upTo(
  mark: number,
  history: AsyncIterable<ArchivedEvents<RunEvent>>,
): AsyncIterable<ArchivedEvents<RunEvent>> {
  for await (const line of history) {
    if (line.seq > mark) return;
    yield line;
  }
}
