/**
 * Reads everything that happened in a cluster, when nothing happens any more.
 *
 * @module
 */
import type { RunEntry } from "../../../core/ports.ts";
import type { RunEvent } from "../../../workflows/mod.ts";
import type { JournalLine, SegmentHead } from "../checks/mod.ts";
import type { StoreLink } from "./store_link.ts";

const PAGE = 200;

/** What the store knows of all runs. */
export interface WholeJournal {
  /** Those of a run in order. */
  lines: JournalLine[];
  /** Segments up to these were moved into the histories of runs, by partition. */
  compactedTo: Map<number, number>;
}

/**
 * All events of all runs, wherever the store has put them: also those behind the end of a run.
 *
 * @param seen tells the terms of segments, as far as they were seen, in order
 */
export async function readJournal(
  link: StoreLink,
  seen: readonly SegmentHead[],
): Promise<WholeJournal> {
  const heads = Map.groupBy(seen, ({ partition }) => partition);
  const entries = Map.groupBy(await readEntries(link), ({ partition }) => partition);
  const whole: WholeJournal = { lines: [], compactedTo: new Map() };
  for (const { partition } of await link.ask(({ runs }) => runs.terms())) {
    const mark = await link.ask(({ archive }) => archive.compactedTo(partition));
    whole.compactedTo.set(partition, mark);
    const add = (seq: number, runId: string, events: readonly RunEvent[]) => {
      const term = termOf(heads.get(partition) ?? [], seq);
      for (const event of events) whole.lines.push({ partition, seq, term, runId, event });
    };
    for (const entry of entries.get(partition) ?? []) {
      if (entry.firstSeq > mark) continue;
      const parts = await link.ask(({ archive }) => Array.fromAsync(archive.history(entry)));
      for (const { seq, events } of parts) add(seq, entry.runId, events);
    }
    const rest = await link.ask(({ runs }) => Array.fromAsync(runs.read(partition, mark + 1)));
    for (const { seq, records } of rest) {
      for (const { runId, events } of records) add(seq, runId, events);
    }
  }
  return whole;
}

async function readEntries(link: StoreLink): Promise<RunEntry[]> {
  const entries: RunEntry[] = [];
  for (let count = PAGE; count === PAGE;) {
    const cursor = entries.at(-1)?.runId;
    const page = await link.ask(({ runs }) => runs.runs({ limit: PAGE, cursor }));
    entries.push(...page);
    count = page.length;
  }
  return entries;
}

/** The term of a segment: known when it was seen, or both its neighbours are of one term. */
function termOf(heads: readonly SegmentHead[], seq: number): JournalLine["term"] {
  const after = heads.findIndex((head) => head.seq >= seq);
  if (after >= 0 && heads[after]!.seq === seq) return heads[after]!.term;
  const from = (after < 0 ? heads.at(-1) : heads[after - 1])?.term ?? 1;
  const to = after < 0 ? Infinity : heads[after]!.term;
  return from === to ? from : [from, to];
}
