/**
 * The frames between node and worker: JSON lines over a unix socket, one line a batch. Attempts of
 * tasks and messages to actors travel in the same frames.
 *
 * Node to worker: one {@linkcode NodeFrame} a line. Worker to node: a list of items a line, each
 * `[tag, …]`. A worker's line is hostile until `decodeWorkerFrame()` took it. Work is named
 * by `seq` and an activation of an actor by `seat`, numbers that the node gave for this cell only: a
 * worker cannot name, and so not answer, what runs elsewhere. What a worker sends on, it sends in
 * the name of a `seq`: who the sender is, the node knows.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";

/** One attempt on its way to a worker; `runs` and `tasks` of the frame hold the names. */
export type AttemptRow = [
  seq: number,
  run: number,
  task: number,
  index: number,
  attempt: number,
  capability: string | null,
  input: Json,
  steps: JsonObject | null,
  term: number,
  /** W3C `traceparent` of the attempt's span; `null` where nobody traces it. */
  traceparent: string | null,
];

/** An activation on its way to a worker. */
export type SeatRow = [
  /** Of `onStart`: the answer says that the actor is up. */
  seq: number,
  seat: number,
  address: string,
  key: string,
  /** As it was kept, in a list of one; `null` when there is none. */
  state: [Json] | null,
  version: number,
];

/** A message on its way to an actor; seat 0 is an agent, which has no activations. */
export type DeliveryRow = [
  seq: number,
  seat: number,
  type: string,
  payload: Json,
  from: string,
  id: string,
  meta: DeliveryMeta | null,
];

/** What few messages have. */
export interface DeliveryMeta {
  /** Delivery of a durable message, from 1; only these have it. */
  attempt?: number;
  /** Of durable messages: once one of a stream fails, the rest comes back unhandled. */
  stream?: string;
  topic?: string;
  tags?: string[];
}

/** A task that the agent may bid for; answered like an attempt, with the bid as the output. */
export type BidRow = [
  seq: number,
  runId: string,
  taskId: string,
  index: number,
  capability: string,
  input: Json,
];

/** An answer to an ask of this worker. */
export type AnswerRow =
  | [token: number, value: Json]
  | [token: number, value: null, code: string, message: string, details: JsonObject | null];

/** Tokens in a row: a worker counts them up, and most are taken in order. */
export type TokenRange = [first: number, last: number];

/** A message of this worker that was not taken. */
export type RefusalRow = [
  token: number,
  code: string,
  message: string,
  retryAfterMs: number | null,
];

export type NodeFrame =
  | [tag: "load", code: string, outputBytesMax: number, host: unknown]
  | [tag: "activate", rows: SeatRow[]]
  | [tag: "deliver", rows: DeliveryRow[]]
  /** Ends an activation in order: `onStop` runs; `seq` is answered when it is over. */
  | [tag: "passivate", seq: number, seat: number, reason: string]
  /** What is delivered from now on of a stream that failed is to be handled again. */
  | [tag: "unblock", seat: number, stream: string]
  /** Ends an activation now; what it still says is not heard. */
  | [tag: "drop", seat: number]
  /** Messages that the node has taken, and those that it has not. */
  | [tag: "sent", taken: TokenRange[], refused: RefusalRow[]]
  | [tag: "answers", rows: AnswerRow[]]
  | [tag: "run", runs: string[], tasks: string[], rows: AttemptRow[]]
  | [tag: "bid", rows: BidRow[]]
  /** An answer to `ctx.recall`. */
  | [tag: "recalled", row: AnswerRow]
  | [tag: "abort", seq: number, code: string, message: string]
  | [tag: "ack", seq: number, token: number];

/** First member of an item from a worker. Numbers, because they are read in the hottest loop. */
export const ITEM = {
  COMPLETED: 0,
  FAILED: 1,
  PROGRESS: 2,
  LOG: 3,
  STEP: 4,
  LOADED: 5,
  LOAD_FAILED: 6,
  TELL: 7,
  ASK: 8,
  CANCEL_ASK: 9,
  STATE: 10,
  ACTOR_CRASHED: 11,
  STEP_FAILED: 12,
  RECALL: 13,
} as const;

/** Start and end of a step by the worker's clock, in epoch milliseconds with fractions. */
export type ClockTimes = [startedAt: number, endedAt: number];

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type WorkerItem =
  | [tag: 0, seq: number, output: Json]
  | [
    tag: 1,
    seq: number,
    code: string,
    message: string,
    retryable: boolean | null,
    details: JsonObject | null,
  ]
  | [tag: 2, seq: number, fraction: number | null, message: string]
  | [tag: 3, seq: number, level: number, message: string, fields: JsonObject | null]
  | [tag: 4, seq: number, token: number, stepId: string, output: Json, times: ClockTimes | null]
  /** A step of a traced attempt threw. */
  | [tag: 12, seq: number, stepId: string, code: string, times: ClockTimes]
  /** `manifest`: of an agent, as `readDeclaration()` takes it; `null` of an actor. */
  | [
    tag: 5,
    name: string,
    capabilities: string[],
    kind: 0 | 1,
    isPersistent: boolean,
    manifest: Json,
  ]
  | RecallItem
  | [tag: 6, code: string, message: string]
  | MessageItem
  | ActorItem;

/** An attempt asks for earlier solutions; `token` names the answer. */
export type RecallItem = [
  tag: 13,
  seq: number,
  token: number,
  query: string,
  capability: string | null,
  limit: number,
];

/** A message that a worker sends on. `to` is an address, or `topic:NAME`. */
export type MessageItem =
  | [
    tag: 7 | 8,
    seq: number,
    /** Names the message in what the node answers. */
    token: number,
    to: string,
    type: string,
    payload: Json,
    options: SendOptions | null,
  ]
  | [tag: 9, seq: number, token: number];

/** What one activation says of itself. */
export type ActorItem =
  /** Its state after the messages that are answered behind this item. */
  | [tag: 10, seat: number, version: number, state: Json]
  /** It broke while it handled `seq`, and is gone. */
  | [tag: 11, seat: number, seq: number, code: string, message: string];

/** How a message is to be delivered; what is left out takes its default. */
export interface SendOptions {
  lane?: "high" | "normal" | "low";
  /** How long it may wait, in milliseconds; for an ask also for its answer. */
  ttlMs?: number;
  /** Not to be delivered earlier. */
  delayMs?: number;
  /** Names the message: a second one with the same id is not delivered. */
  id?: string;
  isDurable?: boolean;
  tags?: string[];
  /** With a topic: messages with the same text go to the same member of a group. */
  partitionBy?: string;
  /** The id that a payload was sealed with, where `id` is left out: it names no duplicates. */
  sealedId?: string;
}

/** Deeper JSON is refused: code that walks it by recursion must not run out of stack. */
export const JSON_DEPTH_MAX = 256;

/** Values (numbers, strings, lists, objects …) of one output. */
export const JSON_VALUES_MAX = 300_000;

/** Text shorter than this cannot be deep enough to hurt and is not scanned. */
const SCAN_FROM_CHARS = 2 * JSON_DEPTH_MAX;

/** Longest error or log message that is kept, in characters. */
export const MESSAGE_CHARS_MAX = 4_096;

/**
 * Whether JSON text is tame: nests at most {@linkcode JSON_DEPTH_MAX} deep and holds at most
 * `valuesMax` values. Parsing takes its time by values, not by characters: 8 MiB of `{}` would stop
 * an event loop for more than a second.
 *
 * @returns what is wrong, or `null`; of text that is no JSON any answer
 */
export function findUntamed(text: string, valuesMax: number): "deep" | "large" | null {
  if (text.length < SCAN_FROM_CHARS) return null;
  let [depth, values] = [0, 1];
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 34) {
      at = endOfString(text, at);
      if (at < 0) return null;
    } else if (char === 44) {
      if (++values > valuesMax) return "large";
    } else if (char === 91 || char === 123) {
      if (++depth > JSON_DEPTH_MAX) return "deep";
      if (++values > valuesMax) return "large";
    } else if (char === 93 || char === 125) depth--;
  }
  return null;
}

/** Position of the quote that closes the string opened at `from`; -1 when none does. */
function endOfString(text: string, from: number): number {
  let at = from;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return -1;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 92) slashes++;
    if (slashes % 2 === 0) return at;
  }
}

/** A code as journals and files may carry it; anything else becomes `FAILED`. */
export function toErrorCode(code: string): string {
  return /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : "FAILED";
}

const ANSI =
  // deno-lint-ignore no-control-regex -- control characters are exactly what is looked for
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]/g;
// deno-lint-ignore no-control-regex -- as above; the beginning of a sequence at the very end
const CUT_ANSI = /\x1b\[?[0-9;:?]*$/;
// deno-lint-ignore no-control-regex -- as above; tab and newline may stay, bidi controls may not
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A message fit for terminals, journals and pages: no escape sequences, no controls, bounded. */
export function toPlainText(text: string, charsMax = MESSAGE_CHARS_MAX): string {
  // Cut first: the patterns must not walk a megabyte.
  const head = text.length > 2 * charsMax ? text.slice(0, 2 * charsMax) : text;
  const plain = head.replace(ANSI, "").replace(CUT_ANSI, "").replace(CONTROL, "").toWellFormed();
  if (plain.length <= charsMax && head.length === text.length) return plain;
  return `${plain.slice(0, charsMax - 1).toWellFormed()}…`;
}
