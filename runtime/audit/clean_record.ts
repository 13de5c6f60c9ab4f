import { toPlainText } from "../../actors/frames.ts";
import type { TalliedRecord } from "../../core/audit_log.ts";
import { isJsonObject, isLargerThan, type Json, type JsonObject } from "../../core/json.ts";

const NAME_CHARS_MAX = 300;
const MESSAGE_CHARS_MAX = 1_000;
const DETAILS_LIMITS = { charsMax: 2_000, valuesMax: 200 };
const DETAILS_DEPTH_MAX = 8;

/** What may be kept of a record: workers had a hand in its texts. */
export function cleanRecord(record: TalliedRecord): TalliedRecord {
  const { kind, from, to, code, message, details, at, count } = record;
  const name = (text: string) => toPlainText(text, NAME_CHARS_MAX);
  const cleaned = {
    kind: name(kind),
    from: from === null ? null : name(from),
    to: to === null ? null : name(to),
    code: name(code),
    message: toPlainText(message, MESSAGE_CHARS_MAX),
    at,
    count,
  };
  return details === undefined ? cleaned : { ...cleaned, details: cleanDetails(details) };
}

function cleanDetails(details: JsonObject): JsonObject {
  if (isLargerThan(details, DETAILS_LIMITS)) return { leftOut: "too large" };
  return cleanObject(details, DETAILS_DEPTH_MAX);
}

function cleanObject(value: JsonObject, depth: number): JsonObject {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => [toPlainText(key), cleanValue(member, depth)]);
  return Object.fromEntries(members);
}

function cleanValue(value: Json, depth: number): Json {
  if (typeof value === "string") return toPlainText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return "…";
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth - 1));
  return isJsonObject(value) ? cleanObject(value, depth - 1) : null;
}
