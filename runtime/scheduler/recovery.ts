/**
 * Runs come back from the store: a snapshot where there is one, the events behind it, and the state
 * is what it was. The events of a run are in its history, and in the journal behind that.
 *
 * @module
 */
import type { ArchivedRun, ArchiveStore } from "../../core/archive_ports.ts";
import { InvariantError } from "../../core/errors.ts";
import type { RunEntry, Store } from "../../core/ports.ts";
import {
  createRunState,
  evolve,
  hasEnded,
  labelsOf,
  packageOfSnapshot,
  type Plan,
  restoreRun,
} from "../../workflows/mod.ts";
import type { RunEvent, RunState } from "../../workflows/mod.ts";

/** Finds the plan of a stored package. */
export type PlanLoader = (packageHash: string) => Promise<Plan>;

/** An event with its place in the journal. */
export interface JournalledEvent {
  /** Journal segment that holds it, from 1: events of one commit share it. */
  seq: number;
  /** What happened. */
  event: RunEvent;
}

/** What a store gives of the runs that it leaves open. */
export interface RecoveredRuns {
  open: { state: RunState; entry: RunEntry }[];
  /** Runs that could not be folded; they stay where they are. */
  broken: { runId: string; error: unknown }[];
  /** Runs that are whole, though their snapshots were not: their events were folded. */
  mended: { runId: string; error: unknown }[];
  /** Instant of the newest event that was read, in epoch milliseconds; 0 without one. */
  lastAt: number;
}

/** Segments of the journal with events of one run. */
type Tail = { seq: number; events: RunEvent[] }[];

/** Runs that are read at once. */
const AT_ONCE = 32;

/** Open runs of a partition, which the caller leads. */
export async function recoverOpenRuns(
  store: Store<RunEvent>,
  partition: number,
  loadPlan: PlanLoader,
  archive: ArchiveStore<RunEvent> | null = null,
): Promise<RecoveredRuns> {
  const archived = new Map(
    (await archive?.openRuns(partition) ?? []).map((run) => [run.runId, run]),
  );
  const compactedTo = await archive?.compactedTo(partition) ?? 0;
  // The low water says nothing of runs that the archive takes for open: they may have closed since.
  const lowWater = archived.size > 0 ? 1 : await store.lowWater(partition);
  const tails = await readTails(store, partition, Math.max(lowWater, compactedTo + 1));
  const runIds = [...new Set([...archived.keys(), ...tails.keys()])].sort();
  const lastAt = tails.values().reduce((last, tail) => Math.max(last, endOf(tail)?.at ?? 0), 0);
  const recovered: RecoveredRuns = { open: [], broken: [], mended: [], lastAt };
  for (let at = 0; at < runIds.length; at += AT_ONCE) {
    await Promise.all(
      runIds.slice(at, at + AT_ONCE).map(async (runId) => {
        const tail = tails.get(runId) ?? [];
        const last = endOf(tail);
        if (last !== undefined && isClosing(last)) return;
        const found = new OpenRun(store, archive, { runId, partition, loadPlan });
        await found.recover(tail, archived.get(runId) ?? null, recovered);
      }),
    );
  }
  for (const { state } of recovered.open) {
    recovered.lastAt = Math.max(recovered.lastAt, state.lastAt);
  }
  return recovered;
}

function endOf(tail: Tail): RunEvent | undefined {
  return tail.at(-1)?.events.at(-1);
}

async function readTails(
  store: Store<RunEvent>,
  partition: number,
  from: number,
): Promise<Map<string, Tail>> {
  const tails = new Map<string, Tail>();
  for await (const { seq, records } of store.read(partition, from)) {
    for (const { runId, events } of records) {
      tails.getOrInsertComputed(runId, () => []).push({ seq, events });
    }
  }
  return tails;
}

/** A run on its way back. */
class OpenRun {
  readonly #store: Store<RunEvent>;
  readonly #archive: ArchiveStore<RunEvent> | null;
  readonly #runId: string;
  readonly #partition: number;
  readonly #loadPlan: PlanLoader;

  constructor(
    store: Store<RunEvent>,
    archive: ArchiveStore<RunEvent> | null,
    options: { runId: string; partition: number; loadPlan: PlanLoader },
  ) {
    this.#store = store;
    this.#archive = archive;
    this.#runId = options.runId;
    this.#partition = options.partition;
    this.#loadPlan = options.loadPlan;
  }

  async recover(tail: Tail, archived: ArchivedRun | null, into: RecoveredRuns): Promise<void> {
    const runId = this.#runId;
    try {
      const entry = await this.#store.run(runId);
      const { state, error } = await this.#stateOf(tail, archived, entry);
      if (error !== null) into.mended.push({ runId, error });
      if (hasEnded(state.status)) return;
      // Before the tail there may be a history, which nobody need search.
      const firstSeq = (archived?.archived.upTo ?? 0) > 0 ? 1 : tail[0]?.seq ?? 1;
      into.open.push({ state, entry: entry ?? entryOf(state, this.#partition, firstSeq) });
    } catch (error) {
      into.broken.push({ runId, error });
    }
  }

  async #stateOf(
    tail: Tail,
    archived: ArchivedRun | null,
    entry: RunEntry | null,
  ): Promise<{ state: RunState; error: unknown }> {
    const all = () => this.#allEvents(tail, archived, entry);
    let error: unknown = null;
    try {
      const state = await restore(archived, this.#loadPlan);
      if (state !== null) return { state: await this.#goOn(state, tail, archived!, all), error };
    } catch (reason) {
      error = reason;
    }
    return { state: await foldRun(this.#runId, await all(), this.#loadPlan), error };
  }

  /** Where it is known how many events are archived, only those behind the snapshot are read. */
  async #goOn(
    state: RunState,
    tail: Tail,
    archived: ArchivedRun,
    all: () => Promise<RunEvent[]>,
  ): Promise<RunState> {
    if (archived.archived.upTo === 0) return evolveFrom(state, await all(), 0);
    const from = firstUnknown(archived);
    const run = { runId: this.#runId, partition: this.#partition };
    const isInTail = from > archived.archived.upTo;
    const moved = isInTail ? [] : await Array.fromAsync(this.#archive!.history(run, from));
    const late = [...moved, ...tail.filter(({ seq }) => seq >= from)];
    return evolveFrom(state, late.flatMap(({ events }) => events), countBefore(late, archived));
  }

  async #allEvents(
    tail: Tail,
    archived: ArchivedRun | null,
    entry: RunEntry | null,
  ): Promise<RunEvent[]> {
    const behind = tail.flatMap(({ events }) => events);
    if (archived === null && behind[0]?.type === "RunSubmitted") return behind;
    const events: RunEvent[] = [];
    const run = { runId: this.#runId, partition: this.#partition };
    for await (const line of this.#archive?.history(run) ?? []) events.push(...line.events);
    events.push(...behind);
    if (events[0]?.type === "RunSubmitted" || entry === null) return events;
    // Opened again just before the crash, so that the low water was not lowered yet.
    const open = { ...entry, finishedAt: null };
    return (await Array.fromAsync(readHistory(this.#store, open, entry.firstSeq, this.#archive)))
      .map(({ event }) => event);
  }
}

/** Segment from which events are needed, those included that are only there to be counted. */
function firstUnknown({ archived, snapshot }: ArchivedRun): number {
  return Math.min(archived.upTo, snapshot!.seq) + 1;
}

/** Events of the run before those of `late`, which are all from {@linkcode firstUnknown} on. */
function countBefore(late: Tail, { archived }: ArchivedRun): number {
  return late.reduce(
    (count, { seq, events }) => seq <= archived.upTo ? count - events.length : count,
    archived.events,
  );
}

/** The line of a run that opened just before the crash and had not got one. */
function entryOf(state: RunState, partition: number, firstSeq: number): RunEntry {
  const { name, version } = state.plan.definition;
  return {
    runId: state.runId,
    workflow: name,
    version: version ?? null,
    status: state.status,
    submittedAt: state.submittedAt,
    finishedAt: null,
    partition,
    firstSeq,
    packageHash: state.plan.packageHash,
    ...labelsOf(state.origin),
  };
}

/**
 * The state of one run, open or closed, whoever works on it; `null` when the store does not know it.
 */
export async function recoverRun(
  store: Store<RunEvent>,
  runId: string,
  loadPlan: PlanLoader,
  archive: ArchiveStore<RunEvent> | null = null,
): Promise<{ state: RunState; entry: RunEntry } | null> {
  const entry = await store.run(runId);
  if (entry === null) return null;
  const read = (fromSeq: number) =>
    Array.fromAsync(
      readHistory(store, entry, fromSeq, archive),
      ({ seq, event }) => ({ seq, events: [event] }),
    );
  const flat = (lines: Tail) => lines.flatMap(({ events }) => events);
  const [archived] = await archive?.openRuns(entry.partition, runId) ?? [];
  try {
    const state = await restore(archived ?? null, loadPlan);
    if (state !== null && archived!.archived.upTo > 0) {
      const late = await read(firstUnknown(archived!));
      return { state: evolveFrom(state, flat(late), countBefore(late, archived!)), entry };
    }
  } catch {
    // A snapshot only saves time: the events say the same. Whoever leads the run tells of it.
  }
  return { state: await foldRun(runId, flat(await read(entry.firstSeq)), loadPlan), entry };
}

/**
 * The state of a snapshot; `null` where there is none, or one of another format.
 *
 * @throws {InvariantError} `VALUE_CORRUPT`
 */
async function restore(
  archived: ArchivedRun | null,
  loadPlan: PlanLoader,
): Promise<RunState | null> {
  if (archived === null || archived.snapshot === null) return null;
  const { runId, snapshot: stored } = archived;
  const snapshot = JSON.parse(await stored.read());
  const packageHash = packageOfSnapshot(snapshot);
  if (packageHash === null) return null;
  const state = restoreRun(runId, snapshot, await loadPlan(packageHash));
  if (state === null || state.eventCount === stored.events) return state;
  throw misplaced(runId, `it counts ${state.eventCount} events, not ${stored.events}`);
}

/**
 * Folds those of `events` that the state does not stand behind already.
 *
 * @param before events of the run before the first of them
 * @throws {InvariantError} `SNAPSHOT_MISPLACED` when the state is not among the events
 */
function evolveFrom(state: RunState, events: readonly RunEvent[], before: number): RunState {
  const known = state.eventCount - before;
  if (known >= 0 && known <= events.length) return events.slice(known).reduce(evolve, state);
  const reason = `it counts ${state.eventCount} events, and there are ${before + events.length}`;
  throw misplaced(state.runId, reason);
}

function misplaced(runId: string, reason: string): InvariantError {
  return new InvariantError("SNAPSHOT_MISPLACED", {
    message: `Found a snapshot of run "${runId}" that does not fit its events: ${reason}`,
    hint: "The run was folded from its events instead; nothing is lost",
    details: { runId },
  });
}

/**
 * The events of one run in order, up to the one that closed it or to the journal's end. Segments may
 * be moved into the run's history meanwhile.
 */
export async function* readHistory(
  store: Store<RunEvent>,
  entry: RunEntry,
  fromSeq: number = entry.firstSeq,
  archive: ArchiveStore<RunEvent> | null = null,
): AsyncIterable<JournalledEvent> {
  const compactedTo = async () => await archive?.compactedTo(entry.partition) ?? 0;
  const isLast = (event: RunEvent) => isClosing(event) && event.at === entry.finishedAt;
  let next = fromSeq;
  do {
    const mark = await compactedTo();
    if (next <= mark) {
      for await (const { seq, events } of archive!.history(entry, next)) {
        for (const event of events) {
          yield { seq, event };
          if (isLast(event)) return;
        }
        next = seq + 1;
      }
      next = Math.max(next, mark + 1);
    }
    for await (const { seq, records } of store.read(entry.partition, next)) {
      // A gap: what stood there was moved a moment ago.
      if (seq > next && await compactedTo() >= next) break;
      for (const { runId, events } of records) {
        if (runId !== entry.runId) continue;
        for (const event of events) {
          yield { seq, event };
          if (isLast(event)) return;
        }
      }
      next = seq + 1;
    }
  } while (await compactedTo() >= next);
}

/** Whether a run ends with this event. */
export function isClosing(event: RunEvent): boolean {
  return event.type === "RunCompleted" || event.type === "RunFailed" ||
    event.type === "RunCancelled";
}

async function foldRun(
  runId: string,
  events: readonly RunEvent[],
  loadPlan: PlanLoader,
): Promise<RunState> {
  const first = events[0];
  if (first?.type !== "RunSubmitted") {
    throw new InvariantError("JOURNAL_INCOMPLETE", {
      message: `Found no "RunSubmitted" at the start of run "${runId}"`,
      hint: "The state directory was altered: restore it from a backup",
      details: { runId },
    });
  }
  return events.reduce(evolve, createRunState(runId, await loadPlan(first.packageHash)));
}
