/** So many in each second. */
export class PerSecond {
  readonly #max: number;
  #from = 0;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @param now monotonic, in milliseconds */
  allows(now: number): boolean {
    if (now >= this.#from + 1_000) [this.#from, this.#count] = [now, 0];
    return ++this.#count <= this.#max;
  }
}
