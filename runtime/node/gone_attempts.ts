import { wantedAttempts } from "../../workflows/mod.ts";
import type { WantedAttempt } from "../../workflows/mod.ts";
import type { ActiveRun, Partition } from "../scheduler/mod.ts";
import { AttemptLetters, type PostLetters } from "./attempt_letters.ts";
import type { PartitionTable } from "./partition_table.ts";

export interface GoneAttemptsOptions {
  table: Pick<PartitionTable, "get" | "numbers">;
  /** Nodes that live, as `name/boot`. */
  living: () => ReadonlySet<string>;
  /** Deals with what waits in the inbox of a partition. */
  readInbox: (partition: number) => Promise<void>;
  post: PostLetters;
  onError: (error: unknown) => void;
}

/** What could not be read is read again after so long. */
const AGAIN_MS = 1_000;

/** Begins anew what nodes were doing that are gone. */
export class GoneAttempts {
  readonly #options: GoneAttemptsOptions;
  /** Partitions whose inboxes are read before attempts in them are lost. */
  readonly #losing = new Set<number>();

  constructor(options: GoneAttemptsOptions) {
    this.#options = options;
  }

  /** Nodes came or went. */
  look(): void {
    for (const number of this.#options.table.numbers) void this.#loseIn(number);
  }

  /** What a node said before it died counts before its attempts are lost. */
  async #loseIn(number: number): Promise<void> {
    const { table, readInbox, onError } = this.#options;
    if (this.#losing.has(number) || this.#goneIn(table.get(number)).length === 0) return;
    this.#losing.add(number);
    try {
      await readInbox(number);
      const partition = table.get(number);
      if (partition !== undefined) this.#beginAnew(partition);
    } catch (error) {
      onError(error);
      setTimeout(() => this.#loseIn(number), AGAIN_MS);
    } finally {
      this.#losing.delete(number);
    }
  }

  /** Should one of the nodes come back, it is to end what was begun anew. */
  #beginAnew(partition: Partition): void {
    const letters = new AttemptLetters(partition.fence);
    for (const { run, gone } of this.#goneIn(partition)) {
      for (const attempt of gone) letters.cancel(attempt.node!, run.state.runId, attempt);
      partition.loseAttempts(run, gone);
    }
    // A partition that is lost meanwhile has lost no attempts.
    partition.flushed().then(() => letters.postAll(this.#options.post), () => {});
  }

  /** Runs with attempts of nodes that are gone. */
  #goneIn(partition: Partition | undefined): { run: ActiveRun; gone: WantedAttempt[] }[] {
    if (partition === undefined) return [];
    const alive = this.#options.living();
    return [...partition.runs.values()].flatMap((run) => {
      const gone = wantedAttempts(run.state)
        .filter(({ node }) => node !== null && !alive.has(node));
      return gone.length === 0 ? [] : [{ run, gone }];
    });
  }
}
