/**
 * What this node has to say to the leaders of partitions: it is kept until the store has it.
 *
 * @module
 */
import type { AttemptId } from "../../actors/mod.ts";
import type { InboxCommand } from "../../core/ports.ts";
import type { RunWish } from "../../workflows/mod.ts";
import type { Untold } from "../scheduler/mod.ts";
import { nameOfAttempt } from "./attempt_name.ts";
import { SendQueue } from "./send_queue.ts";

type Command = Omit<InboxCommand, "id">;

export interface OutboxOptions {
  /** Leaves wishes in the inbox of a partition. */
  send: (partition: number, commands: Command[]) => Promise<void>;
  partitionOf: (runId: string) => number;
  onError: (error: unknown) => void;
}

/** Wishes for runs that this node does not lead. */
export class Outbox {
  readonly #partitionOf: OutboxOptions["partitionOf"];
  readonly #queue: SendQueue<Command>;
  /** Attempts whose end waits to be told. */
  readonly #ends = new Set<string>();

  constructor({ send, partitionOf, onError }: OutboxOptions) {
    this.#partitionOf = partitionOf;
    this.#queue = new SendQueue({ send: (to, commands) => send(Number(to), commands), onError });
  }

  /** Whether the end of the attempt is on its way. */
  has(id: AttemptId): boolean {
    return this.#ends.has(nameOfAttempt(id));
  }

  /** What cells said of runs that this node does not lead. */
  tell(untold: readonly Untold[]): void {
    for (const one of untold) {
      const { runId, taskId: task, index, attempt } = one.id;
      const place = { task, index, attempt };
      if (one.type === "finish") {
        const name = nameOfAttempt(one.id);
        this.#ends.add(name);
        const wish = { type: "finish", ...place, outcome: one.outcome } as const;
        this.add(runId, wish, () => this.#ends.delete(name));
      } else {
        const { stepId, output, acknowledge } = one;
        this.add(runId, { type: "step", ...place, stepId, output }, acknowledge);
      }
    }
  }

  /** Sends a wish, sooner or later. */
  add(runId: string, { type, ...body }: RunWish, onSent?: () => void): void {
    // Outcomes and outputs came out of frames: the body is JSON.
    const command = { runId, type, body: body as unknown as InboxCommand["body"] };
    this.#queue.add(String(this.#partitionOf(runId)), command, onSent);
  }

  /** Resolves once everything that was added has been sent. */
  flushed(): Promise<void> {
    return this.#queue.flushed();
  }

  /** Sends no more. */
  close(): void {
    this.#queue.close();
  }
}
