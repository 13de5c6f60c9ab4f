/**
 * Blobs as their collector sees them.
 *
 * A store counts epochs, and each blob knows the epoch in which it was put last. A write that names
 * blobs becomes durable only while each of them was put in the epoch that is on or in the one
 * before; the store sees to that itself. So once an epoch has begun, all that may be named anew was
 * put not long ago, and what was put long ago is named by something that is there to be read.
 *
 * @module
 */

/** A blob without its bytes. */
export interface BlobHead {
  /** SHA-256 in hex. */
  sha256: string;
  /** In which it was put last. */
  epoch: number;
  /** Length of the blob. */
  bytes: number;
  /** Whether names of other blobs may stand in it. */
  mayName: boolean;
}

/** The blobs of a store. Every method may throw `UnavailableError` `STORE_UNAVAILABLE`. */
export interface BlobHeap {
  /** The epoch that is on, from 1, and when it began: epoch milliseconds of that machine, or 0. */
  epoch(): Promise<{ epoch: number; begunAt: number }>;
  /** Begins the next epoch, and returns it. */
  beginEpoch(now: number): Promise<number>;
  /** Every blob, by name. Those put meanwhile may be missing. */
  heads(): AsyncIterable<BlobHead>;
  /** @throws {InvalidInputError} `BLOB_MISSING` */
  read(sha256: string): Promise<Uint8Array>;
  /**
   * Everything in which names of blobs may stand, but blobs: text, or bytes of text. What moves
   * from one place to another while this is read is read in one of them at least.
   */
  texts(): AsyncIterable<string | Uint8Array>;
  /**
   * Deletes a blob for good, unless it was put after an epoch.
   *
   * @returns whether it was deleted
   */
  drop(head: BlobHead, lastEpoch: number): Promise<boolean>;
  /** Clears away what puts have left that were cut short in this epoch or before. */
  sweep(lastEpoch: number): Promise<void>;
}
