/**
 * `ctx.recall`: asks the node for earlier solutions. Runs inside the worker.
 *
 * @module
 */
import { type AnswerRow, ITEM } from "../../../actors/frames.ts";
import { codedError } from "./failure.ts";

/** Options of `ctx.recall`, as users write them. */
export interface RecallOptions {
  capability?: string;
  limit?: number;
}

const QUERY_CHARS_MAX = 2_000;
const LIMIT = 5;
const LIMIT_MAX = 20;
const WAITING_MAX = 16;

const { stringify } = JSON;

export class Recalls {
  readonly #send: (item: string) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #tokens = 0;

  /** @param send sends the JSON text of an item at once */
  constructor(send: (item: string) => void) {
    this.#send = send;
  }

  ask(seq: number, query: unknown, options: RecallOptions = {}): Promise<unknown> {
    const { capability = null, limit = LIMIT } = options;
    if (typeof query !== "string" || query === "" || query.length > QUERY_CHARS_MAX) {
      return refuse(
        "INVALID_INPUT",
        `The query must be text of 1 to ${QUERY_CHARS_MAX} characters`,
      );
    }
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      return refuse("INVALID_INPUT", `The limit must be a whole number from 1 to ${LIMIT_MAX}`);
    }
    if (capability !== null && typeof capability !== "string") {
      return refuse("INVALID_INPUT", "The capability must be text");
    }
    if (seq < 0) return refuse("CANCELLED", "The attempt is over");
    if (this.#waiting.size >= WAITING_MAX) {
      return refuse("RATE_LIMITED", `More than ${WAITING_MAX} recalls wait for an answer`);
    }
    const token = ++this.#tokens;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(token, answer);
    const words = `${stringify(query)},${stringify(capability)},${limit}`;
    this.#send(`[${ITEM.RECALL},${seq},${token},${words}]`);
    return answer.promise;
  }

  onAnswer(row: AnswerRow): void {
    const [token, value] = row;
    const answer = this.#waiting.get(token);
    this.#waiting.delete(token);
    if (row.length === 2) answer?.resolve(value);
    else answer?.reject(codedError(row[2], row[3]));
  }
}

function refuse(code: string, message: string): Promise<never> {
  return Promise.reject(codedError(code, message));
}
