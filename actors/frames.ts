/**
 * The frames between node and worker: JSON lines over a unix socket, one line a batch.
 *
 * Node to worker: one {@linkcode NodeFrame} a line. Worker to node: a list of items a line, each
 * `[tag, …]`. The cell between them relays both unread, so a worker's line is hostile until
 * {@linkcode decodeWorkerFrame} took it. Attempts are named by `seq`, a number that the node gave
 * for this cell only: a worker cannot name, and so not answer, what runs elsewhere.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";

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
];

export type NodeFrame =
  | [tag: "load", code: string, outputBytesMax: number]
  | [tag: "run", runs: string[], tasks: string[], rows: AttemptRow[]]
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
} as const;

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
  | [tag: 4, seq: number, token: number, stepId: string, output: Json]
  | [tag: 5, name: string, capabilities: string[]]
  | [tag: 6, code: string, message: string];

/** Deeper JSON is refused: code that walks it by recursion must not run out of stack. */
export const JSON_DEPTH_MAX = 256;

/** Values (numbers, strings, lists, objects …) of one output. */
export const JSON_VALUES_MAX = 300_000;

/** Of one line: one output and the small ones that leave together with it. */
const FRAME_VALUES_MAX = 2 * JSON_VALUES_MAX;

/** Text shorter than this cannot be deep enough to hurt and is not scanned. */
const SCAN_FROM_CHARS = 2 * JSON_DEPTH_MAX;

/** Longest error or log message that is kept, in characters. */
export const MESSAGE_CHARS_MAX = 4_096;

/**
 * The items of one line, each checked.
 *
 * @returns `null` when the line is anything but a well-formed list of items: the worker's boot
 *   code never sends such a line, so somebody tampered with it
 */
export function decodeWorkerFrame(text: string): WorkerItem[] | null {
  if (findUntamed(text, FRAME_VALUES_MAX) !== null) return null;
  let items: unknown;
  try {
    items = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(items)) return null;
  for (const item of items) if (!isWorkerItem(item)) return null;
  return items as WorkerItem[];
}

function isWorkerItem(item: unknown): item is WorkerItem {
  if (!Array.isArray(item)) return false;
  switch (item[0]) {
    case ITEM.COMPLETED:
      return item.length === 3 && typeof item[1] === "number";
    case ITEM.FAILED:
      return item.length === 6 && typeof item[1] === "number" && isText(item[2]) &&
        isText(item[3]) && (item[4] === null || typeof item[4] === "boolean") &&
        isObjectOrNull(item[5]);
    case ITEM.PROGRESS:
      return item.length === 4 && typeof item[1] === "number" && isFraction(item[2]) &&
        isText(item[3]);
    case ITEM.LOG:
      return item.length === 5 && typeof item[1] === "number" &&
        isLevel(item[2]) && isText(item[3]) && isObjectOrNull(item[4]);
    case ITEM.STEP:
      return item.length === 5 && typeof item[1] === "number" && Number.isSafeInteger(item[2]) &&
        isText(item[3]);
    case ITEM.LOADED:
      return item.length === 3 && isText(item[1]) && Array.isArray(item[2]) &&
        item[2].every(isText);
    case ITEM.LOAD_FAILED:
      return item.length === 3 && isText(item[1]) && isText(item[2]);
    default:
      return false;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isObjectOrNull(value: unknown): boolean {
  return value === null || isJsonObject(value);
}

function isLevel(value: unknown): boolean {
  return Number.isInteger(value) && LOG_LEVELS[value as number] !== undefined;
}

function isFraction(value: unknown): boolean {
  return value === null || (typeof value === "number" && value >= 0 && value <= 1);
}

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
