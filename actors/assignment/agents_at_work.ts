/**
 * How many agents share some work: those that do little of it count for less, so that one that did a
 * single task and left hardly counts (the inverse of E. H. Simpson's index, "Measurement of
 * diversity", 1949).
 */
export class AgentsAtWork {
  readonly #pieces = new Map<object, number>();
  #sum = 0;
  #squares = 0;

  /** Counts a piece of work, by who did it. */
  add(doer: object): void {
    const before = this.#pieces.get(doer) ?? 0;
    this.#pieces.set(doer, before + 1);
    this.#sum++;
    this.#squares += 2 * before + 1;
  }

  /** Counts one no longer that was added. */
  remove(doer: object): void {
    const before = this.#pieces.get(doer)!;
    if (before === 1) this.#pieces.delete(doer);
    else this.#pieces.set(doer, before - 1);
    this.#sum--;
    this.#squares -= 2 * before - 1;
  }

  /** From 1 to the number of different ones; 1 without work. */
  get count(): number {
    return this.#squares === 0 ? 1 : this.#sum ** 2 / this.#squares;
  }
}
