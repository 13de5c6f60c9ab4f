import { existsSync } from "node:fs";
import type { AuditEntry } from "../../core/audit_log.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { type AuditVerdict, readAudit, verifyAudit } from "../audit/mod.ts";
import { openKvStores } from "../store/mod.ts";
import { storePath } from "./open_store.ts";

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
export async function openAuditReader(options: { dataDir: string }): Promise<AuditReader> {
  const path = storePath(options.dataDir);
  if (!existsSync(path)) {
    throw new InvalidInputError("DATA_DIR_MISSING", {
      message: `Found no audit log in "${options.dataDir}"`,
      hint: "Name the folder in which something was run with --data DIR",
    });
  }
  const { audit, close } = await openKvStores(path);
  return {
    list: (options) => readAudit(audit, options),
    verify: () => verifyAudit(audit),
    close,
  };
}
