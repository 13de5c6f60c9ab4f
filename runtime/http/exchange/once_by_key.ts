import { createHash } from "node:crypto";
import { ConflictError } from "../../../core/errors.ts";

/** What is known of a key. */
interface Known<Result> {
  /** Of the request that it came with. */
  digest: string;
  result: Promise<Result>;
  endsAt: number;
}

/** How much is remembered, and for how long. */
export interface OnceLimits {
  keysMax: number;
  keptMs: number;
}

/** Results may take megabytes each: a workflow with its text and its graph. */
const LIMITS: OnceLimits = { keysMax: 100, keptMs: 24 * 3_600_000 };

/**
 * Does once what comes twice under the same `Idempotency-Key`, and answers both alike
 * (draft-ietf-httpapi-idempotency-key-header-07). It remembers on one node, and not for ever: what is
 * done must be harmless when it is done again.
 */
export class OnceByKey<Result> {
  readonly #limits: OnceLimits;
  readonly #known = new Map<string, Known<Result>>();

  constructor(limits: OnceLimits = LIMITS) {
    this.#limits = limits;
  }

  /**
   * @param key with whose it is; `undefined`: it is simply done
   * @param request its text
   * @throws {ConflictError} `KEY_MISMATCH` when the key came with another request before
   */
  async do(
    key: string | undefined,
    request: string,
    action: () => Promise<Result>,
  ): Promise<Result> {
    if (key === undefined) return await action();
    const now = performance.now();
    const digest = createHash("sha256").update(request).digest("base64");
    const known = this.#known.get(key);
    if (known !== undefined && known.endsAt > now) {
      if (known.digest !== digest) throw mismatch();
      return await known.result;
    }
    const result = action();
    this.#keep(key, { digest, result, endsAt: now + this.#limits.keptMs });
    // What failed may be tried again.
    result.catch(() => this.#known.delete(key));
    return await result;
  }

  #keep(key: string, known: Known<Result>): void {
    this.#known.delete(key);
    if (this.#known.size >= this.#limits.keysMax) {
      this.#known.delete(this.#known.keys().next().value!);
    }
    this.#known.set(key, known);
  }
}

function mismatch(): ConflictError {
  return new ConflictError("KEY_MISMATCH", {
    message: "Cannot use this Idempotency-Key again: it came with another request before",
    hint: "Use a key of its own for each request",
  });
}
