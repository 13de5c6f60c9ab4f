import { Heap } from "../../core/heap.ts";

/** Something that was used at a time, and may be used again later. */
export interface Moment {
  readonly key: string;
  /** Last use, in epoch milliseconds; it only grows. */
  usedAt: number;
  /** What used it last, of one instant the greatest key: it decides among equals. Default `key`. */
  usedBy?: string;
  /** Where the queue put it; the queue's own. */
  rankedAt: number;
  rankedBy?: string;
  isGone: boolean;
}

/**
 * Hands out what was used longest ago. A use costs nothing: who was used since it was put here is
 * put back when its turn comes.
 */
export class OldestFirst<T extends Moment> {
  #heap = new Heap<T>(comesBefore);

  push(item: T): void {
    item.rankedAt = item.usedAt;
    if (item.usedBy !== undefined) item.rankedBy = item.usedBy;
    this.#heap.push(item);
  }

  /** The one of the oldest use, then of the smallest key that used it; it stays here. */
  peek(): T | undefined {
    for (let item = this.#heap.peek(); item !== undefined; item = this.#heap.peek()) {
      const isInPlace = item.rankedAt === item.usedAt && item.rankedBy === item.usedBy;
      if (!item.isGone && isInPlace) return item;
      this.#heap.pop();
      if (!item.isGone) this.push(item);
    }
    return undefined;
  }

  pop(): T | undefined {
    const item = this.peek();
    if (item !== undefined) this.#heap.pop();
    return item;
  }

  /** Drops every reference to what is gone. */
  sweep(): void {
    const kept = [...this.#heap].filter((item) => !item.isGone);
    this.#heap = new Heap<T>(comesBefore);
    for (const item of kept) this.push(item);
  }
}

function comesBefore(a: Moment, b: Moment): boolean {
  if (a.rankedAt !== b.rankedAt) return a.rankedAt < b.rankedAt;
  return (a.rankedBy ?? a.key) < (b.rankedBy ?? b.key);
}
