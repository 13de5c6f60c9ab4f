/** Kept for crash reports. */
const TAIL_BYTES = 8_192;
/** More than this in a second is no crash report. */
const BYTES_PER_SECOND_MAX = 8 * 1024 * 1024;

/** Reads what a process writes to stderr and keeps the end of it. */
export class StderrTail {
  readonly #done: Promise<void>;
  readonly #onFlood: () => void;
  #tail = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>, onFlood: () => void) {
    this.#onFlood = onFlood;
    this.#done = this.#read(stream);
  }

  /** The last bytes as text, once the stream has ended. */
  async close(): Promise<string> {
    // A program that the agent started may hold the other end open: do not wait for it.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<void>((resolve) => timer = setTimeout(resolve, 200));
    await Promise.race([this.#done, enough]);
    clearTimeout(timer);
    return new TextDecoder().decode(this.#tail);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let [windowEndsAt, bytes] = [0, 0];
    try {
      for await (const chunk of stream) {
        const now = performance.now();
        if (now >= windowEndsAt) [windowEndsAt, bytes] = [now + 1_000, 0];
        bytes += chunk.length;
        if (bytes > BYTES_PER_SECOND_MAX) {
          this.#onFlood();
          return;
        }
        this.#keep(chunk);
      }
    } catch {
      // The pipe broke: what was kept is all there is.
    }
  }

  #keep(chunk: Uint8Array): void {
    const all = new Uint8Array(this.#tail.length + chunk.length);
    all.set(this.#tail);
    all.set(chunk, this.#tail.length);
    this.#tail = all.slice(-TAIL_BYTES);
  }
}
