/**
 * Splits a byte stream into lines of UTF-8. Bytes of an unfinished line are kept as they came, so
 * that a long line is decoded once.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;

  /** @param bytesMax longest line; a longer one makes {@linkcode push} throw a `RangeError` */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The lines that `chunk` completes, without their newlines. `chunk` may be reused afterwards. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      lines.push(this.#finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(chunk.slice(from));
    return lines;
  }

  #keep(part: Uint8Array): void {
    this.#partsBytes += part.length;
    if (this.#partsBytes > this.#bytesMax) {
      throw new RangeError(`Line is longer than ${this.#bytesMax} bytes`);
    }
    this.#parts.push(part);
  }

  #finish(tail: Uint8Array): string {
    if (this.#parts.length === 0) return this.#decoder.decode(tail);
    this.#keep(tail);
    const whole = new Uint8Array(this.#partsBytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#partsBytes = 0;
    return this.#decoder.decode(whole);
  }
}
