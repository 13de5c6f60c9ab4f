/**
 * Keys as bytes whose order is that of the keys: the encoding of Deno KV, which is that of
 * FoundationDB's tuple layer (`design/tuple.md` there), for the parts that stores use.
 *
 * @module
 */
const TEXT = 0x02;
const DOUBLE = 0x21;
const END = 0x00;
/** Follows a zero byte within a text. */
const ESCAPE = 0xff;
const DOUBLE_BYTES = 8;
const SIGN = 0x80;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a key. Parts are texts and numbers; anything else is a `TypeError`. */
export function encodeKey(key: Deno.KvKey): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const part of key) {
    if (typeof part === "string") encodeText(part, bytes);
    else if (typeof part === "number") encodeNumber(part, bytes);
    else throw new TypeError(`A key of this store holds no part of type ${typeof part}`);
  }
  return new Uint8Array(bytes);
}

/** The key of bytes that {@linkcode encodeKey} or another client of Deno KV made. */
export function decodeKey(bytes: Uint8Array): Deno.KvKey {
  const parts: Deno.KvKeyPart[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = bytes[at++];
    if (type === TEXT) {
      const end = endOfText(bytes, at);
      parts.push(decodeText(bytes.subarray(at, end)));
      at = end + 1;
    } else if (type === DOUBLE) {
      parts.push(decodeNumber(bytes.subarray(at, at + DOUBLE_BYTES)));
      at += DOUBLE_BYTES;
    } else throw new TypeError(`A key of this store has a part of unknown type ${type}`);
  }
  return parts;
}

function encodeText(text: string, into: number[]): void {
  into.push(TEXT);
  for (const byte of encoder.encode(text)) {
    into.push(byte);
    if (byte === END) into.push(ESCAPE);
  }
  into.push(END);
}

function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && (bytes[at] !== END || bytes[at + 1] === ESCAPE)) {
    at += bytes[at] === END ? 2 : 1;
  }
  return at;
}

function decodeText(escaped: Uint8Array): string {
  return decoder.decode(escaped.filter((byte, at) => byte !== ESCAPE || escaped[at - 1] !== END));
}

/** IEEE 754, big end first; the sign bit turned, and of negative numbers all bits. */
function encodeNumber(number: number, into: number[]): void {
  const view = new DataView(new ArrayBuffer(DOUBLE_BYTES));
  view.setFloat64(0, number);
  const mask = view.getUint8(0) >= SIGN ? 0xff : 0x00;
  into.push(DOUBLE);
  for (let at = 0; at < DOUBLE_BYTES; at++) {
    into.push(view.getUint8(at) ^ mask ^ (at === 0 && mask === 0 ? SIGN : 0));
  }
}

function decodeNumber(bytes: Uint8Array): number {
  if (bytes.length < DOUBLE_BYTES) throw new TypeError("A key of this store ends amid a number");
  const mask = bytes[0]! >= SIGN ? 0x00 : 0xff;
  const view = new DataView(new ArrayBuffer(DOUBLE_BYTES));
  for (let at = 0; at < DOUBLE_BYTES; at++) {
    view.setUint8(at, bytes[at]! ^ mask ^ (at === 0 && mask === 0 ? SIGN : 0));
  }
  return view.getFloat64(0);
}
