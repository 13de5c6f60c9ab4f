/**
 * Reads runs from the store, whoever works on them; wishes go through the inbox.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { ClusterStore } from "../../core/cluster_ports.ts";
import { isShared, partitionOfRun } from "../../core/partitions.ts";
import type { InboxCommand, RunEntry, Store } from "../../core/ports.ts";
import { createRunState, type RunEvent, type RunView, viewRun } from "../../workflows/mod.ts";
import type { RunStatus, SubmitWish, UserWish } from "../../workflows/mod.ts";
import { isClosing, type JournalledEvent, readHistory, recoverRun } from "../scheduler/mod.ts";
import { isServed } from "./cluster_reader.ts";
import { openExistingStores, type StorePlace, type Stores } from "./open_store.ts";
import { loadPlan } from "./packages.ts";
import { isGone } from "./process_identity.ts";

/** How often a followed run is looked at. */
const FOLLOW_POLL_MS = 150;

/** One line of `runs list`. Instants are ISO 8601. */
export interface RunSummary {
  /** ULID: sorts by time of submission. */
  runId: string;
  /** Name of the workflow. */
  workflow: string;
  /** Version that the workflow file states. */
  version: string | null;
  /** As the run list has it: written when the run opens and when it closes. */
  status: RunStatus;
  /** Nobody works on it: its process is gone. `runs resume` goes on. */
  isOrphan: boolean;
  /** It belongs to the nodes that serve the store, not to a process of its own. */
  isShared: boolean;
  /** When it was accepted. */
  startedAt: string;
  /** When it closed; `null` while it is open. */
  finishedAt: string | null;
}

/**
 * The read side of a data directory: sees every run, whichever process works on it.
 *
 * Methods that take a `runId`, but for `show`, throw `InvalidInputError` `RUN_NOT_FOUND` when
 * nobody knows the run.
 */
export interface RunReader {
  /**
   * Runs, newest first.
   *
   * @param options `limit`: runs in a page, 50 by default. `cursor`: `nextCursor` of the page
   *   before. `status`: only runs that stand so
   */
  list(
    options?: { limit?: number; cursor?: string; status?: string },
  ): Promise<{ items: RunSummary[]; nextCursor: string | null }>;

  /** The run as its journal leaves it; `null` when nobody knows it. */
  show(runId: string): Promise<RunView | null>;

  /** Events of a run so far, in order. */
  events(runId: string): AsyncIterable<JournalledEvent>;

  /** Events of a run as they come, from the first to the one that closes it. */
  follow(runId: string, signal: AbortSignal): AsyncIterable<JournalledEvent>;

  /** Whether the run belongs to the nodes that serve the store, not to a process of its own. */
  isShared(runId: string): Promise<boolean>;

  /** Whether a node lives that serves the store. */
  hasNodes(): Promise<boolean>;

  /**
   * Leaves a wish for the process that works on the run, or the nodes that do.
   *
   * @throws {ConflictError} `RUN_CLOSED` when it has ended, `RUN_ORPHANED` when its process is gone
   */
  request(runId: string, wish: UserWish): Promise<void>;

  /** Lets go of the directory. */
  close(): void;
}

type RunStores = Pick<Stores, "runs" | "archive" | "cluster">;

class StoreReader implements RunReader {
  readonly #store: Store<RunEvent>;
  readonly #archive: ArchiveStore<RunEvent>;
  readonly #cluster: ClusterStore;
  readonly #close: () => void;

  constructor({ runs, archive, cluster }: RunStores, close: () => void) {
    this.#store = runs;
    this.#archive = archive;
    this.#cluster = cluster;
    this.#close = close;
  }

  async list(
    options: { limit?: number; cursor?: string; status?: string } = {},
  ): Promise<{ items: RunSummary[]; nextCursor: string | null }> {
    const limit = options.limit ?? 50;
    const items: RunSummary[] = [];
    let { cursor } = options;
    while (items.length < limit) {
      const page = await this.#store.runs({ limit, cursor });
      for (const entry of page) {
        cursor = entry.runId;
        if (options.status !== undefined && entry.status !== options.status) continue;
        items.push(await this.#summarize(entry));
        if (items.length === limit) return { items, nextCursor: cursor };
      }
      if (page.length < limit) break;
    }
    return { items, nextCursor: null };
  }

  async #summarize(entry: RunEntry): Promise<RunSummary> {
    const { runId, workflow, version } = entry;
    return {
      runId,
      workflow,
      version,
      status: entry.status as RunStatus,
      isOrphan: entry.finishedAt === null && !(await this.#isLed(entry)),
      isShared: isShared(entry.partition),
      startedAt: new Date(entry.submittedAt).toISOString(),
      finishedAt: entry.finishedAt === null ? null : new Date(entry.finishedAt).toISOString(),
    };
  }

  async isShared(runId: string): Promise<boolean> {
    return isShared((await this.#openEntry(runId)).partition);
  }

  hasNodes(): Promise<boolean> {
    return isServed(this.#cluster);
  }

  /** What nodes share is never left over: one of them goes on, or will when it comes up. */
  async #isLed(entry: Pick<RunEntry, "partition">): Promise<boolean> {
    if (isShared(entry.partition)) return true;
    const { holder } = await this.#store.term(entry.partition);
    return holder !== null && !isGone(holder);
  }

  async show(runId: string): Promise<RunView | null> {
    return await this.#showBegun(runId) ?? await this.#showPending(runId);
  }

  /** A run that was submitted, and that no node has begun. */
  async #showPending(runId: string): Promise<RunView | null> {
    const wish = await this.#submission(runId);
    if (wish === null) return await this.#showBegun(runId);
    const { packageHash, input } = wish.body as unknown as SubmitWish;
    const plan = await loadPlan(this.#store, packageHash);
    return viewRun({ ...createRunState(runId, plan), input });
  }

  async #submission(runId: string): Promise<InboxCommand | null> {
    const settings = await this.#cluster.knownSettings();
    if (settings === null) return null;
    const wish = await findWish(this.#store, partitionOfRun(runId, settings.partitions), runId);
    return wish?.type === "submit" ? wish : null;
  }

  async #showBegun(runId: string): Promise<RunView | null> {
    const run = await recoverRun(
      this.#store,
      runId,
      (hash) => loadPlan(this.#store, hash),
      this.#archive,
    );
    return run === null ? null : viewRun(run.state);
  }

  async *events(runId: string): AsyncIterable<JournalledEvent> {
    // Before a node has begun it, nothing has happened to it.
    if (await this.#store.run(runId) === null && await this.#submission(runId) !== null) return;
    yield* readHistory(this.#store, await this.#entry(runId), undefined, this.#archive);
  }

  async *follow(runId: string, signal: AbortSignal): AsyncIterable<JournalledEvent> {
    while (!signal.aborted && await this.#submission(runId) !== null) {
      await sleep(FOLLOW_POLL_MS, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
    let entry = await this.#entry(runId);
    let fromSeq = entry.firstSeq;
    let last: RunEvent | null = null;
    while (!signal.aborted) {
      for await (const journalled of readHistory(this.#store, entry, fromSeq, this.#archive)) {
        yield journalled;
        fromSeq = journalled.seq + 1;
        last = journalled.event;
      }
      // It may have closed before, and been retried; and it may have closed since its line was read.
      if (last !== null && isClosing(last) && last.at === entry.finishedAt) return;
      await sleep(FOLLOW_POLL_MS, undefined, { signal }).catch(() => {});
      entry = await this.#entry(runId);
    }
  }

  async request(runId: string, { type, ...body }: UserWish): Promise<void> {
    const entry = await this.#openEntry(runId);
    if (entry.finishedAt !== null) {
      throw new ConflictError("RUN_CLOSED", {
        message: `Run "${runId}" is already ${entry.status}`,
        hint: `See how it went with: deno task denizen runs show ${runId}`,
      });
    }
    if (!(await this.#isLed(entry))) {
      throw new ConflictError("RUN_ORPHANED", {
        message: `No process works on run "${runId}"`,
        hint: `Continue it with: deno task denizen runs resume ${runId}`,
      });
    }
    await this.#store.send(entry.partition, [{ runId, type, body }]);
    this.#cluster.bell?.ring([`partition:${entry.partition}`]);
  }

  /** The line of a run, or as much of it as there is before a node has begun it. */
  async #openEntry(
    runId: string,
  ): Promise<Pick<RunEntry, "partition" | "finishedAt" | "status">> {
    const entry = await this.#store.run(runId);
    if (entry !== null || await this.#submission(runId) === null) return await this.#entry(runId);
    const { partitions } = (await this.#cluster.knownSettings())!;
    return { partition: partitionOfRun(runId, partitions), finishedAt: null, status: "pending" };
  }

  async #entry(runId: string): Promise<RunEntry> {
    const entry = await this.#store.run(runId);
    if (entry !== null) return entry;
    throw runUnknown(runId);
  }

  close(): void {
    this.#close();
  }
}

/** What to throw for a run id that says nothing to anybody. */
export function runUnknown(runId: string): InvalidInputError {
  return new InvalidInputError("RUN_NOT_FOUND", {
    message: `Found no run "${runId}"`,
    hint: "List the runs with: deno task denizen runs list",
    details: { runId },
  });
}

/** The first wish for a run that waits in the inbox of a partition. */
export async function findWish(
  runs: Store<RunEvent>,
  partition: number,
  runId: string,
): Promise<InboxCommand | null> {
  let after: string | undefined;
  for (;;) {
    const commands = await runs.inbox(partition, after);
    if (commands.length === 0) return null;
    const found = commands.find((command) => command.runId === runId);
    if (found !== undefined) return found;
    after = commands.at(-1)!.id;
  }
}

/** The read side of stores that are open; closing it leaves them open. */
export function readRuns(stores: RunStores): RunReader {
  return new StoreReader(stores, () => {});
}

/**
 * Opens the read side of a data directory.
 *
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 */
export async function openReader(place: StorePlace): Promise<RunReader> {
  const stores = await openExistingStores(place, {
    what: "runs",
    hint: "Start one with: deno task run FILE; or name the right folder with --data DIR",
  });
  return new StoreReader(stores, () => void stores.close());
}
