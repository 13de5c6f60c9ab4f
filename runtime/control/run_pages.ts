import { decodeTime, encodeTime } from "ulid";
import { isShared } from "../../core/partitions.ts";
import type { RunEntry, Store } from "../../core/ports.ts";
import type { RunEvent, RunStatus } from "../../workflows/mod.ts";
import { isGone } from "../node/process_identity.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { Page, Sees } from "./caller.ts";
import type { RunFilters, RunListItem } from "./run_documents.ts";

/** A line of the list with what filters look at. */
interface Line {
  item: RunListItem;
  submittedAt: number;
}

/** Lines of a store's run list that one call looks at. */
const SCAN_MAX = 2_000;
/** Lines that are read at once: first what a page needs, then what a filter looks through. */
const READ = { first: 100, more: 500 };
const LIMIT = { default: 50, max: 200 };
/** What is known may be so old; when this node has heard of news, only the shorter time. */
const FRESH_MS = { quiet: 100, news: 20 };
/** A run is begun this long after its id was made, at most, or `since` may miss it. */
const BEGUN_WITHIN_MS = 3_600_000;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const TIME_MAX = 2 ** 48 - 1;

/** The run list in pages, read from the store a few times a second at most. */
export class RunPages {
  readonly #store: Pick<Store<RunEvent>, "runs" | "run" | "term">;
  readonly #now: () => number;
  readonly #isWaiting: (runId: string) => boolean;
  readonly #read = new BoundedCache<{ at: number; lines: Promise<Line[]> }>({ entriesMax: 64 });
  /** Pages for those who see everything, with the lines that they were made of. */
  readonly #pages = new BoundedCache<{ lines: Line[]; page: Page<RunListItem> }>({
    entriesMax: 64,
  });
  #newsAt = -Infinity;
  #changedAt = -Infinity;

  /**
   * @param options `now`: milliseconds that never run backwards. `isWaiting`: whether an open run
   *   waits for time or a signal, which its line does not tell
   */
  constructor(
    store: Pick<Store<RunEvent>, "runs" | "run" | "term">,
    options: { now: () => number; isWaiting?: (runId: string) => boolean },
  ) {
    this.#store = store;
    this.#now = options.now;
    this.#isWaiting = options.isWaiting ?? (() => false);
  }

  /** Something has changed in the list. */
  touch(): void {
    this.#newsAt = this.#now();
  }

  /** Somebody here has changed something, and will look: nothing that was read before is given out. */
  expire(): void {
    this.#changedAt = this.#now();
  }

  /** The same object for the same question, until something changes: it is then written out once. */
  async list(
    filters: RunFilters = {},
    options: { limit?: number; cursor?: string; sees?: Sees } = {},
  ): Promise<Page<RunListItem>> {
    const named = filters.q?.toUpperCase() ?? "";
    if (ULID.test(named)) return await this.#only(named, matcherOf(filters, options.sees));
    if (options.sees !== undefined) return await this.#make(filters, options);
    const lines = await this.#lines(startOf(filters, options.cursor), READ.first);
    const key = JSON.stringify([filters, options]);
    const known = this.#pages.get(key);
    if (known?.lines === lines) return known.page;
    const page = await this.#make(filters, options);
    const isWhole = lines.length < READ.first ||
      lines.some(({ item }) => item === page.items.at(-1));
    if (isWhole && page.items.length > 0) this.#pages.set(key, { lines, page });
    return page;
  }

  async #make(
    filters: RunFilters,
    options: { limit?: number; cursor?: string; sees?: Sees },
  ): Promise<Page<RunListItem>> {
    const limit = Math.min(options.limit ?? LIMIT.default, LIMIT.max);
    const isWanted = matcherOf(filters, options.sees);
    const items: RunListItem[] = [];
    let cursor = startOf(filters, options.cursor);
    for (let looked = 0; looked < SCAN_MAX;) {
      const size = looked === 0 ? READ.first : READ.more;
      const lines = await this.#lines(cursor, size);
      for (const listed of lines) {
        const line = this.#asItStands(listed);
        if (isBefore(line, filters)) return { items, nextCursor: null };
        cursor = line.item.runId;
        if (!isWanted(line)) continue;
        items.push(line.item);
        const isLast = lines.length < size && listed === lines.at(-1);
        if (items.length === limit) return { items, nextCursor: isLast ? null : cursor };
      }
      if (lines.length < size) return { items, nextCursor: null };
      looked += lines.length;
    }
    return { items, nextCursor: cursor ?? null };
  }

  async #only(runId: string, isWanted: (line: Line) => boolean): Promise<Page<RunListItem>> {
    const entry = await this.#store.run(runId);
    const lines = entry === null ? [] : await this.#toLines([entry]);
    const wanted = lines.map((line) => this.#asItStands(line)).filter(isWanted);
    return { items: wanted.map(({ item }) => item), nextCursor: null };
  }

  #asItStands(line: Line): Line {
    const { item } = line;
    if (item.status !== "running" || !this.#isWaiting(item.runId)) return line;
    return { ...line, item: { ...item, status: "waiting" } };
  }

  #lines(cursor: string | undefined, limit: number): Promise<Line[]> {
    const key = `${limit}/${cursor ?? ""}`;
    const now = this.#now();
    const known = this.#read.get(key);
    if (known !== undefined && known.at > this.#changedAt) {
      const age = now - known.at;
      const hasNews = this.#newsAt >= known.at;
      if (age < (hasNews ? FRESH_MS.news : FRESH_MS.quiet)) return known.lines;
    }
    const lines = this.#store.runs({ limit, cursor }).then((entries) => this.#toLines(entries));
    this.#read.set(key, { at: now, lines });
    lines.catch(() => this.#read.delete(key));
    return lines;
  }

  async #toLines(entries: readonly RunEntry[]): Promise<Line[]> {
    const left = await this.#leftPartitions(entries);
    return entries.map((entry) => ({
      item: toItem(entry, left.has(entry.partition)),
      submittedAt: entry.submittedAt,
    }));
  }

  /** Partitions of single processes that are gone; what nodes share is never left over. */
  async #leftPartitions(entries: readonly RunEntry[]): Promise<Set<number>> {
    const own = new Set(
      entries.filter(({ finishedAt, partition }) => finishedAt === null && !isShared(partition))
        .map(({ partition }) => partition),
    );
    const terms = await Promise.all([...own].map((partition) => this.#store.term(partition)));
    return new Set(
      terms.filter(({ holder }) => holder === null || isGone(holder))
        .map(({ partition }) => partition),
    );
  }
}

function toItem(entry: RunEntry, isLeft: boolean): RunListItem {
  const { runId, workflow, version, submittedAt, finishedAt, partition } = entry;
  return {
    runId,
    workflow,
    version,
    status: entry.status as RunStatus,
    isOrphan: finishedAt === null && isLeft,
    isShared: isShared(partition),
    tenant: entry.tenant ?? null,
    tags: entry.tags ?? [],
    startedAt: new Date(submittedAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    durationMs: finishedAt === null ? null : Math.max(0, finishedAt - submittedAt),
  };
}

function matcherOf(filters: RunFilters, sees?: Sees): (line: Line) => boolean {
  const { status, workflow, tag, tenant, sinceAt, untilAt } = filters;
  const word = filters.q?.toLowerCase();
  return ({ item, submittedAt }) =>
    (status === undefined || status.includes(item.status)) &&
    (workflow === undefined || item.workflow === workflow) &&
    (tag === undefined || item.tags.includes(tag)) &&
    (tenant === undefined || item.tenant === tenant) &&
    (sinceAt === undefined || submittedAt >= sinceAt) &&
    (untilAt === undefined || submittedAt < untilAt) &&
    (word === undefined || hasWord(item, word)) &&
    (sees === undefined || sees(item));
}

function hasWord({ runId, workflow, tags }: RunListItem, word: string): boolean {
  return runId.toLowerCase().startsWith(word) || workflow.includes(word) ||
    tags.some((tag) => tag.toLowerCase().includes(word));
}

/** Ids begin with the time of submission, and no run is begun before that. */
function startOf({ untilAt }: RunFilters, cursor: string | undefined): string | undefined {
  if (untilAt === undefined || untilAt > TIME_MAX) return cursor;
  const from = encodeTime(Math.max(0, Math.ceil(untilAt)), 10) + "0".repeat(16);
  return cursor === undefined || from < cursor ? from : cursor;
}

/** Whether neither this run nor an older one can be wanted. */
function isBefore({ item: { runId } }: Line, { sinceAt }: RunFilters): boolean {
  if (sinceAt === undefined || !ULID.test(runId)) return false;
  return decodeTime(runId) < sinceAt - BEGUN_WITHIN_MS;
}
