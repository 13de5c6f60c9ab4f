/**
 * The one place that opens stores, whatever they are kept in.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { AuditStore } from "../../core/audit_log.ts";
import type { BlobHeap } from "../../core/blob_ports.ts";
import type { ClusterStore } from "../../core/cluster_ports.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { openKvStores } from "../store/mod.ts";
import { hidePassword } from "../store/postgres/hide_password.ts";

/** Where runs, actor systems and the audit log are. */
export interface StorePlace {
  /** State directory; holds the store unless `store` says otherwise. */
  dataDir: string;
  /** `kv:FILE`, `postgres://…`, or `https://…` of a KV Connect server. Default: a KV file in the state directory. */
  store?: string;
}

/** Everything that one place keeps; all of it over the same connections. */
export interface Stores {
  runs: Store<RunEvent>;
  actors: ActorStore<DeliveryEvent>;
  audit: AuditStore;
  archive: ArchiveStore<RunEvent>;
  cluster: ClusterStore;
  documents: DocumentStore;
  blobs: BlobHeap;
  /** Lets go of it, and so ends every store. */
  close(): void | Promise<void>;
}

/** Where a store is to be found. */
export type StoreTarget =
  | { type: "kv"; path: string }
  | { type: "postgres"; url: string }
  | { type: "kv-connect"; url: string };

/**
 * Opens the stores of a place, which is made ready where it is not.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when the system refuses it: no permission, no space,
 *   no server; `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`
 * @throws {InvalidInputError} `STORE_URL_WRONG`
 */
export async function openStores(place: StorePlace): Promise<Stores> {
  const target = targetOf(place);
  if (target.type === "postgres") return await openPostgres(target.url, true);
  if (target.type === "kv-connect") return await openKvConnect(target.url);
  await prepareFolder(dirname(target.path));
  return await openKvStores<RunEvent, DeliveryEvent>(target.path, fencing());
}

/**
 * Opens the stores of a place to read them: one in which nothing ever ran is left as it is.
 *
 * @param missing `what`: name of what is looked for; `hint`: how to come to some
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 * @throws as {@linkcode openStores}
 */
export async function openExistingStores(
  place: StorePlace,
  missing: { what: string; hint: string },
): Promise<Stores> {
  const target = targetOf(place);
  if (target.type === "postgres") {
    const stores = await openPostgres(target.url, false);
    if (stores !== null) return stores;
    throw nothingThere(place, missing);
  }
  if (target.type === "kv-connect") return await openKvConnect(target.url);
  if (!isStoreThere(place)) throw nothingThere(place, missing);
  return await openKvStores<RunEvent, DeliveryEvent>(target.path, fencing());
}

/** Whether anything may be kept there: opening it makes nothing new. */
export function isStoreThere(place: StorePlace): boolean {
  const target = targetOf(place);
  return target.type !== "kv" || existsSync(target.path);
}

/** What a place means. Throws `InvalidInputError` `STORE_URL_WRONG`. */
export function targetOf({ dataDir, store }: StorePlace): StoreTarget {
  if (store === undefined) return { type: "kv", path: join(resolve(dataDir), "denizen.kv") };
  if (/^postgres(ql)?:\/\//.test(store)) return { type: "postgres", url: store };
  if (/^https?:\/\//.test(store)) return { type: "kv-connect", url: store };
  if (/^kv:[^/]|^kv:\/[^/]/.test(store)) return { type: "kv", path: resolve(store.slice(3)) };
  throw new InvalidInputError("STORE_URL_WRONG", {
    message:
      `Cannot read the URL of the store: it begins with none of "kv:", "postgres://" and "https://"`,
    hint:
      "Write --store kv:FILE, --store postgres://user@host:5432/database?schema=denizen, or --store https://host of a KV Connect server",
  });
}

/** `null` when nothing is there, and nothing is to be made. The driver is loaded only here. */
async function openPostgres(url: string, isMade: true): Promise<Stores>;
async function openPostgres(url: string, isMade: boolean): Promise<Stores | null>;
async function openPostgres(url: string, isMade: boolean): Promise<Stores | null> {
  const { openExistingPostgresStores, openPostgresStores } = await import(
    "../store/postgres/mod.ts"
  );
  const open = isMade ? openPostgresStores : openExistingPostgresStores;
  return await open<RunEvent, DeliveryEvent>(url, fencing());
}

/** Nothing has to be made there: a look leaves it as it is. */
async function openKvConnect(url: string): Promise<Stores> {
  const { openKvConnectStores } = await import("../store/kv_connect/mod.ts");
  return await openKvConnectStores<RunEvent, DeliveryEvent>(url, fencing());
}

let hasWarned = false;

/**
 * Tests show with `DENIZEN_UNSAFE_NO_FENCE=1` that they would notice: leaders that were deposed go
 * on writing then, over what their heirs have written.
 */
function fencing(): { isFenced: boolean } {
  const isFenced = Deno.env.get("DENIZEN_UNSAFE_NO_FENCE") !== "1";
  if (!isFenced && !hasWarned) {
    hasWarned = true;
    console.error(
      "WARNING: DENIZEN_UNSAFE_NO_FENCE=1 switches fencing off. Journals WILL be damaged. " +
        "This is for tests of Denizen only.",
    );
  }
  return { isFenced };
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    // What runs read and write is nobody else's.
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new UnavailableError("STORE_UNAVAILABLE", {
      message: `Cannot make the state directory "${folder}": ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      hint: "Look with: deno task denizen doctor; or choose another folder with --data DIR",
      cause,
    });
  }
}

function nothingThere(
  { dataDir, store }: StorePlace,
  { what, hint }: { what: string; hint: string },
): InvalidInputError {
  return new InvalidInputError("DATA_DIR_MISSING", {
    message: `Found no ${what} in "${store === undefined ? dataDir : hidePassword(store)}"`,
    hint,
  });
}
