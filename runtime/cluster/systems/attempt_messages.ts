/**
 * Messages that attempts send to a system by its door, and what they are answered.
 *
 * @module
 */
import { ITEM, type MessageItem } from "../../../actors/frames.ts";
import { type ErrorData, toErrorData } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { Outgoing, type SystemDoor } from "../../actors/mod.ts";
import type { Cell } from "../../cells/mod.ts";

/** Asks of one cell that are open at once. */
const ASKS_MAX = 1_000;

export class AttemptMessages {
  readonly #door: Pick<SystemDoor, "ask" | "tell">;
  readonly #outgoing = new Outgoing();
  readonly #asks = new Map<Cell, Map<number, AbortController>>();
  #isFlushDue = false;

  constructor(door: Pick<SystemDoor, "ask" | "tell">) {
    this.#door = door;
  }

  take(cell: Cell, item: MessageItem): void {
    if (item[0] === ITEM.CANCEL_ASK) return this.#asks.get(cell)?.get(item[2])?.abort();
    if (item[0] === ITEM.ASK) void this.#ask(cell, item);
    else void this.#tell(cell, item);
  }

  forgetCell(cell: Cell): void {
    for (const asking of this.#asks.get(cell)?.values() ?? []) asking.abort();
    this.#asks.delete(cell);
  }

  async #ask(cell: Cell, [, , token, to, type, payload, options]: SentItem): Promise<void> {
    const asks = this.#asks.get(cell) ?? new Map<number, AbortController>();
    if (asks.size >= ASKS_MAX) return this.#answerError(cell, token, OVERLOADED);
    const asking = new AbortController();
    this.#asks.set(cell, asks.set(token, asking));
    const { ttlMs, lane } = options ?? {};
    try {
      const askOptions = { timeoutMs: ttlMs, lane, signal: asking.signal };
      const answer = await this.#door.ask(to, type, payload, askOptions);
      this.#answer(cell, token, answer);
    } catch (error) {
      this.#answerError(cell, token, toErrorData(error));
    } finally {
      asks.delete(token);
      if (asks.size === 0 && this.#asks.get(cell) === asks) this.#asks.delete(cell);
    }
  }

  #answer(cell: Cell, token: number, answer: Json): void {
    this.#outgoing.answer(cell, [token, answer], JSON.stringify(answer).length);
    this.#flush();
  }

  #answerError(cell: Cell, token: number, { code, message, details }: ErrorData): void {
    this.#outgoing.answer(cell, [token, null, code, message, details ?? null], message.length);
    this.#flush();
  }

  async #tell(cell: Cell, [, , token, to, type, payload, options]: SentItem): Promise<void> {
    const { isDurable, sealedId: _, ...rest } = options ?? {};
    try {
      const durable = isDurable === undefined ? {} : { durable: isDurable };
      await this.#door.tell(to, type, payload, { ...rest, ...durable });
      this.#outgoing.taken(cell, token);
    } catch (error) {
      const { code, message, details } = toErrorData(error);
      const waitMs = Number(details?.retryAfterMs);
      cell.countRefusal();
      this.#outgoing.refused(cell, [token, code, message, Number.isFinite(waitMs) ? waitMs : null]);
    }
    this.#flush();
  }

  #flush(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.#outgoing.flush();
    });
  }
}

type SentItem = Extract<MessageItem, [7 | 8, ...unknown[]]>;

const OVERLOADED: ErrorData = {
  code: "OVERLOADED",
  message: `The cell of this agent waits for ${ASKS_MAX} answers`,
};
