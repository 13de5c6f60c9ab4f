import { AUDIT_GENESIS, type AuditEntry, type AuditStore } from "../../core/audit_log.ts";
import { InvariantError } from "../../core/errors.ts";
import { findBreak, readEntry } from "./chain.ts";

const PAGE = 500;

/**
 * Entries in order.
 *
 * @param options `from`: number of the first; without it, the last `limit` ones
 * @throws {InvariantError} `AUDIT_BROKEN` when one of them is no entry
 */
export async function readAudit(
  store: AuditStore,
  options: { from?: number; limit: number },
): Promise<AuditEntry[]> {
  const from = options.from ?? Math.max(1, (await store.head()).seq - options.limit + 1);
  const lines = await store.lines(from, options.limit);
  return lines.map((line) => {
    const entry = readEntry(line);
    if (entry === null) throw auditBroken(line.seq, "its text was altered");
    return entry;
  });
}

/** What a look at the whole chain found. */
export interface AuditVerdict {
  /** Entries that are whole, from the first on. */
  entries: number;
  /** The first that is not; `null` when all are. */
  broken: { seq: number; reason: string } | null;
}

/**
 * Walks the chain from its first entry to its head. Finds what was altered, dropped, moved, or cut
 * off at the end; not what somebody forged who also replaced the head and every entry since.
 */
export async function verifyAudit(store: AuditStore): Promise<AuditVerdict> {
  const head = await store.head();
  let before = AUDIT_GENESIS;
  while (before.seq < head.seq) {
    const lines = await store.lines(before.seq + 1, Math.min(PAGE, head.seq - before.seq));
    if (lines.length === 0) return broken(before.seq, `the log ends before entry ${head.seq}`);
    for (const line of lines) {
      const reason = findBreak(line, before);
      if (reason !== null) return broken(before.seq, reason);
      before = { seq: line.seq, hash: readEntry(line)?.hash ?? "" };
    }
  }
  if (before.hash !== head.hash) return broken(head.seq - 1, "it is not the one that was last");
  const isAtEnd = (await store.lines(head.seq + 1, 1)).length === 0;
  // Other processes may append while this one looks; they move the head.
  if (!isAtEnd && (await store.head()).seq === head.seq) {
    return broken(head.seq, "it was added behind the end of the log");
  }
  return { entries: head.seq, broken: null };
}

function broken(entries: number, reason: string): AuditVerdict {
  return { entries, broken: { seq: entries + 1, reason } };
}

/** The error that tells of a chain that does not hold. */
export function auditBroken(seq: number, reason: string): InvariantError {
  return new InvariantError("AUDIT_BROKEN", {
    message: `Found entry ${seq} of the audit log broken: ${reason}`,
    hint: "The state directory was altered or its disk is failing: compare with a backup",
    details: { seq, reason },
  });
}
