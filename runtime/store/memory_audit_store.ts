import {
  AUDIT_GENESIS,
  type AuditHead,
  type AuditLine,
  type AuditStore,
} from "../../core/audit_log.ts";

/** Opens an empty audit log in memory. */
export function openMemoryAuditStore(): AuditStore {
  return new MemoryAuditStore();
}

class MemoryAuditStore implements AuditStore {
  readonly #lines: AuditLine[] = [];
  #head = AUDIT_GENESIS;

  head(): Promise<AuditHead> {
    return Promise.resolve(this.#head);
  }

  append(lines: readonly AuditLine[], expected: AuditHead, next: AuditHead): Promise<boolean> {
    const { seq, hash } = this.#head;
    if (seq !== expected.seq || hash !== expected.hash) return Promise.resolve(false);
    this.#lines.push(...lines);
    this.#head = next;
    return Promise.resolve(true);
  }

  lines(from: number, limit: number): Promise<AuditLine[]> {
    const start = Math.max(0, from - 1);
    return Promise.resolve(this.#lines.slice(start, start + limit));
  }
}
