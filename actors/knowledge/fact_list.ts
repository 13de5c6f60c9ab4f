import type { Moment } from "./oldest_first.ts";

/** How far from the end a late item is put in its place at once: what moves stays little. */
const NEAR_END = 1_024;

/** What lists hold: something that happened, and may be forgotten. */
export interface Listed extends Moment {
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
  readonly key: string;
  isGone: boolean;
}

/**
 * Items by time, then by key, whatever order they come in. Nearly all come at the end; removal only
 * marks an item, and marked ones are swept out when they are as many as the others.
 */
export class FactList<T extends Listed> {
  #items: T[] = [];
  #isSorted = true;
  #size = 0;

  /** Items that are not gone. */
  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    const items = this.#items;
    this.#size++;
    const last = items.at(-1);
    if (last === undefined) {
      this.#items = [item]; // a list of one takes a sixth of what `push` would set aside
    } else if (isBefore(last, item)) {
      items.push(item);
    } else if (this.#isSorted && placeNearEnd(items, item)) {
      return;
    } else {
      items.push(item);
      this.#isSorted = false;
    }
  }

  /** Takes note that an item of the list was marked as gone. */
  noteGone(): void {
    this.#size--;
    if (this.#items.length > 2 * this.#size + 8) this.#items = this.#items.filter(isThere);
  }

  /** Drops every reference to what is gone. */
  sweep(): void {
    this.#items = this.#items.filter(isThere);
  }

  /** Oldest first; not to be changed, and good until the next change of the list. */
  oldestFirst(): readonly T[] {
    this.#sort();
    if (this.#items.length > this.#size) this.sweep();
    return this.#items;
  }

  /** Whatever the list takes in between, nothing is passed over and nothing comes twice. */
  *newestFirst(): Generator<T> {
    this.#sort();
    const items = this.#items;
    for (let at = items.length - 1; at >= 0; at--) {
      const item = items[at]!;
      if (item.isGone) continue;
      yield item;
      // What came meanwhile and belongs before it has moved it.
      while (items[at] !== item) at++;
    }
  }

  newest(): T | undefined {
    return this.newestFirst().next().value ?? undefined;
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#items = this.#items.filter(isThere).sort((a, b) => isBefore(a, b) ? -1 : 1);
    this.#isSorted = true;
  }
}

function placeNearEnd<T extends Listed>(items: T[], item: T): boolean {
  let [low, high] = [Math.max(0, items.length - NEAR_END), items.length];
  if (low > 0 && !isBefore(items[low]!, item)) return false;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(items[middle]!, item)) low = middle + 1;
    else high = middle;
  }
  items.splice(low, 0, item);
  return true;
}

function isBefore(a: Listed, b: Listed): boolean {
  return a.at < b.at || (a.at === b.at && a.key < b.key);
}

function isThere(item: Listed): boolean {
  return !item.isGone;
}
