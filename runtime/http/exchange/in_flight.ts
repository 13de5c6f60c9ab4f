import { UnavailableError } from "../../../core/errors.ts";

/** Counts requests that are being answered, and refuses what would be too many. */
export class InFlight {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws {UnavailableError} `TOO_MANY_REQUESTS_AT_ONCE` */
  enter(): void {
    if (this.#count >= this.#max) {
      throw new UnavailableError("TOO_MANY_REQUESTS_AT_ONCE", {
        message: `Cannot answer more than ${this.#max} requests at once`,
        hint: "Try again after the time that Retry-After says",
      });
    }
    this.#count++;
  }

  leave(): void {
    this.#count--;
  }
}
