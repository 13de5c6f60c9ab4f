import { Keeper } from "../archive/mod.ts";
import type { Clock } from "../../core/ports.ts";
import type { Partition } from "../scheduler/mod.ts";
import type { Stores } from "./open_store.ts";
import type { PackageShelf } from "./package_shelf.ts";

export interface PartitionKeepersOptions {
  stores: Pick<Stores, "runs" | "archive" | "documents">;
  shelf: Pick<PackageShelf, "plan">;
  clock: Clock;
  onTrouble: (error: unknown) => void;
}

/** Snapshots, compaction and retention, beside the work of each partition for as long as it is led. */
export class PartitionKeepers {
  readonly #options: PartitionKeepersOptions;
  readonly #keepers = new Map<Partition, Keeper>();

  constructor(options: PartitionKeepersOptions) {
    this.#options = options;
  }

  start(partition: Partition): void {
    const { stores: { runs, archive, documents }, shelf, clock, onTrouble } = this.#options;
    const keeper = new Keeper({
      partition,
      store: runs,
      archive,
      documents,
      loadPlan: (hash) => shelf.plan(hash),
      clock,
      onTrouble,
    });
    this.#keepers.set(partition, keeper);
    keeper.start();
  }

  /** Nothing is under way for the partition when this resolves. */
  async stop(partition: Partition): Promise<void> {
    const keeper = this.#keepers.get(partition);
    this.#keepers.delete(partition);
    await keeper?.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#keepers.keys()].map((partition) => this.stop(partition)));
  }
}
