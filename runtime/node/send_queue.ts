export interface SendQueueOptions<Item> {
  /** Writes items for one receiver, all of them or none; a doubled write does no harm. */
  send: (to: string, items: Item[]) => Promise<void>;
  onError: (error: unknown) => void;
}

interface Queued<Item> {
  item: Item;
  onSent?: () => void;
}

/** Items in one write. */
const BATCH_MAX = 200;
/** Between two tries while the store does not answer. */
const PAUSE_MS = { first: 50, last: 2_000 };

/**
 * Keeps what is to be written for several receivers until it is: in order for each, one write at a
 * time for each, and again when one fails.
 */
export class SendQueue<Item> {
  readonly #options: SendQueueOptions<Item>;
  readonly #queues = new Map<string, Queued<Item>[]>();
  readonly #sending = new Map<string, Promise<void>>();
  #isClosed = false;

  constructor(options: SendQueueOptions<Item>) {
    this.#options = options;
  }

  /** `onSent` is called once the item is durable. */
  add(to: string, item: Item, onSent?: () => void): void {
    const queue = this.#queues.get(to);
    if (queue !== undefined) {
      queue.push({ item, onSent });
      return;
    }
    this.#queues.set(to, [{ item, onSent }]);
    const sending = this.#drain(to).finally(() => {
      if (this.#sending.get(to) === sending) this.#sending.delete(to);
    });
    this.#sending.set(to, sending);
  }

  async #drain(to: string): Promise<void> {
    const queue = this.#queues.get(to)!;
    let pauseMs = PAUSE_MS.first;
    // What comes in the same turn goes into the same write.
    await Promise.resolve();
    while (queue.length > 0 && !this.#isClosed) {
      const batch = queue.slice(0, BATCH_MAX);
      try {
        await this.#options.send(to, batch.map(({ item }) => item));
      } catch (error) {
        this.#options.onError(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS.last);
        continue;
      }
      pauseMs = PAUSE_MS.first;
      queue.splice(0, batch.length);
      for (const { onSent } of batch) onSent?.();
    }
    this.#queues.delete(to);
  }

  /** Resolves once everything that was added has been written. */
  async flushed(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  }

  /** Writes no more. */
  close(): void {
    this.#isClosed = true;
  }
}
