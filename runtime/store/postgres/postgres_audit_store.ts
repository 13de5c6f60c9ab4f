import {
  AUDIT_GENESIS,
  type AuditHead,
  type AuditLine,
  type AuditStore,
} from "../../../core/audit_log.ts";
import { corrupt } from "../packed_text.ts";
import { numberArray, textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";
import type { Sql } from "./pool.ts";

/** The audit log of a schema. */
export class PostgresAuditStore implements AuditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async head(): Promise<AuditHead> {
    const head = await this.#db.repeat((sql) => this.#head(sql));
    if (head !== null) return head;
    if ((await this.lines(0, 1)).length === 0) return AUDIT_GENESIS;
    // Another process may have begun the log in between. Without a head an append would begin anew
    // and cover what is there.
    const later = await this.#db.repeat((sql) => this.#head(sql));
    if (later === null) throw corrupt("audit-head", "it is missing");
    return later;
  }

  async #head(sql: Sql): Promise<AuditHead | null> {
    const [row] = await sql<AuditHead[]>`select seq, hash from ${this.#db.tables.audit_head}`;
    return row === undefined ? null : { seq: row.seq, hash: row.hash };
  }

  async append(
    lines: readonly AuditLine[],
    expected: AuditHead,
    next: AuditHead,
  ): Promise<boolean> {
    let tries = 0;
    return await this.#db.repeat(async (sql) => {
      if (tries++ === 0) return await this.#append(sql, lines, { expected, next });
      // A lost answer: what was appended is there, or nobody has moved the head.
      return await this.#has(sql, lines) || await this.#append(sql, lines, { expected, next }) ||
        await this.#has(sql, lines);
    });
  }

  async #append(
    sql: Sql,
    lines: readonly AuditLine[],
    { expected, next }: { expected: AuditHead; next: AuditHead },
  ): Promise<boolean> {
    const { audit_head, audit_line } = this.#db.tables;
    const isFirst = expected.seq === AUDIT_GENESIS.seq && expected.hash === AUDIT_GENESIS.hash;
    const rows = await sql`
      with head as (
        insert into ${audit_head} as head (seq, hash)
        select ${next.seq}, ${next.hash}
        where ${isFirst} or exists (select 1 from ${audit_head})
        on conflict (is_only) do update set seq = excluded.seq, hash = excluded.hash
        where head.seq = ${expected.seq} and head.hash = ${expected.hash}
        returning 1
      ), lines as (
        insert into ${audit_line} (seq, text)
        select line.seq, line.text from head, unnest(
          ${numberArray(lines.map(({ seq }) => seq))}::bigint[],
          ${textArray(lines.map(({ text }) => text))}::text[]
        ) line(seq, text)
      )
      select 1 from head`;
    return rows.length === 1;
  }

  /** Texts hold hashes of all before them: the same text is the same append. */
  async #has(sql: Sql, lines: readonly AuditLine[]): Promise<boolean> {
    const last = lines.at(-1);
    if (last === undefined) return false;
    const rows = await sql`
      select 1 from ${this.#db.tables.audit_line} where seq = ${last.seq} and text = ${last.text}`;
    return rows.length === 1;
  }

  lines(from: number, limit: number): Promise<AuditLine[]> {
    return this.#db.repeat(async (sql) => {
      const rows = await sql<AuditLine[]>`
        select seq, text from ${this.#db.tables.audit_line}
        where seq >= ${from} order by seq limit ${limit}`;
      return rows.map(({ seq, text }) => ({ seq, text }));
    });
  }
}
