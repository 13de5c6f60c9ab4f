/**
 * The audit log in a KV file.
 *
 * | key | value |
 * | --- | --- |
 * | `audit-head` | `{ seq, hash }` of the last entry |
 * | `audit, seq` | an entry as UTF-8 text |
 *
 * @module
 */
import {
  AUDIT_GENESIS,
  type AuditHead,
  type AuditLine,
  type AuditStore,
} from "../../core/audit_log.ts";
import { retryWhileLocked } from "./locked_retry.ts";
import { corrupt } from "./packed_text.ts";

const HEAD = ["audit-head"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The audit log in an open KV file, which others may use too; closing it is left to its owner. */
export class KvAuditStore implements AuditStore {
  readonly #kv: Deno.Kv;

  constructor(kv: Deno.Kv) {
    this.#kv = kv;
  }

  async head(): Promise<AuditHead> {
    const head = await this.#readHead();
    if (head !== null) return head;
    if ((await this.lines(0, 1)).length === 0) return AUDIT_GENESIS;
    // Another process may have begun the log in between. Without a head an append would begin anew
    // and cover what is there.
    const later = await this.#readHead();
    if (later === null) throw corrupt("audit-head", "it is missing");
    return later;
  }

  async #readHead(): Promise<AuditHead | null> {
    const { value } = await retryWhileLocked(() => this.#kv.get<Partial<AuditHead>>(HEAD));
    if (value === null) return null;
    const { seq, hash } = value;
    if (Number.isSafeInteger(seq) && typeof hash === "string") return { seq: seq!, hash };
    throw corrupt("audit-head", "it is no head");
  }

  async append(
    lines: readonly AuditLine[],
    expected: AuditHead,
    next: AuditHead,
  ): Promise<boolean> {
    const current = await retryWhileLocked(() => this.#kv.get<AuditHead>(HEAD));
    const { seq, hash } = current.value ?? AUDIT_GENESIS;
    if (seq !== expected.seq || hash !== expected.hash) return false;
    const atomic = this.#kv.atomic().check(current).set(HEAD, next);
    for (const { seq, text } of lines) atomic.set(["audit", seq], encoder.encode(text));
    return (await retryWhileLocked(() => atomic.commit())).ok;
  }

  async lines(from: number, limit: number): Promise<AuditLine[]> {
    const range = { start: ["audit", from], end: ["audit", Number.MAX_SAFE_INTEGER] };
    const entries = await retryWhileLocked(() =>
      Array.fromAsync(this.#kv.list<Uint8Array>(range, { limit }))
    );
    return entries.map(({ key, value }) => ({
      seq: key[1] as number,
      text: decoder.decode(value),
    }));
  }
}
