import { OldestFirst } from "./oldest_first.ts";
import type { ReuseFact } from "./queries.ts";

/** How often a result was used again, and when. */
export interface ReuseTally {
  count: number;
  firstAt: number | null;
  lastAt: number | null;
}

interface ReuseEntry {
  /** The instance that it stood for: each counts once. */
  readonly key: string;
  readonly runId: string;
  readonly source: string;
  readonly sourceRunId: string;
  usedAt: number;
  rankedAt: number;
  isGone: boolean;
}

interface Source {
  runId: string;
  task: string;
  index?: number;
}

/** Which results were used again; a use may be known before the result is. */
export class ReuseLedger {
  readonly #countMax: number;
  readonly #entries = new Map<string, ReuseEntry>();
  readonly #bySource = new Map<string, ReuseEntry[]>();
  readonly #queue = new OldestFirst<ReuseEntry>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @returns `false` when it was known. */
  add(reuse: ReuseFact): boolean {
    const key = instanceKey(reuse.by);
    if (this.#entries.has(key)) return false;
    const source = instanceKey(reuse);
    const entry: ReuseEntry = {
      key,
      runId: reuse.by.runId,
      source,
      sourceRunId: reuse.runId,
      usedAt: reuse.at,
      rankedAt: reuse.at,
      isGone: false,
    };
    this.#entries.set(key, entry);
    const others = this.#bySource.get(source);
    if (others === undefined) this.#bySource.set(source, [entry]);
    else others.push(entry);
    this.#queue.push(entry);
    while (this.size > this.#countMax) this.#remove([this.#queue.pop()!]);
    return true;
  }

  of(source: Source): ReuseTally {
    const entries = this.size === 0 ? undefined : this.#bySource.get(instanceKey(source));
    if (entries === undefined) return { count: 0, firstAt: null, lastAt: null };
    const times = entries.map((entry) => entry.usedAt);
    return {
      count: times.length,
      firstAt: times.reduce((a, b) => Math.min(a, b)),
      lastAt: times.reduce((a, b) => Math.max(a, b)),
    };
  }

  trim(before: number): void {
    for (let oldest = this.#queue.peek(); oldest !== undefined; oldest = this.#queue.peek()) {
      if (oldest.usedAt >= before) return;
      this.#remove([oldest]);
    }
  }

  /** Forgets the uses of one result. */
  forgetSource({ runId, index, task }: Omit<Source, "task"> & { task: { name: string } }): void {
    this.#remove(this.#bySource.get(instanceKey({ runId, task: task.name, index })) ?? []);
  }

  /** Forgets the uses by a run, and of its results. */
  forget(runId: string): void {
    const ofRun = [...this.#entries.values()]
      .filter((entry) => entry.runId === runId || entry.sourceRunId === runId);
    this.#remove(ofRun);
    if (ofRun.length > 0) this.#queue.sweep();
  }

  #remove(entries: readonly ReuseEntry[]): void {
    for (const entry of [...entries]) {
      entry.isGone = true;
      this.#entries.delete(entry.key);
      const others = this.#bySource.get(entry.source)!;
      if (others.length > 1) others.splice(others.indexOf(entry), 1);
      else this.#bySource.delete(entry.source);
    }
  }
}

function instanceKey({ runId, task, index }: Source): string {
  return `${runId}/${task}/${index ?? 0}`;
}
