/** Slots are kept even when all are free, so that a quiet mailbox does not allocate. */
const CAPACITY_MIN = 16;

/**
 * First in, first out, with a way back in at the front. A ring whose capacity is a power of two:
 * it doubles when full and halves when seven eighths are free, so each step costs amortised O(1)
 * and a burst leaves no memory behind (Cormen et al., "Introduction to Algorithms", §17.4).
 */
export class LaneQueue<T> {
  #slots: (T | undefined)[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Slots that are allocated. */
  get capacity(): number {
    return this.#slots.length;
  }

  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#resize(this.#size * 2);
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#resize(this.#size * 2);
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#size++;
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    const capacity = this.#slots.length;
    if (capacity > CAPACITY_MIN && this.#size * 8 <= capacity) this.#resize(capacity / 2);
    return item;
  }

  /** Everything, first to last. */
  toArray(): T[] {
    const mask = this.#slots.length - 1;
    return Array.from({ length: this.#size }, (_, at) => this.#slots[(this.#head + at) & mask]!);
  }

  #resize(wanted: number): void {
    const capacity = Math.max(CAPACITY_MIN, wanted);
    const mask = this.#slots.length - 1;
    const slots: (T | undefined)[] = [];
    for (let at = 0; at < this.#size; at++) slots.push(this.#slots[(this.#head + at) & mask]);
    while (slots.length < capacity) slots.push(undefined);
    this.#slots = slots;
    this.#head = 0;
  }
}
