/**
 * Sends messages of this worker to the node and waits for what becomes of them. Runs inside the
 * worker.
 *
 * @module
 */
import { type AnswerRow, ITEM, type RefusalRow, type TokenRange } from "../../../actors/frames.ts";
import { isLane, isMessageId, isTagList } from "../../../actors/messages/message.ts";
import { codedError } from "./failure.ts";
import type { SealedMessage, Seals } from "./seals.ts";

/** Options of `ctx.tell`, `ctx.ask` and `ctx.emit`, as users write them. */
export interface UserSendOptions {
  lane?: string;
  ttlMs?: number;
  delayMs?: number;
  id?: string;
  durable?: boolean;
  tags?: string[];
  partitionBy?: string;
  /** Of an ask. */
  timeoutMs?: number;
  /** Of an ask: gives the answer up when it aborts. */
  signal?: AbortSignal;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** The message was sealed: its answer is, too. */
  sealed: SealedMessage | null;
}

/** JSON text of an item, from behind its token. */
interface Composed {
  text: string;
  sealed: SealedMessage | null;
}

/** Messages that the node has not answered for; more are refused here. */
const UNSETTLED_MAX = 65_536;

const { stringify } = JSON;

export class Messenger {
  /** Set before the module is loaded, where messages are to be sealed. */
  seals: Seals | null = null;
  readonly #send: (item: string) => void;
  readonly #toJson: (value: unknown, what: string) => string;
  readonly #waiting = new Map<number, Waiting>();
  #tokens = 0;

  /**
   * @param send queues the JSON text of an item
   * @param toJson JSON text of a payload; throws a coded error when it is none
   */
  constructor(send: (item: string) => void, toJson: (value: unknown, what: string) => string) {
    this.#send = send;
    this.#toJson = toJson;
  }

  /**
   * Resolves when the node has taken the message; of a durable one, when it is on disk.
   *
   * @param from the instance that sends, of an actor
   */
  tell(
    seq: number,
    to: unknown,
    type: unknown,
    payload: unknown,
    options: UserSendOptions = {},
    from?: string,
  ): Promise<unknown> {
    return this.#post(ITEM.TELL, seq, to, type, payload, options, from).sent;
  }

  /** Resolves with the answer. */
  ask(
    seq: number,
    to: unknown,
    type: unknown,
    payload: unknown,
    options: UserSendOptions = {},
    from?: string,
  ): Promise<unknown> {
    const { timeoutMs: ttlMs = options.ttlMs, signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const asked = { ...options, ttlMs };
    const { token, sent } = this.#post(ITEM.ASK, seq, to, type, payload, asked, from);
    if (signal === undefined || token === 0) return sent;
    const onAbort = () => {
      this.#waiting.get(token)?.reject(signal.reason);
      if (this.#waiting.delete(token)) this.#send(`[${ITEM.CANCEL_ASK},${seq},${token}]`);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const forget = () => signal.removeEventListener("abort", onAbort);
    sent.then(forget, forget);
    return sent;
  }

  #post(
    tag: number,
    seq: number,
    to: unknown,
    type: unknown,
    payload: unknown,
    options: UserSendOptions,
    from: string | undefined,
  ): { token: number; sent: Promise<unknown> } {
    try {
      const { text, sealed } = this.#compose(seq, to, type, payload, options, from);
      const token = ++this.#tokens;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      this.#waiting.set(token, { resolve, reject, sealed });
      // Who does not await a message must not be ended by its refusal; the node has it on record.
      promise.catch(() => {});
      this.#send(`[${tag},${seq},${token}${text}`);
      return { token, sent: promise };
    } catch (error) {
      const sent = Promise.reject(error);
      sent.catch(() => {});
      return { token: 0, sent };
    }
  }

  #compose(
    seq: number,
    to: unknown,
    type: unknown,
    payload: unknown,
    options: UserSendOptions,
    from: string | undefined,
  ): Composed {
    if (seq < 0) {
      throw codedError("CONTEXT_OVER", "Cannot send with this `ctx`: its work has ended");
    }
    if (this.#waiting.size >= UNSETTLED_MAX) {
      throw codedError(
        "OVERLOADED",
        `${UNSETTLED_MAX} messages of this worker are under way; await them before sending more`,
      );
    }
    const plain = this.#toJson(payload, "a message");
    const sealed = this.seals === null
      ? null
      : this.seals.seal(plain, { from, to: String(to), type: String(type), id: options.id });
    const text = sealed === null ? plain : sealed.text;
    const rest = `${text},${toOptions(options, sealed?.binding.id)}]`;
    return { text: `,${stringify(String(to))},${stringify(String(type))},${rest}`, sealed };
  }

  /** What the node says of messages. */
  onSent(taken: readonly TokenRange[], refused: readonly RefusalRow[]): void {
    for (const [first, last] of taken) {
      for (let token = first; token <= last; token++) this.#settle(token)?.resolve(undefined);
    }
    for (const [token, code, message, retryAfterMs] of refused) {
      const error = codedError(code, message);
      if (retryAfterMs !== null) Object.assign(error, { details: { retryAfterMs } });
      this.#settle(token)?.reject(error);
    }
  }

  onAnswers(rows: readonly AnswerRow[]): void {
    for (const [token, value, code, message, details] of rows) {
      const waiting = this.#settle(token);
      if (waiting === undefined) continue;
      if (code === undefined) this.#resolve(waiting, value);
      else waiting.reject(Object.assign(codedError(code, message!), details && { details }));
    }
  }

  #resolve({ resolve, reject, sealed }: Waiting, value: unknown): void {
    if (sealed === null) return resolve(value);
    try {
      resolve(this.seals!.openAnswer(sealed, value));
    } catch (error) {
      reject(error as Error);
    }
  }

  #settle(token: number): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    return waiting;
  }
}

/** @param sealedId of a sealed message, unless the user gave it an id */
function toOptions(options: UserSendOptions, sealedId: string | undefined): string {
  const { lane, ttlMs, delayMs, id, durable, tags, partitionBy } = options;
  if (
    lane === undefined && ttlMs === undefined && delayMs === undefined && id === undefined &&
    durable === undefined && tags === undefined && partitionBy === undefined &&
    sealedId === undefined
  ) return "null";
  for (const [name, isRight, what] of OPTIONS) {
    const value = options[name];
    if (value !== undefined && !isRight(value)) {
      throw codedError("INVALID_INPUT", `Option \`${name}\` of a message must be ${what}`);
    }
  }
  const fresh = id === undefined ? sealedId : undefined;
  return stringify({
    lane,
    ttlMs,
    delayMs,
    id,
    isDurable: durable,
    tags,
    partitionBy,
    sealedId: fresh,
  });
}

type OptionCheck = [
  name: keyof UserSendOptions,
  isRight: (value: unknown) => boolean,
  what: string,
];

/** The node takes a frame with any other option for a forged one. */
const OPTIONS: OptionCheck[] = [
  ["lane", isLane, '"high", "normal" or "low"'],
  ["ttlMs", isDuration, "a number of milliseconds"],
  ["delayMs", isDuration, "a number of milliseconds"],
  ["id", isMessageId, "1 to 128 printable characters"],
  ["durable", (value) => typeof value === "boolean", "true or false"],
  ["tags", isTagList, "a list of up to 16 texts of 1 to 64 printable characters"],
  ["partitionBy", isMessageId, "1 to 128 printable characters"],
];

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
