import type { InboxCommand, Store } from "../../core/ports.ts";
import type { Partition } from "../scheduler/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { PartitionTable } from "./partition_table.ts";

export interface InboxReaderOptions {
  store: Pick<Store<RunEvent>, "inbox">;
  table: Pick<PartitionTable, "get" | "numbers">;
  /** A wish that the partition does not have in hand. */
  onWish: (partition: Partition, wish: InboxCommand) => void;
  /** What kept an inbox from being read. */
  onError: (error: unknown) => void;
  /** How often all inboxes are looked at, whether a doorbell rang or not. */
  pollMs: number;
}

/** Reads the inboxes of the partitions that this node leads. */
export class InboxReader {
  readonly #options: InboxReaderOptions;
  /** Inboxes that are being read, and whether somebody rang meanwhile. */
  readonly #reading = new Map<number, boolean>();
  readonly #poll: ReturnType<typeof setInterval>;

  constructor(options: InboxReaderOptions) {
    this.#options = options;
    this.#poll = setInterval(() => this.#lookAtAll(), options.pollMs);
  }

  #lookAtAll(): void {
    for (const number of this.#options.table.numbers) this.look(number);
  }

  /** Deals with what waits in an inbox. Of looks that are asked for during one, one is made after it. */
  look(number: number): void {
    if (this.#options.table.get(number) === undefined) return;
    if (this.#reading.has(number)) {
      this.#reading.set(number, true);
      return;
    }
    this.#reading.set(number, false);
    this.read(number).catch(this.#options.onError).finally(() => {
      const rang = this.#reading.get(number)!;
      this.#reading.delete(number);
      if (rang) this.look(number);
    });
  }

  /** Everything that waits, dealt with or not. */
  async list(number: number): Promise<InboxCommand[]> {
    const { store } = this.#options;
    const found: InboxCommand[] = [];
    for (let page = await store.inbox(number); page.length > 0;) {
      found.push(...page);
      page = await store.inbox(number, page.at(-1)!.id);
    }
    return found;
  }

  /** Deals with what waits, once; resolves when all of it was passed on. */
  async read(number: number): Promise<void> {
    const { table, onWish } = this.#options;
    const partition = table.get(number);
    if (partition === undefined) return;
    for await (const page of this.#pages(number, partition)) {
      // What another leadership asked for may be dealt with by now.
      if (table.get(number) !== partition) return;
      for (const wish of page) {
        if (!partition.isInHand(wish.id)) onWish(partition, wish);
      }
    }
  }

  /** What is handled while a page is on its way stays in hand until the page was looked through. */
  async *#pages(number: number, partition: Partition): AsyncIterable<InboxCommand[]> {
    const { store } = this.#options;
    let after: string | undefined;
    for (;;) {
      const letGo = partition.keepInHand();
      try {
        const page = await store.inbox(number, after);
        if (page.length === 0) return;
        yield page;
        after = page.at(-1)!.id;
      } finally {
        letGo();
      }
    }
  }

  /** Looks at inboxes no more by itself. */
  close(): void {
    clearInterval(this.#poll);
  }
}
