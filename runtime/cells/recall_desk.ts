/**
 * Answers `ctx.recall` of attempts, within bounds: what is asked costs the node work, and what is
 * answered costs the worker memory.
 *
 * @module
 */
import type { Attempt, RecalledSolution, RecallQuery } from "../../actors/attempt.ts";
import type { AnswerRow, RecallItem } from "../../actors/frames.ts";
import { DenizenError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Cell } from "./cell.ts";
import type { Flight } from "./flight.ts";

/** Looks for earlier solutions, the most alike first. */
export type RecallHandler = (
  attempt: Attempt,
  query: RecallQuery,
) => Promise<readonly RecalledSolution[]>;

/** Of one cell, in one second. */
const PER_SECOND_MAX = 100;
/** Of one cell, at once. */
const OPEN_MAX = 16;
const QUERY_CHARS_MAX = 2_000;
const LIMIT_MAX = 20;
/** Of one answer, as JSON text: outputs that do not fit are left out. */
const ANSWER_CHARS_MAX = 256 * 1024;

interface Count {
  from: number;
  asked: number;
  open: number;
}

export class RecallDesk {
  readonly #counts = new WeakMap<Cell, Count>();
  readonly #isTrial: (attempt: Attempt) => boolean;
  /** Set where somebody keeps solutions. */
  handler: RecallHandler | null = null;

  /** @param isTrial whether the attempt belongs to no run: nothing is known before it */
  constructor(isTrial: (attempt: Attempt) => boolean) {
    this.#isTrial = isTrial;
  }

  async answer(cell: Cell, flight: Flight, item: RecallItem): Promise<void> {
    const row = await this.#answer(cell, flight, item);
    if (cell.isAlive) cell.send(["recalled", row]);
  }

  async #answer(
    cell: Cell,
    { work }: Flight,
    [, , token, text, capability, limit]: RecallItem,
  ): Promise<AnswerRow> {
    const { handler } = this;
    if (handler === null) {
      return refusal(token, "NOT_SUPPORTED", "Nobody keeps earlier solutions here");
    }
    if (text.length > QUERY_CHARS_MAX || limit < 1 || limit > LIMIT_MAX) {
      return refusal(token, "INVALID_INPUT", "The query or its limit is out of bounds");
    }
    const count = this.#count(cell);
    if (count.asked > PER_SECOND_MAX || count.open >= OPEN_MAX) {
      const message = `An agent may recall ${PER_SECOND_MAX} times a second, ${OPEN_MAX} at once`;
      return refusal(token, "RATE_LIMITED", message);
    }
    count.open++;
    try {
      const found = this.#isTrial(work as Attempt)
        ? []
        : await handler(work as Attempt, { text, capability, limit });
      return [token, fit(found.slice(0, limit)) as unknown as Json];
    } catch (error) {
      const known = error instanceof DenizenError;
      return refusal(token, known ? error.code : "UNAVAILABLE", known ? error.message : FAILED);
    } finally {
      count.open--;
    }
  }

  #count(cell: Cell): Count {
    const now = performance.now();
    const count = this.#counts.get(cell) ?? { from: now, asked: 0, open: 0 };
    this.#counts.set(cell, count);
    if (now >= count.from + 1_000) [count.from, count.asked] = [now, 0];
    count.asked++;
    return count;
  }
}

const FAILED = "The earlier solutions cannot be looked through now";

/** Leaves outputs out, from the least alike on, until the answer is small enough. */
function fit(found: readonly RecalledSolution[]): RecalledSolution[] {
  let left = ANSWER_CHARS_MAX;
  return found.map((each) => {
    const chars = JSON.stringify(each).length;
    if (chars > left) return { ...each, output: null };
    left -= chars;
    return each;
  });
}

function refusal(token: number, code: string, message: string): AnswerRow {
  return [token, null, code, message, null];
}
