/** Deals with wishes for one run one after the other; runs do not wait for each other. */
export class WishChains {
  /** The last link of each chain: whether what comes after it may be dealt with. */
  readonly #last = new Map<string, Promise<boolean>>();
  /** Wishes in a chain, by id. */
  readonly #waiting = new Set<string>();

  /** Whether a wish for the run is being dealt with. */
  isBusy(runId: string): boolean {
    return this.#last.has(runId);
  }

  /** Whether the wish is in a chain. */
  has(wishId: string): boolean {
    return this.#waiting.has(wishId);
  }

  /**
   * Deals with a wish once those before it are dealt with.
   *
   * @param work never rejects; answers whether the next wish for the run may be dealt with. When it
   *   may not, all behind it are left where they are: none overtakes another
   */
  add(runId: string, wishId: string, work: () => Promise<boolean>): void {
    this.#waiting.add(wishId);
    const before = this.#last.get(runId) ?? Promise.resolve(true);
    const link = before.then((isClear) => isClear && work());
    this.#append(runId, link, () => this.#waiting.delete(wishId));
  }

  /** Lets wishes that come for a run wait for something that is under way, whatever comes of it. */
  hold(runId: string, work: Promise<unknown>): void {
    this.#append(runId, work.then(() => true, () => true), () => {});
  }

  #append(runId: string, link: Promise<boolean>, onEnd: () => void): void {
    const last = link.finally(() => {
      onEnd();
      if (this.#last.get(runId) === last) this.#last.delete(runId);
    });
    this.#last.set(runId, last);
  }
}
