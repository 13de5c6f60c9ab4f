import { UnavailableError } from "../../../core/errors.ts";

/** What is being answered. */
interface Open {
  endsAt: number;
  giveUp: (error: UnavailableError) => void;
}

/** How often is looked who is late: under load, a timer for each would cost more than most answers. */
const LOOK_MS = 500;

/** Ends answers that take too long. */
export class TimeLimit {
  readonly #timeoutMs: number;
  /** In the order in which they end. */
  readonly #open = new Set<Open>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** @throws {UnavailableError} `ANSWER_TOO_SLOW` when `answer` takes longer, by half a second at most */
  async hold<Value>(answer: Promise<Value>): Promise<Value> {
    const late = Promise.withResolvers<never>();
    const open = { endsAt: performance.now() + this.#timeoutMs, giveUp: late.reject };
    this.#open.add(open);
    this.#timer ??= setTimeout(() => this.#look(), LOOK_MS);
    try {
      return await Promise.race([answer, late.promise]);
    } finally {
      this.#open.delete(open);
      if (this.#open.size === 0) this.#rest();
    }
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const open of this.#open) {
      if (open.endsAt > now) break;
      open.giveUp(tookTooLong(this.#timeoutMs));
    }
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }
}

function tookTooLong(timeoutMs: number): UnavailableError {
  return new UnavailableError("ANSWER_TOO_SLOW", {
    message: `Cannot answer within ${timeoutMs} ms`,
    hint: "Look whether it was done, then try again",
    retryAfterMs: 5_000,
  });
}
