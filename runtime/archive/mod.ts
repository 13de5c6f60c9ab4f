/**
 * Keeps stores small: snapshots, histories, and the end of what is kept no longer.
 *
 * @module
 */
export { Keeper, type KeeperOptions, type KeptPartition } from "./keeper.ts";
