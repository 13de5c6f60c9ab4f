import type { ActorStore } from "../../core/actor_ports.ts";
import type { AuditStore } from "../../core/audit_log.ts";
import type { Store } from "../../core/ports.ts";
import { type ActorStoreOptions, KvActorStore } from "./kv_actor_store.ts";
import { KvAuditStore } from "./kv_audit_store.ts";
import { KvStore } from "./kv_store.ts";
import { retryWhileLocked } from "./locked_retry.ts";

/** Everything that one KV file holds; all of it over one connection. */
export interface KvStores<RunEvent, LogEvent> {
  runs: Store<RunEvent>;
  actors: ActorStore<LogEvent>;
  audit: AuditStore;
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
  options?: ActorStoreOptions,
): Promise<KvStores<RunEvent, LogEvent>> {
  const kv = await retryWhileLocked(() => Deno.openKv(path));
  return {
    runs: new KvStore<RunEvent>(kv),
    actors: new KvActorStore<LogEvent>(kv, options),
    audit: new KvAuditStore(kv),
    close: () => kv.close(),
  };
}
