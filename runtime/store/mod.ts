/**
 * Durable memory: the journal, the run list, the inbox and blobs; that of actor systems;
 * the audit log; and documents of the control plane.
 *
 * @module
 */
export type { ActorStoreOptions } from "./kv_actor_store.ts";
export { openKvStore } from "./kv_store.ts";
export { type KvStores, openKvStores } from "./kv_stores.ts";
export { openMemoryActorStore } from "./memory_actor_store.ts";
export { openMemoryAuditStore } from "./memory_audit_store.ts";
export { openMemoryArchive } from "./memory_archive.ts";
export { openMemoryClusterStore } from "./memory_cluster_store.ts";
export { openMemoryDocumentStore } from "./memory_document_store.ts";
export { type MemoryStore, openMemoryStore } from "./memory_store.ts";
