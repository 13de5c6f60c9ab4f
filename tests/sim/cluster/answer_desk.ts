import type { AttemptOutcome } from "../../../core/outcome.ts";
import { type AttemptKey, attemptKey } from "./attempt_key.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { outputOf } from "./led_partition.ts";
import type { Frame } from "./sim_cells.ts";

/** What an attempt of this node said: one of the two. */
export interface Answer {
  frame: Frame;
  step: string | null;
  outcome: AttemptOutcome | null;
  /** Called once it is durable, in the journal or in an inbox. */
  onDurable: () => void;
  /** Who has it: nobody, this node as leader, or the way to the inbox. */
  at: "desk" | "leader" | "inbox";
}

/** Keeps what cells said until it is durable, and finds the way for it: none overtakes another. */
export class AnswerDesk {
  readonly #node: ClusterNode;
  readonly #answers = new Set<Answer>();

  constructor(node: ClusterNode) {
    this.#node = node;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** Whether the end of the attempt is on its way. */
  has(attempt: AttemptKey): boolean {
    const key = attemptKey(attempt);
    for (const { frame, outcome } of this.#answers) {
      if (outcome !== null && attemptKey(frame) === key) return true;
    }
    return false;
  }

  add(answer: Omit<Answer, "at">): void {
    this.#answers.add({ ...answer, at: "desk" });
    this.route();
  }

  /** Brings on the way what has none. */
  route(): void {
    for (const answer of [...this.#answers]) {
      if (answer.at === "desk") this.#route(answer);
    }
  }

  #route(answer: Answer): void {
    const { partition } = answer.frame;
    const led = this.#node.led.get(partition);
    if (led === undefined) return this.#isSending(partition) ? undefined : this.#send(answer);
    // While it is being taken over, or handed over, the way is not known yet.
    if (led.phase !== "open") return;
    answer.at = "leader";
    led.answer(answer, () => this.#settle(answer));
  }

  #isSending(partition: number): boolean {
    return [...this.#answers].some(({ at, frame }) =>
      at === "inbox" && frame.partition === partition
    );
  }

  #send(answer: Answer): void {
    const { frame, step, outcome } = answer;
    const { task, index, attempt, runId, partition } = frame;
    answer.at = "inbox";
    const place = { task, index, attempt };
    const wish = step !== null
      ? { runId, type: "step", body: { ...place, stepId: step, output: outputOf(step) } }
      : { runId, type: "finish", body: { ...place, outcome: JSON.parse(JSON.stringify(outcome)) } };
    this.#node.send(partition, wish, {
      done: () => {
        this.#settle(answer);
        this.route();
      },
      failed: () => {
        answer.at = "desk";
        this.#node.process.after(100, () => this.route());
      },
    });
  }

  /** The partition is led no more: what was not durable goes another way. */
  dropped(partition: number): void {
    for (const answer of [...this.#answers]) {
      if (answer.frame.partition !== partition || answer.at !== "leader") continue;
      if (this.#node.defect === "answers dropped at step-down") this.#answers.delete(answer);
      else answer.at = "desk";
    }
    this.route();
  }

  #settle(answer: Answer): void {
    if (!this.#answers.delete(answer)) return;
    answer.onDurable();
  }
}
