/**
 * Whether a system may act: while its node is sure to lead, and once it has been shown that nobody
 * took the system over meanwhile.
 *
 * @module
 */

/** How a system knows whether it may act. */
export interface Lease {
  /** Whether the node's heartbeat is confirmed: nobody takes over from it now. */
  mayLead(): boolean;
  /**
   * A process that did not run for longer than this may have missed that its heartbeat lapsed. It
   * is less than the time between the end of {@linkcode mayLead} and the first claim of another
   * node: with a confirmed time of 0.8 × election time-out, less than 0.2 of it. Default 100 ms.
   */
  lapseMs?: number;
}

export interface LeaseGateOptions extends Lease {
  /** Writes with the fence; resolves once that is durable, and never when it is refused. */
  prove: () => Promise<void>;
  /** It may act again. */
  onOpen: () => void;
}

const LAPSE_MS = 100;

/**
 * Closed while the lease is in doubt. Behind a lapse, whether it was seen or slept through, a write
 * with the fence must pass first: who was deposed never opens again.
 */
export class LeaseGate {
  readonly #options: LeaseGateOptions;
  readonly #lapseMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAt = performance.now();
  /** Lapses so far, and how many of them a write with the fence came behind. */
  #lapses = 0;
  #proven = 0;
  #isProving = false;
  #wasOpen = true;

  constructor(options: LeaseGateOptions) {
    this.#options = options;
    this.#lapseMs = options.lapseMs ?? LAPSE_MS;
    this.#timer = setInterval(() => this.isOpen(), this.#lapseMs / 2);
  }

  isOpen(): boolean {
    const now = performance.now();
    const mayLead = this.#options.mayLead();
    if (!mayLead || now - this.#lookedAt > this.#lapseMs) this.#lapses++;
    this.#lookedAt = now;
    const isOpen = mayLead && this.#proven === this.#lapses;
    if (mayLead && !isOpen) void this.#prove();
    if (isOpen && !this.#wasOpen) queueMicrotask(this.#options.onOpen);
    this.#wasOpen = isOpen;
    return isOpen;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #prove(): Promise<void> {
    if (this.#isProving) return;
    this.#isProving = true;
    const lapses = this.#lapses;
    await this.#options.prove();
    this.#isProving = false;
    this.#proven = lapses;
    this.isOpen();
  }
}
