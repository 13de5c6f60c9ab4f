/** A value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Whether `value` is a JSON object: not an array, not `null`. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON text whose object keys are sorted at every depth, so that equal values have equal text and
 * equal hashes (the ordering rule of RFC 8785 §3.2.3).
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${members.join(",")}}`;
}

/** How large a value may be that an expression makes. */
export interface JsonLimits {
  /** Characters of all strings and keys together. */
  charsMax: number;
  /** Values at every depth, the members of objects and lists included. */
  valuesMax: number;
}

/**
 * Whether `value` would be larger than the limits once it is written down. A part that stands in
 * several places counts in each, and the look ends at the limit: also a few shared lists that stand
 * for billions of values are found out at once.
 */
export function isLargerThan(value: Json, { charsMax, valuesMax }: JsonLimits): boolean {
  const open: Json[] = [value];
  let chars = 0;
  let values = 0;
  while (open.length > 0) {
    const next = open.pop()!;
    values++;
    if (typeof next === "string") chars += next.length;
    else if (Array.isArray(next)) {
      if (next.length > valuesMax) return true;
      for (const item of next) open.push(item);
    } else if (isJsonObject(next)) {
      for (const key of Object.keys(next)) {
        chars += key.length;
        open.push(next[key]!);
      }
    }
    if (chars > charsMax || values + open.length > valuesMax) return true;
  }
  return false;
}
