import { blobNames } from "./blob_names.ts";

/** A blob that something may be about to name. */
interface Recent {
  /** In which it was put. */
  epoch: number;
  /** `null` when there was no room for them. */
  bytes: Uint8Array | null;
  /** Epochs that have begun since, as far as they were met here. */
  age: number;
  /** By a monotonic clock. */
  addedAt: number;
  /** Whether something durable names it, itself or through other blobs. */
  isNamed: boolean;
}

export interface RecentBlobsOptions {
  /** Beyond it the oldest are forgotten. Default 10,000. */
  countMax?: number;
  /** Bytes kept of blobs that are named already. Default 16 MiB. */
  namedBytesMax?: number;
  /** Bytes kept of all. Default 256 MiB. */
  bytesMax?: number;
  /** Monotonic milliseconds. Default `performance.now`. */
  now?: () => number;
}

const COUNT_MAX = 10_000;
const NAMED_BYTES_MAX = 16 * 1024 * 1024;
const BYTES_MAX = 256 * 1024 * 1024;

/** Epochs for which a blob is kept that somebody else may have put, and has not named. */
const NAMED_AGE_MAX = 2;
/**
 * Epochs, and milliseconds, after which nobody will name it any more: what put it was given up. A
 * process that was stopped for hours has met no epoch; one whose writes are refused again and again
 * may meet many in a moment.
 */
const AGE_MAX = 4;
const KEPT_MS_MIN = 10 * 60 * 1_000;

/** What was put lately, with its bytes while there is room, so that it can be put anew. */
export class RecentBlobs {
  readonly #limits: Required<RecentBlobsOptions>;
  /** By name, the oldest first. */
  readonly #blobs = new Map<string, Recent>();
  /** Named ones with bytes, in the order in which they were named. */
  readonly #named = new Set<string>();
  #bytes = 0;
  #namedBytes = 0;

  constructor(options: RecentBlobsOptions = {}) {
    this.#limits = {
      countMax: COUNT_MAX,
      namedBytesMax: NAMED_BYTES_MAX,
      bytesMax: BYTES_MAX,
      now: () => performance.now(),
      ...options,
    };
  }

  add(sha256: string, bytes: Uint8Array, epoch: number): void {
    this.forget(sha256);
    const addedAt = this.#limits.now();
    this.#blobs.set(sha256, { epoch, bytes, age: 0, addedAt, isNamed: false });
    this.#bytes += bytes.length;
    this.#makeRoom();
  }

  /** Says that something durable names them, and all that they name. */
  name(names: Iterable<string>): void {
    const open = [...names];
    for (const sha256 of open) {
      const recent = this.#blobs.get(sha256);
      if (recent === undefined || recent.isNamed) continue;
      recent.isNamed = true;
      if (recent.bytes === null) continue;
      this.#named.add(sha256);
      this.#namedBytes += recent.bytes.length;
      open.push(...blobNames(recent.bytes));
    }
    this.#makeRoom();
  }

  /** Whether there is one that nothing durable names. */
  hasUnnamed(): boolean {
    return this.#bytes > this.#namedBytes;
  }

  /**
   * Those that a new epoch could lose, after it is counted for all. Whoever loops may wait meanwhile:
   * what is added then is met as well.
   */
  *age(epoch: number): Iterable<[sha256: string, recent: Recent]> {
    for (const [sha256, recent] of this.#blobs) {
      recent.age++;
      if (this.#isGivenUp(recent)) this.forget(sha256);
      else if (recent.epoch < epoch - 1) yield [sha256, recent];
    }
  }

  #isGivenUp({ isNamed, age, addedAt }: Recent): boolean {
    if (isNamed) return age > NAMED_AGE_MAX;
    return age > AGE_MAX && this.#limits.now() - addedAt > KEPT_MS_MIN;
  }

  forget(sha256: string): void {
    this.#release(sha256);
    this.#blobs.delete(sha256);
  }

  #makeRoom(): void {
    const { countMax, namedBytesMax, bytesMax } = this.#limits;
    for (const sha256 of this.#named) {
      if (this.#namedBytes <= namedBytesMax && this.#bytes <= bytesMax) break;
      this.#release(sha256);
    }
    if (this.#blobs.size <= countMax && this.#bytes <= bytesMax) return;
    for (const sha256 of this.#blobs.keys()) {
      if (this.#blobs.size > countMax) this.forget(sha256);
      else if (this.#bytes > bytesMax) this.#release(sha256);
      else return;
    }
  }

  #release(sha256: string): void {
    const recent = this.#blobs.get(sha256);
    if (recent === undefined || recent.bytes === null) return;
    this.#bytes -= recent.bytes.length;
    if (this.#named.delete(sha256)) this.#namedBytes -= recent.bytes.length;
    recent.bytes = null;
  }
}
