import { isLargerThan, type Json } from "../../core/json.ts";
import type { ShownValue } from "./run_documents.ts";

/** Characters of JSON text up to which a value is shown. */
const CHARS_MAX = 256 * 1024;

/** The value, or its size where it is too large to show. */
export function showValue(value: Json): ShownValue {
  const bytes = charsOf(value);
  return bytes <= CHARS_MAX ? { value, bytes } : { value: null, truncated: true, bytes };
}

/** Characters of the JSON text; of what is far larger than anything shown, at least. */
export function charsOf(value: Json): number {
  const limits = { charsMax: 64 * CHARS_MAX, valuesMax: 64 * CHARS_MAX };
  return isLargerThan(value, limits) ? 64 * CHARS_MAX : JSON.stringify(value).length;
}
