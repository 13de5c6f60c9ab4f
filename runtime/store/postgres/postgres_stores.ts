import type { ActorStore } from "../../../core/actor_ports.ts";
import type { ArchiveStore } from "../../../core/archive_ports.ts";
import type { AuditStore } from "../../../core/audit_log.ts";
import type { BlobHeap } from "../../../core/blob_ports.ts";
import type { ClusterStore } from "../../../core/cluster_ports.ts";
import type { DocumentStore } from "../../../core/document_ports.ts";
import type { Store } from "../../../core/ports.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { hasTables, migrate } from "./migrate.ts";
import { PostgresActorStore } from "./postgres_actor_store.ts";
import { openPostgresArchive } from "./postgres_archive.ts";
import { PostgresAuditStore } from "./postgres_audit_store.ts";
import { PostgresBlobs } from "./postgres_blobs.ts";
import { PostgresBell } from "./postgres_bell.ts";
import { PostgresClusterStore } from "./postgres_cluster_store.ts";
import { PostgresDocumentStore } from "./postgres_document_store.ts";
import { PostgresStore } from "./postgres_store.ts";
import { parsePostgresUrl } from "./postgres_url.ts";

/** Everything that one schema holds; all of it over the same connections. */
export interface PostgresStores<RunEvent, LogEvent> {
  runs: Store<RunEvent>;
  actors: ActorStore<LogEvent>;
  audit: AuditStore;
  archive: ArchiveStore<RunEvent>;
  cluster: ClusterStore;
  documents: DocumentStore;
  blobs: BlobHeap;
  /** Ends the connections, and with them every store. */
  close(): Promise<void>;
}

export interface PostgresStoresOptions extends DatabaseOptions {
  /** How long opening waits for a server that is not there. Default 2 s. */
  openPatienceMs?: number;
  /** `false` only to show what fencing is for: appends of deposed leaders are written then. */
  isFenced?: boolean;
}

const OPEN_PATIENCE_MS = 2_000;

/**
 * Opens the stores of a schema, which is created or brought up to date where that is needed.
 *
 * @param url `postgres://user:password@host:port,host:port/database?schema=denizen`
 * @throws {InvalidInputError} `STORE_URL_WRONG`
 * @throws {UnavailableError} `STORE_UNAVAILABLE`, `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`
 */
export async function openPostgresStores<RunEvent, LogEvent>(
  url: string,
  options: PostgresStoresOptions = {},
): Promise<PostgresStores<RunEvent, LogEvent>> {
  const stores = await open<RunEvent, LogEvent>(url, { ...options, isMade: true });
  return stores!;
}

/**
 * Opens the stores of a schema, or answers with `null` where there is none.
 *
 * @throws as {@linkcode openPostgresStores}
 */
export function openExistingPostgresStores<RunEvent, LogEvent>(
  url: string,
  options: PostgresStoresOptions = {},
): Promise<PostgresStores<RunEvent, LogEvent> | null> {
  return open(url, { ...options, isMade: false });
}

async function open<RunEvent, LogEvent>(
  url: string,
  options: PostgresStoresOptions & { isMade: boolean },
): Promise<PostgresStores<RunEvent, LogEvent> | null> {
  const { openPatienceMs = OPEN_PATIENCE_MS, isMade } = options;
  const db = new Database(parsePostgresUrl(url), options);
  try {
    if (!isMade && !await hasTables(db, openPatienceMs)) {
      await db.close();
      return null;
    }
    await migrate(db, openPatienceMs);
  } catch (error) {
    await db.close();
    throw error;
  }
  return storesOf(db, options);
}

function storesOf<RunEvent, LogEvent>(
  db: Database,
  options: PostgresStoresOptions,
): PostgresStores<RunEvent, LogEvent> {
  const bell = new PostgresBell(db.address);
  const runs = new PostgresStore<RunEvent>(db, options);
  return {
    runs,
    archive: openPostgresArchive<RunEvent>(db, (sha256) => runs.getBlob(sha256)),
    actors: new PostgresActorStore<LogEvent>(db),
    audit: new PostgresAuditStore(db),
    cluster: new PostgresClusterStore(db, bell),
    documents: new PostgresDocumentStore(db, runs.keeper),
    blobs: new PostgresBlobs(db),
    close: async () => {
      await bell.close();
      await db.close();
    },
  };
}
