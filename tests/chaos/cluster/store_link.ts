import { openStores, type StorePlace, type Stores } from "../../../runtime/node/open_store.ts";

/** Longer than any fault lasts: who gets no answer by then will get none. */
const HANG_MS = 20_000;

/**
 * The test's own way to the store that it tests. A call that is never answered is counted, and must
 * not keep the test from going on.
 */
export class StoreLink {
  /** Calls that were not answered. */
  hangs = 0;
  readonly #place: StorePlace;
  #stores: Promise<Stores>;

  constructor(place: StorePlace) {
    this.#place = place;
    this.#stores = this.#open();
  }

  #open(): Promise<Stores> {
    const stores = openStores(this.#place);
    // Whoever asks is told.
    stores.catch(() => {});
    return stores;
  }

  /** Throws what `question` throws, and `Error` when the store does not answer. */
  async ask<T>(question: (stores: Stores) => Promise<T>): Promise<T> {
    const stores = this.#stores;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("The store does not answer")), HANG_MS);
    const give = late.promise.catch((error) => {
      this.hangs++;
      if (this.#stores === stores) this.#stores = this.#open();
      throw error;
    });
    give.catch(() => {});
    try {
      return await Promise.race([stores.then(question), give]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    await (await this.#stores).close();
  }
}
