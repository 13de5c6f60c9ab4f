/** The part of a connection that is written to. */
interface Sink {
  write(bytes: Uint8Array): Promise<number>;
}

/** Writes lines in order; what is added while a write is under way leaves with the next one. */
export class LineWriter {
  readonly #sink: Sink;
  readonly #encoder = new TextEncoder();
  readonly #onError: () => void;
  #waiting = "";
  #isWriting = false;

  /** @param onError the other side is gone; called once, lines after that are dropped */
  constructor(sink: Sink, onError: () => void) {
    this.#sink = sink;
    this.#onError = onError;
  }

  /** Characters that have not left yet. */
  get waitingChars(): number {
    return this.#waiting.length;
  }

  write(line: string): void {
    this.#waiting += line + "\n";
    if (!this.#isWriting) void this.#pump();
  }

  async #pump(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#waiting !== "") {
        let bytes = this.#encoder.encode(this.#waiting);
        this.#waiting = "";
        while (bytes.length > 0) bytes = bytes.subarray(await this.#sink.write(bytes));
      }
      this.#isWriting = false;
    } catch {
      // `#isWriting` stays set: nothing is written after an error.
      this.#onError();
    }
  }
}
