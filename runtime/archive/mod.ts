/**
 * Keeps stores small: snapshots, histories, the end of what is kept no longer, and blobs that nothing
 * names any more.
 *
 * @module
 */
export { Keeper, type KeeperOptions, type KeptPartition } from "./keeper.ts";
export {
  collectAllBlobs,
  collectBlobs,
  collectBlobsIfDue,
  type Collection,
  type CollectionOptions,
} from "./collect_blobs.ts";
