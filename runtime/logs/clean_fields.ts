import { Buffer } from "node:buffer";
import { toPlainText } from "../../actors/frames.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Redaction } from "./clean_update.ts";

/** What the fields of one line may take as JSON text. */
const FIELDS_BYTES_MAX = 8 * 1024;
const DEPTH_MAX = 8;
/** Stands where the value of a secret field stood. */
const HIDDEN = "[redacted]";

/**
 * Fields as they may be kept and shown: JSON, without controls, bounded. Those that take too much
 * become `{ truncated: true, bytes }`.
 */
export function cleanFields(
  fields: Record<string, unknown> | undefined,
  redaction: Redaction,
): JsonObject | undefined {
  if (fields === undefined) return undefined;
  const text = toText(fields);
  if (text === null) return { truncated: true };
  if (text === "{}") return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes > FIELDS_BYTES_MAX) return { truncated: true, bytes };
  return cleaned(JSON.parse(text), redaction, 0) as JsonObject;
}

/** `null` when they are no JSON. */
function toText(fields: Record<string, unknown>): string | null {
  try {
    return JSON.stringify(fields);
  } catch {
    return null;
  }
}

function cleaned(value: Json, redaction: Redaction, depth: number): Json {
  if (typeof value === "string") return redaction.redact(toPlainText(value));
  if (depth === DEPTH_MAX && typeof value === "object" && value !== null) return "…";
  if (Array.isArray(value)) return value.map((item) => cleaned(item, redaction, depth + 1));
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value)
    .map(([key, member]) => [
      toPlainText(key, 200),
      redaction.isSecretField(key) ? HIDDEN : cleaned(member, redaction, depth + 1),
    ]);
  // Defines members: a key like "__proto__" stays one.
  return Object.fromEntries(members);
}
