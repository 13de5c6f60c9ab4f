/**
 * Reads lines from workers. They are hostile until this has taken them.
 *
 * @module
 */
import { isJsonObject } from "../core/json.ts";
import {
  findUntamed,
  ITEM,
  JSON_VALUES_MAX,
  LOG_LEVELS,
  type SendOptions,
  type WorkerItem,
} from "./frames.ts";
import { isLane, isMessageId, isTagList } from "./messages/message.ts";

/** Of one line: one output and the small ones that leave together with it. */
const FRAME_VALUES_MAX = 2 * JSON_VALUES_MAX;

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
      return item.length === 6 && typeof item[1] === "number" && Number.isSafeInteger(item[2]) &&
        isText(item[3]) && (item[5] === null || isClockTimes(item[5]));
    case ITEM.STEP_FAILED:
      return item.length === 5 && typeof item[1] === "number" && isText(item[2]) &&
        isText(item[3]) && isClockTimes(item[4]);
    case ITEM.TELL:
    case ITEM.ASK:
      return item.length === 7 && typeof item[1] === "number" && Number.isSafeInteger(item[2]) &&
        isText(item[3]) && isText(item[4]) && (item[6] === null || isSendOptions(item[6]));
    case ITEM.CANCEL_ASK:
      return item.length === 3 && typeof item[1] === "number" && typeof item[2] === "number";
    case ITEM.STATE:
      return item.length === 4 && typeof item[1] === "number" && Number.isSafeInteger(item[2]);
    case ITEM.ACTOR_CRASHED:
      return item.length === 5 && typeof item[1] === "number" && typeof item[2] === "number" &&
        isText(item[3]) && isText(item[4]);
    case ITEM.LOADED:
      return item.length === 6 && isText(item[1]) && Array.isArray(item[2]) &&
        item[2].every(isText) && (item[3] === 0 || item[3] === 1) && typeof item[4] === "boolean";
    case ITEM.RECALL:
      return item.length === 6 && typeof item[1] === "number" && Number.isSafeInteger(item[2]) &&
        isText(item[3]) && (item[4] === null || isText(item[4])) && Number.isSafeInteger(item[5]);
    case ITEM.LOAD_FAILED:
      return item.length === 3 && isText(item[1]) && isText(item[2]);
    default:
      return false;
  }
}

const SEND_OPTIONS: Record<keyof SendOptions, (value: unknown) => boolean> = {
  lane: isLane,
  ttlMs: isDuration,
  delayMs: isDuration,
  id: isMessageId,
  isDurable: (value) => typeof value === "boolean",
  tags: isTagList,
  partitionBy: isMessageId,
  sealedId: isMessageId,
};

function isSendOptions(value: unknown): value is SendOptions {
  if (!isJsonObject(value)) return false;
  return Object.entries(value).every(([key, part]) =>
    Object.hasOwn(SEND_OPTIONS, key) && SEND_OPTIONS[key as keyof SendOptions](part)
  );
}

function isDuration(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

function isClockTimes(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isDuration(value[0]) &&
    isDuration(value[1]) && value[0] <= value[1];
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
