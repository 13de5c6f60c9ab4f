import { UnavailableError } from "../../core/errors.ts";

/** How much of one kind of work is under way at once. */
export interface PlaceLimits {
  /** In all. */
  max: number;
  /** For one tenant: it must not take all places from the others. */
  ofTenantMax: number;
}

/** Counts long work that is under way, and refuses what would be too much. */
export class Places {
  readonly #limits: PlaceLimits;
  readonly #taken = new Map<string | null, number>();
  #count = 0;

  constructor(limits: PlaceLimits) {
    this.#limits = limits;
  }

  /** Places that are taken. */
  get count(): number {
    return this.#count;
  }

  /**
   * @returns gives the place back; more than once does no harm
   * @throws {UnavailableError} `KNOWLEDGE_BUSY`
   */
  take(tenant: string | null): () => void {
    const { max, ofTenantMax } = this.#limits;
    const ofTenant = this.#taken.get(tenant) ?? 0;
    if (this.#count >= max || ofTenant >= ofTenantMax) throw busy(this.#count);
    this.#count++;
    this.#taken.set(tenant, ofTenant + 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#leave(tenant);
      isTaken = false;
    };
  }

  #leave(tenant: string | null): void {
    this.#count--;
    const left = this.#taken.get(tenant)! - 1;
    if (left === 0) this.#taken.delete(tenant);
    else this.#taken.set(tenant, left);
  }
}

function busy(count: number): UnavailableError {
  return new UnavailableError("KNOWLEDGE_BUSY", {
    message: `Cannot look through the graph of solved tasks for more than ${count} at once`,
    hint: "Try again after the time that Retry-After says",
    retryAfterMs: 2_000,
  });
}
