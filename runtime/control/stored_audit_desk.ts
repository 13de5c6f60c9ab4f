import type { AuditEntry, AuditStore } from "../../core/audit_log.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { type AuditVerdict, readAudit, verifyAudit } from "../audit/mod.ts";
import type { AuditDesk, AuditFilters } from "./audit_desk.ts";
import type { Page } from "./caller.ts";

const LIMIT = { default: 100, max: 500 };
const PAGE = 200;
/** Entries that one call looks at. */
const SCAN_MAX = 2_000;

/** See {@linkcode AuditDesk}. */
export class StoredAuditDesk implements AuditDesk {
  readonly #store: AuditStore;

  constructor(store: AuditStore) {
    this.#store = store;
  }

  async list(
    filters: AuditFilters = {},
    options: { cursor?: string; from?: number; limit?: number } = {},
  ): Promise<Page<AuditEntry>> {
    const limit = Math.min(options.limit ?? LIMIT.default, LIMIT.max);
    const head = (await this.#store.head()).seq;
    const newest = Math.min(head, options.from ?? head, cursorOf(options.cursor) - 1);
    const items: AuditEntry[] = [];
    for (let to = newest; to >= 1;) {
      const from = Math.max(1, to - PAGE + 1);
      const entries = await readAudit(this.#store, { from, limit: to - from + 1 });
      for (const entry of entries.toReversed()) {
        if (!matches(entry, filters)) continue;
        items.push(entry);
        if (items.length === limit) return { items, nextCursor: nextOf(entry.seq) };
      }
      to = from - 1;
      if (newest - to >= SCAN_MAX) return { items, nextCursor: nextOf(from) };
    }
    return { items, nextCursor: null };
  }

  verify(): Promise<AuditVerdict> {
    return verifyAudit(this.#store);
  }
}

/** The number of the last entry that was looked at. */
function cursorOf(cursor: string | undefined): number {
  if (cursor === undefined) return Infinity;
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new InvalidInputError("CURSOR_INVALID", {
    message: `Cannot go on at "${cursor.slice(0, 64)}": it is no cursor of this list`,
    hint: 'Give the "nextCursor" of the page before, or none to begin at the start',
  });
}

function nextOf(seq: number): string | null {
  return seq > 1 ? String(seq) : null;
}

function matches(entry: AuditEntry, { code, actor, kind }: AuditFilters): boolean {
  return (code === undefined || entry.code === code) &&
    (kind === undefined || entry.kind === kind) &&
    (actor === undefined || entry.from === actor || entry.to === actor);
}
