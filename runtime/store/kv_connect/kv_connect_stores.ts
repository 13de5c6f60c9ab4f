import type { ActorStore } from "../../../core/actor_ports.ts";
import type { ArchiveStore } from "../../../core/archive_ports.ts";
import type { AuditStore } from "../../../core/audit_log.ts";
import type { BlobHeap } from "../../../core/blob_ports.ts";
import type { ClusterStore } from "../../../core/cluster_ports.ts";
import type { DocumentStore } from "../../../core/document_ports.ts";
import type { Store } from "../../../core/ports.ts";
import { type ActorStoreOptions, KvActorStore } from "../kv_actor_store.ts";
import { openKvArchive } from "../kv_archive.ts";
import { KvAuditStore } from "../kv_audit_store.ts";
import { KvBlobs } from "../kv_blobs.ts";
import { KvClusterStore } from "../kv_cluster_store.ts";
import { KvDocumentStore } from "../kv_document_store.ts";
import { KvStore } from "../kv_store.ts";
import type { ConnectionOptions } from "./connection.ts";
import { KvConnectBell } from "./kv_connect_bell.ts";
import { noKvConnect, tokenMissing } from "./kv_connect_errors.ts";
import { KvConnectDatabase } from "./kv_connect_database.ts";

export interface KvConnectOptions extends ConnectionOptions, ActorStoreOptions {
  /** Default: what `DENO_KV_ACCESS_TOKEN` says. */
  token?: string;
  /** How long a server that does not answer is waited for at first. Default 3 s. */
  openPatienceMs?: number;
  /** `false` only to show what fencing is for: appends of deposed leaders are written then. */
  isFenced?: boolean;
}

const OPEN_PATIENCE_MS = 3_000;

/** Everything that one database keeps. */
export interface KvConnectStores<RunEvent, LogEvent> {
  runs: Store<RunEvent>;
  actors: ActorStore<LogEvent>;
  audit: AuditStore;
  archive: ArchiveStore<RunEvent>;
  cluster: ClusterStore;
  documents: DocumentStore;
  blobs: BlobHeap;
  /** Lets go of the server, and so ends every store. */
  close(): Promise<void>;
}

/**
 * Opens the stores of a KV Connect server.
 *
 * @param url `https://host` or `http://host:port`
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when no server is there; `STORE_ACCESS_REFUSED`
 *   without the right token; `STORE_VERSION_WRONG`
 * @throws {InvalidInputError} `STORE_URL_WRONG` when something else answers
 */
export async function openKvConnectStores<RunEvent, LogEvent>(
  url: string,
  options: KvConnectOptions = {},
): Promise<KvConnectStores<RunEvent, LogEvent>> {
  const kv = await openKvConnect(url, options);
  const runs = new KvStore<RunEvent>(kv, { isFenced: options.isFenced });
  return {
    runs,
    archive: openKvArchive<RunEvent>(kv, { getBlob: (sha256) => runs.getBlob(sha256) }),
    actors: new KvActorStore<LogEvent>(kv, options),
    audit: new KvAuditStore(kv),
    cluster: new KvClusterStore(kv, { bell: new KvConnectBell(kv.connection) }),
    documents: new KvDocumentStore(kv, runs.keeper),
    blobs: new KvBlobs(kv),
    close: () => kv.end(),
  };
}

/** A database whose server was found and takes the token; throws as {@linkcode openKvConnectStores}. */
export async function openKvConnect(
  url: string,
  options: KvConnectOptions = {},
): Promise<KvConnectDatabase> {
  const target = parse(url);
  const token = options.token ?? Deno.env.get("DENO_KV_ACCESS_TOKEN") ?? "";
  if (token === "") throw tokenMissing(target.href);
  const kv = new KvConnectDatabase(target, token, options);
  const patienceMs = options.openPatienceMs ?? OPEN_PATIENCE_MS;
  try {
    await kv.connection.repeat(() => kv.connection.greet(), { patienceMs });
    return kv;
  } catch (error) {
    kv.close();
    throw error;
  }
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw noKvConnect(text.replace(/\/\/.*@/, "//"), "it is no URL");
  // The token says who we are; what else stands there must not come into messages.
  url.username = url.password = "";
  return url;
}
