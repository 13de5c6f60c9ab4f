import { crc32 } from "node:zlib";
import { HttpError } from "./http_error.ts";

/**
 * Cursors as clients get them: the place where a page ended, bound to the list and its filters by a
 * checksum. It is no secret: whoever reads a page is asked for their rights anyway. It finds what was
 * altered, cut off, or taken from another list.
 */
const SUM_CHARS = 8;

/** @param list the list and what it is narrowed to; the same for each of its pages */
export function sealCursor(place: string | null, list: string): string | null {
  if (place === null) return null;
  return `${sumOf(place, list)}${new TextEncoder().encode(place).toBase64(URL_SAFE)}`;
}

const URL_SAFE = { alphabet: "base64url", omitPadding: true } as const;

/** @throws {HttpError} 400 `CURSOR_INVALID` */
export function openCursor(cursor: string | undefined, list: string): string | undefined {
  if (cursor === undefined) return undefined;
  const place = placeOf(cursor.slice(SUM_CHARS));
  if (place !== null && sumOf(place, list) === cursor.slice(0, SUM_CHARS)) return place;
  throw new HttpError(400, "CURSOR_INVALID", {
    message: "Cannot go on from this cursor: it is not one of this list, with these filters",
    hint: "Send `nextCursor` of the page before as it is, with the same filters; or begin anew",
    issues: [{ pointer: "cursor", in: "query", message: "is not a cursor of this list" }],
  });
}

function placeOf(text: string): string | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function sumOf(place: string, list: string): string {
  return crc32(`${list}\0${place}`).toString(16).padStart(SUM_CHARS, "0");
}

/** Names a list by its kind and what it is narrowed to, but for the place in it. */
export function nameList(kind: string, query: Readonly<Record<string, unknown>>): string {
  const filters = Object.entries(query)
    .filter(([key, value]) => key !== "cursor" && key !== "limit" && value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${kind} ${JSON.stringify(filters)}`;
}
