/**
 * Durable memory: the journal, the run list, the inbox and blobs.
 *
 * @module
 */
export { openKvStore } from "./kv_store.ts";
export { openMemoryStore } from "./memory_store.ts";
