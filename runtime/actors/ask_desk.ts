/**
 * Everybody who waits for an answer, and what becomes of a message that nobody waits for any more.
 *
 * @module
 */
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { AnswerRow, SendOptions } from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Cell } from "../cells/mod.ts";
import type { Activation } from "./activation.ts";
import { type Ask, isActorWork, type Letter } from "./letter.ts";
import type { Parts } from "./parts.ts";

const ASK_TIMEOUT_MS = 5_000;
/** Longest time that an ask may wait. */
const ASK_TIMEOUT_MS_MAX = 24 * 3_600_000;

export class AskDesk {
  readonly #parts: Parts;
  readonly #workerAsks = new Map<Cell, Map<number, Ask>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** An ask of a worker is answered to its cell. */
  openFor(
    cell: Cell,
    token: number,
    { to, options }: { to: string; options: SendOptions },
    from: Activation | null,
  ): Ask {
    const asks = this.#workerAsks.get(cell) ?? new Map<number, Ask>();
    this.#workerAsks.set(cell, asks);
    const ask = this.open(to, options.ttlMs, from, (outcome) => {
      asks.delete(token);
      if (asks.size === 0) this.#workerAsks.delete(cell);
      this.#parts.outgoing.answer(cell, toRow(token, outcome), ask.answerChars);
      this.#parts.courier.wake();
    });
    asks.set(token, ask);
    return ask;
  }

  /** Somebody begins to wait. */
  open(
    to: string,
    timeoutMs: number | undefined,
    from: Activation | null,
    answer: (outcome: AttemptOutcome) => void,
  ): Ask {
    const limitMs = Math.min(ASK_TIMEOUT_MS_MAX, timeoutMs ?? ASK_TIMEOUT_MS);
    const ask: Ask = {
      from,
      to,
      deadlineAt: this.#parts.now() + limitMs,
      flight: null,
      answerChars: 0,
      isOver: false,
      answer,
    };
    this.#parts.asks.open(ask);
    return ask;
  }

  /** The worker no longer wants to know. */
  cancel(cell: Cell, token: number): void {
    const ask = this.#workerAsks.get(cell)?.get(token);
    if (ask !== undefined) this.giveUp(ask, { code: "CANCELLED", message: "The asker gave up" });
  }

  /** Nobody waits for the answer any more: whoever handles the message is told. */
  giveUp(ask: Ask, error: ErrorData): void {
    if (ask.isOver) return;
    const work = ask.flight?.work;
    this.#parts.courier.answer({ ask } as Letter, { status: "failed", error });
    if (work === undefined || !isActorWork(work)) return;
    const { seq } = ask.flight!;
    for (const cell of work.activation.type.cells) {
      if (cell.flights.get(seq) !== ask.flight) continue;
      // Only told: what it does then is its own matter, within the time for a message.
      cell.send(["abort", seq, error.code, error.message]);
    }
  }

  /** The actor has ended: nobody in it waits any more, and it closes no circle of asks. */
  forget({ asking }: Activation): void {
    for (const ask of asking) {
      this.giveUp(ask, { code: "CANCELLED", message: "The asker has ended" });
    }
  }

  /** A cell is gone: nobody there waits any more. */
  forgetCell(cell: Cell): void {
    for (const ask of this.#workerAsks.get(cell)?.values() ?? []) {
      this.giveUp(ask, { code: "CANCELLED", message: "The asker has ended" });
    }
    this.#workerAsks.delete(cell);
  }
}

function toRow(token: number, outcome: AttemptOutcome): AnswerRow {
  if (outcome.status === "completed") return [token, outcome.output];
  const { code, message, details } = outcome.error;
  return [token, null, code, message, details ?? null];
}
