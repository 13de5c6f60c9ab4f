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
    const { value } = await retryWhileLocked(() => this.#kv.get<Partial<AuditHead>>(HEAD));
    if (value !== null) {
      const { seq, hash } = value;
      if (Number.isSafeInteger(seq) && typeof hash === "string") return { seq: seq!, hash };
      throw corrupt("audit-head", "it is no head");
    }
    // Without this an append would begin anew and cover what is there.
    if ((await this.lines(0, 1)).length > 0) throw corrupt("audit-head", "it is missing");
    return AUDIT_GENESIS;
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
