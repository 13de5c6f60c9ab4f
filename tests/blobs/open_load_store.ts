import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { BlobHeap } from "../../core/blob_ports.ts";
import type { Store } from "../../core/ports.ts";
import { openKvArchive } from "../../runtime/store/kv_archive.ts";
import { KvBlobs } from "../../runtime/store/kv_blobs.ts";
import { KvStore } from "../../runtime/store/kv_store.ts";
import { openKvConnectStores } from "../../runtime/store/kv_connect/mod.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";

/** What stands in the journal of the load: names of blobs; the last event of a run closes it. */
export interface LoadEvent {
  type: "Named" | "Closed";
  blobs: string[];
}

export interface LoadStore {
  runs: Store<LoadEvent>;
  archive: ArchiveStore<LoadEvent>;
  blobs: BlobHeap;
  close(): Promise<void> | void;
}

/**
 * Opens the store of a place: a KV file, or the URL of PostgreSQL or of a KV Connect server.
 *
 * @param isChecked `false` plants a defect: writes do not look which epoch is on
 */
export async function openLoadStore(place: string, isChecked = true): Promise<LoadStore> {
  if (place.startsWith("postgres:")) return await openPostgresStores<LoadEvent, never>(place);
  if (place.startsWith("http:")) return await openKvConnectStores<LoadEvent, never>(place);
  const kv = await Deno.openKv(place);
  const runs = new KvStore<LoadEvent>(isChecked ? kv : withoutEpochChecks(kv));
  const archive = openKvArchive<LoadEvent>(kv, { getBlob: (sha256) => runs.getBlob(sha256) });
  return { runs, archive, blobs: new KvBlobs(kv), close: () => kv.close() };
}

/** The same database, whose atomic writes pass over checks of the epoch. */
function withoutEpochChecks(kv: Deno.Kv): Deno.Kv {
  return new Proxy(kv, {
    get(target, name) {
      if (name === "atomic") return () => unchecked(target.atomic());
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function unchecked(atomic: Deno.AtomicOperation): Deno.AtomicOperation {
  const check = atomic.check.bind(atomic);
  atomic.check = (...checks) => check(...checks.filter(({ key }) => key[0] !== "blob-epoch"));
  return atomic;
}
