/**
 * What this node has to say to the leaders of partitions: it is kept until the store has it.
 *
 * @module
 */
import type { AttemptId } from "../../actors/mod.ts";
import type { InboxCommand } from "../../core/ports.ts";
import type { RunWish } from "../../workflows/mod.ts";
import type { Untold } from "../scheduler/mod.ts";

export interface OutboxOptions {
  /** Leaves wishes in the inbox of a partition. */
  send: (partition: number, commands: Omit<InboxCommand, "id">[]) => Promise<void>;
  partitionOf: (runId: string) => number;
  onError: (error: unknown) => void;
}

interface Item {
  command: Omit<InboxCommand, "id">;
  /** Attempt whose end it tells. */
  attempt: string | null;
  onSent?: () => void;
}

/** Wishes in one write. */
const BATCH_MAX = 200;
/** Between two tries while the store does not answer. */
const PAUSE_MS = { first: 50, last: 2_000 };

/** Sends in order, one write at a time for each partition; a write that failed is tried again. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #queues = new Map<number, Item[]>();
  readonly #sending = new Map<number, Promise<void>>();
  /** Attempts whose end waits to be told. */
  readonly #ends = new Set<string>();
  #isClosed = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether the end of the attempt is on its way. */
  has(id: AttemptId): boolean {
    return this.#ends.has(nameOf(id));
  }

  /** What cells said of runs that this node does not lead. */
  tell(untold: readonly Untold[]): void {
    for (const one of untold) {
      const { runId, taskId: task, index, attempt } = one.id;
      const place = { task, index, attempt };
      if (one.type === "finish") {
        this.add(runId, { type: "finish", ...place, outcome: one.outcome }, { ends: one.id });
      } else {
        const { stepId, output, acknowledge: onSent } = one;
        this.add(runId, { type: "step", ...place, stepId, output }, { onSent });
      }
    }
  }

  /** Sends a wish, sooner or later. */
  add(
    runId: string,
    { type, ...body }: RunWish,
    { ends, onSent }: { ends?: AttemptId; onSent?: () => void } = {},
  ): void {
    const partition = this.#options.partitionOf(runId);
    const attempt = ends === undefined ? null : nameOf(ends);
    if (attempt !== null) this.#ends.add(attempt);
    // The body is JSON: outcomes and outputs came out of frames.
    const command = { runId, type, body: body as unknown as InboxCommand["body"] };
    const queue = this.#queues.get(partition);
    if (queue === undefined) this.#queues.set(partition, [{ command, attempt, onSent }]);
    else queue.push({ command, attempt, onSent });
    if (!this.#sending.has(partition)) this.#start(partition);
  }

  #start(partition: number): void {
    const sending = this.#drain(partition);
    this.#sending.set(partition, sending);
    sending.then(() => this.#sending.delete(partition));
  }

  async #drain(partition: number): Promise<void> {
    const queue = this.#queues.get(partition)!;
    let pauseMs = PAUSE_MS.first;
    // What comes in the same turn goes into the same write.
    await Promise.resolve();
    while (queue.length > 0 && !this.#isClosed) {
      const batch = queue.slice(0, BATCH_MAX);
      try {
        await this.#options.send(partition, batch.map(({ command }) => command));
        pauseMs = PAUSE_MS.first;
      } catch (error) {
        this.#options.onError(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS.last);
        continue;
      }
      queue.splice(0, batch.length);
      for (const { attempt, onSent } of batch) {
        if (attempt !== null) this.#ends.delete(attempt);
        onSent?.();
      }
    }
    this.#queues.delete(partition);
  }

  /** Resolves once everything that was added has been sent. */
  async flushed(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  }

  /** Sends no more. */
  close(): void {
    this.#isClosed = true;
  }
}

function nameOf({ runId, taskId, index, attempt }: AttemptId): string {
  return `${runId} ${index} ${attempt} ${taskId}`;
}
