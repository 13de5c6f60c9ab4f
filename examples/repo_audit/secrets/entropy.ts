/**
 * How random a text looks.
 *
 * @module
 */

/** Shannon entropy in bits for each character (C. Shannon, 1948): 0 for one repeated character. */
export function shannonEntropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const length = [...text].length;
  let bits = 0;
  for (const count of counts.values()) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

/** Whether `text` is a UUID (RFC 9562). */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
}

/** Whether a base64-like text has the variety of random bytes rather than of words or an alphabet. */
export function looksRandom(text: string): boolean {
  const count = (class_: RegExp) => text.match(class_)?.length ?? 0;
  if (count(/\d/g) < 2 || count(/[A-Z]/g) < 2 || count(/[a-z]/g) < 2) return false;
  if (count(/[/_-]/g) > text.length / 8) return false;
  if (wordShare(text) > 0.5 || isEncodedText(text)) return false;
  let neighbours = 0;
  for (let at = 1; at < text.length; at++) {
    if (text.charCodeAt(at) - text.charCodeAt(at - 1) === 1) neighbours++;
  }
  if (neighbours > text.length / 6) return false;
  return shannonEntropy(text) >= (text.length < 32 ? 4.0 : 4.3);
}

/** Share of the characters that are in runs such as `Extension` or `check`: words of four letters or more. */
function wordShare(text: string): number {
  const words = text.match(/[A-Z]?[a-z]{3,}/g) ?? [];
  return words.join("").length / text.length;
}

/** Whether `text` is base64 of plain ASCII: encoded, but not random. */
function isEncodedText(text: string): boolean {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (padded.length % 4 === 1) return false;
  const decoded = atob(padded);
  return /^[\t\n\r\x20-\x7e]*$/.test(decoded);
}
