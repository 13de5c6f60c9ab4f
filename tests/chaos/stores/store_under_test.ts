/**
 * The stores that a cluster is tried on, each with the ways in which it can be made to suffer.
 *
 * @module
 */

/** Where the nodes keep their journal. */
export type StoreKind = "kv" | "postgres" | "denokv";

/** One store, fresh and empty. */
export interface StoreUnderTest {
  /** For `--store`. */
  url: string;
  /** What processes need in their environment to reach it. */
  env: Record<string, string>;
  /** Lets nobody else write for so long, as another process would; resolves when it is over. */
  lock(ms: number): Promise<void>;
  /** Takes all the room of its disk. Only of a store on a small disk. */
  fill(): Promise<void>;
  /** Gives the room back. */
  free(): Promise<void>;
  /** Ends its primary at once, for good, and lets the standby take over. Only with a standby. */
  failOver(): Promise<void>;
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>;
}

/** How a store is to be brought. */
export interface StoreWish {
  /** On a disk of its own that can be filled; else `fill` throws. */
  isOnSmallDisk?: boolean;
  /** With a synchronous standby; else `failOver` throws. Only of PostgreSQL. */
  hasStandby?: boolean;
}

/** Room on the small disk before it is filled. */
export const DISK_MEBIBYTES = 256;
