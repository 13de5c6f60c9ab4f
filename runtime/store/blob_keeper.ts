import { InvalidInputError } from "../../core/errors.ts";
import { digest, verify } from "./blob_digest.ts";
import { blobNames } from "./blob_names.ts";
import { RecentBlobs, type RecentBlobsOptions } from "./recent_blobs.ts";

/** Hashes of blobs known to be stored in this epoch, so that the same package is written once. */
const KNOWN_MAX = 10_000;
const LOST_MAX = 10_000;

/** An epoch as an engine knows it: by its number, and by what a write checks. */
export interface Epoch {
  number: number;
}

/** Blobs of one engine. */
export interface BlobTable<E extends Epoch> {
  epoch(): Promise<E>;
  /** Makes the blob be there, put in this epoch at least. */
  put(sha256: string, bytes: Uint8Array, epoch: number): Promise<void>;
  /** Says that a blob was put in this epoch; `false` when it is not there. */
  touch(sha256: string, epoch: number): Promise<boolean>;
  get(sha256: string): Promise<Uint8Array | null>;
}

/**
 * Puts blobs, and sees to it that what is named stays: a write that names blobs goes through
 * {@linkcode write}, and is refused by the engine when the epoch is over that it was made in. Then
 * blobs that the next epoch could lose are put anew, and the write is tried again.
 */
export class BlobKeeper<E extends Epoch> {
  readonly #table: BlobTable<E>;
  #epoch: E | null = null;
  #renewing: Promise<boolean> | null = null;
  /** Epoch of the last put, by name. */
  readonly #known = new Map<string, number>();
  readonly #recent: RecentBlobs;
  /** Recent ones that are not there any more, and whose bytes are not here: naming them is refused. */
  readonly #lost = new Set<string>();

  constructor(table: BlobTable<E>, options?: RecentBlobsOptions) {
    this.#table = table;
    this.#recent = new RecentBlobs(options);
  }

  /**
   * Stores bytes under their SHA-256 (hex), which it returns.
   *
   * @param known the hash, where the caller has it
   */
  async put(bytes: Uint8Array, known?: string): Promise<string> {
    const sha256 = known ?? await digest(bytes);
    const { number } = await this.#enter((epoch) => {
      this.#lost.delete(sha256);
      this.#recent.add(sha256, bytes, epoch.number);
    });
    if (this.#known.get(sha256) === number) return sha256;
    await this.#table.put(sha256, bytes, number);
    if (this.#known.size >= KNOWN_MAX) this.#known.clear();
    this.#known.set(sha256, number);
    return sha256;
  }

  /** The epoch that is on, as far as is known; `first` is done before another one can begin here. */
  async #enter(first: (epoch: E) => void): Promise<E> {
    for (;;) {
      const epoch = await this.#current();
      if (epoch !== this.#epoch) continue;
      first(epoch);
      return epoch;
    }
  }

  async #current(): Promise<E> {
    if (this.#renewing !== null) await this.#renewing;
    if (this.#epoch === null) await this.#renew(null);
    return this.#epoch!;
  }

  /**
   * Does a write that may name blobs.
   *
   * @param texts in which their names stand
   * @param attempt does it while this epoch is on, or the one after it; answers whether it was done
   * @returns `false` when it was not done, and the epoch was no reason
   * @throws {InvalidInputError} `BLOB_MISSING` when it names one that was put long ago and is gone
   */
  async write(
    texts: readonly (string | Uint8Array)[],
    attempt: (epoch: E) => Promise<boolean>,
  ): Promise<boolean> {
    for (;;) {
      const epoch = await this.#enter(() => this.#refuseLost(texts));
      if (await attempt(epoch)) {
        if (this.#recent.hasUnnamed()) {
          for (const text of texts) this.#recent.name(blobNames(text));
        }
        return true;
      }
      if (!await this.#isOver(epoch)) return false;
    }
  }

  #refuseLost(texts: readonly (string | Uint8Array)[]): void {
    if (this.#lost.size === 0) return;
    for (const text of texts) {
      for (const name of blobNames(text)) if (this.#lost.has(name)) throw missing(name);
    }
  }

  /** Whether another epoch than this one is on; what could get lost in it has been put anew then. */
  async #isOver(epoch: E): Promise<boolean> {
    if (this.#renewing === null && this.#epoch === epoch) return await this.#renew(epoch);
    await this.#current();
    return this.#epoch !== epoch;
  }

  async #renew(old: E | null): Promise<boolean> {
    this.#renewing ??= this.#putAnew(old).finally(() => this.#renewing = null);
    return await this.#renewing;
  }

  async #putAnew(old: E | null): Promise<boolean> {
    const next = await this.#table.epoch();
    if (next.number === old?.number) return false;
    for (const [sha256, recent] of this.#recent.age(next.number)) {
      if (recent.bytes !== null) await this.#table.put(sha256, recent.bytes, next.number);
      else if (!await this.#table.touch(sha256, next.number)) {
        this.#lose(sha256);
        continue;
      }
      recent.epoch = next.number;
    }
    this.#epoch = next;
    return true;
  }

  #lose(sha256: string): void {
    this.#recent.forget(sha256);
    if (this.#lost.size >= LOST_MAX) this.#lost.clear();
    this.#lost.add(sha256);
  }

  /**
   * @throws {InvariantError} `BLOB_CORRUPT` when the bytes are not those that were stored
   * @throws {InvalidInputError} `BLOB_MISSING`
   */
  async get(sha256: string): Promise<Uint8Array> {
    const bytes = await this.#table.get(sha256);
    if (bytes === null) throw missing(sha256);
    return await verify(bytes, sha256);
  }
}

/** The error of a blob that is not there. */
export function missing(sha256: string): InvalidInputError {
  return new InvalidInputError("BLOB_MISSING", {
    message: `Could not find blob "${sha256}"`,
    hint: "The store is incomplete: restore it from a backup",
  });
}
