/**
 * A call of which one is under way at most. Whoever asks for it meanwhile gets another one after it:
 * the one under way may have missed what they ask for.
 */
export class SingleFlight {
  readonly #call: () => Promise<void>;
  #running: Promise<void> | null = null;
  #isWanted = false;
  #isClosed = false;

  /** `call` never rejects. */
  constructor(call: () => Promise<void>) {
    this.#call = call;
  }

  /** Calls now, or as soon as the call under way has ended. */
  start(): void {
    if (this.#isClosed) return;
    if (this.#running !== null) {
      this.#isWanted = true;
      return;
    }
    this.#isWanted = false;
    this.#running = this.#call().finally(() => {
      this.#running = null;
      if (this.#isWanted) this.start();
    });
  }

  /** Calls no more; resolves when the last call has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }
}
