import type { InboxCommand } from "../../core/ports.ts";
import type { Partition } from "../scheduler/mod.ts";
import type { PartitionTable } from "./partition_table.ts";
import type { RunStarter, RunWishBody } from "./run_starter.ts";
import { WishChains } from "./wish_chains.ts";

export interface RunWishesOptions {
  table: Pick<PartitionTable, "isLed">;
  starter: RunStarter;
  /** What kept a run from going on. */
  onBroken: (runId: string, error: unknown) => void;
  /** What kept a run from beginning at once. */
  onNotBegun: (error: unknown) => void;
}

/** What could not be done for want of a store is tried again after so long. */
const AGAIN_MS = 1_000;

/** Deals with what users and cells want of runs, in order for each run. */
export class RunWishes {
  readonly #options: RunWishesOptions;
  readonly #chains = new WishChains();

  constructor(options: RunWishesOptions) {
    this.#options = options;
  }

  /** Whether the wish is being dealt with. */
  has(wishId: string): boolean {
    return this.#chains.has(wishId);
  }

  /** Deals with a wish of an inbox: at once, or once what came before it is dealt with. */
  take(partition: Partition, wish: InboxCommand): void {
    const { runId, type, id } = wish;
    // Whoever leads next may be able to go on with it.
    if (partition.lostRuns.has(runId)) return;
    const isSlow = type === "submit" || type === "retry";
    if (!isSlow && !this.#chains.isBusy(runId)) return partition.handle(wish);
    this.#chains.add(runId, id, () => this.#takeSlowly(partition, wish));
  }

  /** Answers whether the next wish for the run may be dealt with. */
  async #takeSlowly(partition: Partition, wish: InboxCommand): Promise<boolean> {
    const { table, starter, onBroken } = this.#options;
    if (!table.isLed(partition)) return false;
    try {
      if (wish.type === "submit") await starter.submit(partition, wish);
      else if (wish.type === "retry") await starter.retry(partition, wish);
      else partition.handle(wish);
      return true;
    } catch (error) {
      // It stays in the inbox, and is tried again.
      onBroken(wish.runId, error);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      return false;
    }
  }

  /**
   * Begins a run without the way through the inbox.
   *
   * @param isFresh nobody else may have submitted a run of that id
   * @returns whether it is durable here. Else the wish is to be sent: where the run has begun after
   *   all, it is struck off
   */
  async begin(
    partition: Partition,
    runId: string,
    wish: RunWishBody,
    isFresh: boolean,
  ): Promise<boolean> {
    if (partition.lostRuns.has(runId) || this.#chains.isBusy(runId)) return false;
    const { starter, onNotBegun } = this.#options;
    const begun = starter.isKnown(partition, runId, isFresh)
      .then((isKnown) => isKnown ? null : starter.begin(partition, runId, wish));
    this.#chains.hold(runId, begun);
    try {
      const durable = await begun;
      if (durable === null) return false;
      await durable.committed;
      return true;
    } catch (error) {
      onNotBegun(error);
      return false;
    }
  }
}
