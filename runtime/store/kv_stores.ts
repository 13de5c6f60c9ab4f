import type { ActorStore } from "../../core/actor_ports.ts";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { AuditStore } from "../../core/audit_log.ts";
import type { BlobHeap } from "../../core/blob_ports.ts";
import type { ClusterStore } from "../../core/cluster_ports.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Store } from "../../core/ports.ts";
import { type ActorStoreOptions, KvActorStore } from "./kv_actor_store.ts";
import { openKvArchive } from "./kv_archive.ts";
import { KvAuditStore } from "./kv_audit_store.ts";
import { KvBlobs } from "./kv_blobs.ts";
import { KvClusterStore } from "./kv_cluster_store.ts";
import { KvDocumentStore } from "./kv_document_store.ts";
import { KvStore, type KvStoreOptions } from "./kv_store.ts";
import { retryWhileLocked } from "./locked_retry.ts";

/** Everything that one KV file holds; all of it over one connection. */
export interface KvStores<RunEvent, LogEvent> {
  runs: Store<RunEvent>;
  actors: ActorStore<LogEvent>;
  audit: AuditStore;
  archive: ArchiveStore<RunEvent>;
  cluster: ClusterStore;
  documents: DocumentStore;
  blobs: BlobHeap;
  /** Closes the file, and with it every store. */
  close(): void;
}

/**
 * Opens the stores in a file.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when the file stays locked
 */
export async function openKvStores<RunEvent, LogEvent>(
  path: string,
  options: ActorStoreOptions & KvStoreOptions = {},
): Promise<KvStores<RunEvent, LogEvent>> {
  const kv = await retryWhileLocked(() => Deno.openKv(path));
  const runs = new KvStore<RunEvent>(kv, { ...options, isGathering: true });
  return {
    runs,
    archive: openKvArchive<RunEvent>(kv, { getBlob: (sha256) => runs.getBlob(sha256), path }),
    actors: new KvActorStore<LogEvent>(kv, options),
    audit: new KvAuditStore(kv),
    cluster: new KvClusterStore(kv, { patienceMs: options.patienceMs }),
    documents: new KvDocumentStore(kv, runs.keeper, options),
    blobs: new KvBlobs(kv),
    close: () => kv.close(),
  };
}
