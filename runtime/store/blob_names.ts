/** Characters of a SHA-256 in hex. */
const CHARS = 64;

/** Whether a character may stand in a name, by its code. */
const IS_HEX = new Uint8Array(256);
for (const digit of "0123456789abcdef") IS_HEX[digit.charCodeAt(0)] = 1;

/** Everything in a text that may be the name of a blob. */
export function blobNames(text: string | Uint8Array): Set<string> {
  const names = new Set<string>();
  for (let at = nextName(text, 0); at >= 0; at = nextName(text, at + CHARS)) {
    const name = text.slice(at, at + CHARS);
    names.add(typeof name === "string" ? name : String.fromCharCode(...name));
  }
  return names;
}

/** Whether the name of a blob may stand in it. */
export function mayNameBlobs(bytes: Uint8Array): boolean {
  return nextName(bytes, 0) >= 0;
}

/**
 * Where the first SHA-256 in hex begins that stands there behind `from`, or -1; longer runs of digits
 * are no names. Only where the 64th character from the start could end a name those before it are
 * looked at, backwards, as Boyer and Moore search: of a text with few digits most is never read.
 */
function nextName(text: string | Uint8Array, from: number): number {
  const isHex = typeof text === "string"
    ? (at: number) => IS_HEX[text.charCodeAt(at)] === 1
    : (at: number) => IS_HEX[text[at]!] === 1;
  for (let start = from; start + CHARS <= text.length;) {
    let last = start + CHARS - 1;
    while (last >= start && isHex(last)) last--;
    if (last >= start) {
      start = last + 1;
      continue;
    }
    let end = start + CHARS;
    while (end < text.length && isHex(end)) end++;
    if (end === start + CHARS) return start;
    start = end;
  }
  return -1;
}
