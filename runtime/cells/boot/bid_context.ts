/**
 * What an agent's `bid(input, ctx)` gets as `ctx`. Runs inside the worker.
 *
 * @module
 */

/** A task that may be bid for. It cannot report, send or remember: most bids do not win. */
export class BidContext {
  readonly run: { id: string };
  readonly #controller = new AbortController();

  constructor(
    runId: string,
    readonly task: string,
    readonly index: number,
    readonly capability: string,
  ) {
    this.run = { id: runId };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** For the boot code: the time for bids is up. */
  $abort(reason: Error): void {
    this.#controller.abort(reason);
  }
}
