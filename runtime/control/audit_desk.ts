/**
 * The audit log, narrowed to what is looked for.
 *
 * @module
 */
import type { AuditEntry } from "../../core/audit_log.ts";
import type { AuditVerdict } from "../audit/mod.ts";
import type { Page } from "./caller.ts";

/** What a list of audit entries is narrowed to. */
export interface AuditFilters {
  /** Code of the entry. */
  code?: string;
  /** Who did it, or to whom it was done: `from` or `to` of the entry. */
  actor?: string;
  kind?: string;
}

/** Reads the audit log. */
export interface AuditDesk {
  /**
   * Entries, newest first. Looks at a bounded number of them: a page may have fewer items than
   * `limit` though there are more.
   *
   * @param options `cursor`: of the page before. `from`: number of the newest entry that is wanted.
   *   `limit`: 1 to 500, default 100
   * @throws {InvariantError} `AUDIT_BROKEN` when one of them is no entry
   */
  list(
    filters?: AuditFilters,
    options?: { cursor?: string; from?: number; limit?: number },
  ): Promise<Page<AuditEntry>>;
  /** Walks the whole chain. */
  verify(): Promise<AuditVerdict>;
}
