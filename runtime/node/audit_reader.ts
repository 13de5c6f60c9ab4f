import type { AuditEntry } from "../../core/audit_log.ts";
import { type AuditVerdict, readAudit, verifyAudit } from "../audit/mod.ts";
import { openExistingStores, type StorePlace } from "./open_store.ts";

/** The audit log of a data directory, whichever processes write to it. */
export interface AuditReader {
  /**
   * Entries in order.
   *
   * @param options `from`: number of the first; without it, the last `limit` ones
   * @throws {InvariantError} `AUDIT_BROKEN` when one of them is no entry
   */
  list(options: { from?: number; limit: number }): Promise<AuditEntry[]>;
  /** Walks the whole chain. */
  verify(): Promise<AuditVerdict>;
  /** Lets go of the directory. */
  close(): void;
}

/**
 * Opens the audit log of a data directory.
 *
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 */
export async function openAuditReader(place: StorePlace): Promise<AuditReader> {
  const stores = await openExistingStores(place, {
    what: "audit log",
    hint: "Name the folder in which something was run with --data DIR",
  });
  const { audit } = stores;
  return {
    list: (options) => readAudit(audit, options),
    verify: () => verifyAudit(audit),
    close: () => void stores.close(),
  };
}
