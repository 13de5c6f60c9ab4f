/**
 * The archive in a schema, beside the store.
 *
 * Everything that it writes stays right when it is written again, so a write whose answer was lost is
 * just repeated. The fence is looked at last, under a lock that is held only until the commit: the
 * group commits of the same leader wait for no more.
 *
 * @module
 */
import type { ArchiveStore, StoreSizes } from "../../../core/archive_ports.ts";
import { ConflictError } from "../../../core/errors.ts";
import type { Fence } from "../../../core/ports.ts";
import { TableArchive } from "../archive_store.ts";
import type {
  ArchiveTables,
  ArchiveWrite,
  HistoryPart,
  Mark,
  OpenRow,
  SnapshotHead,
  SnapshotRow,
} from "../archive_tables.ts";
import { corrupt } from "../packed_text.ts";
import { numberArray, textArray } from "./array_literal.ts";
import type { Database } from "./database.ts";
import { packedArrays, packedOf, type PackedRow } from "./packed_columns.ts";
import type { Sql } from "./pool.ts";
import { measurePostgres } from "./postgres_archive_sizes.ts";
import { segmentChecksum } from "./postgres_store.ts";
import { inTransaction } from "./transaction.ts";

/** Rows read at once: segments of up to 60 KiB, or parts of histories. */
const PAGE = 50;

interface PartRow extends PackedRow {
  first_seq: number;
  last_seq: number;
}

/** The archive of a schema; `getBlob` reads what events refer to. */
export function openPostgresArchive<Event>(
  db: Database,
  getBlob: (sha256: string) => Promise<Uint8Array>,
): ArchiveStore<Event> {
  return new TableArchive(new PostgresArchive(db), getBlob);
}

class PostgresArchive implements ArchiveTables {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async segments(
    partition: number,
    { from, to, countMax, bytesMax }: {
      from: number;
      to: number;
      countMax: number;
      bytesMax: number;
    },
  ): Promise<{ seq: number; bytes: Uint8Array }[]> {
    const found: { seq: number; bytes: Uint8Array }[] = [];
    let total = 0;
    for (let next = from; found.length < countMax && total < bytesMax;) {
      const page = await this.#segments(partition, next, to);
      for (const { seq, term, crc, bytes } of page) {
        if (segmentChecksum(bytes, { partition, seq, term }) !== crc) {
          throw corrupt(`journal ${partition} ${seq}`, "its checksum does not match");
        }
        found.push({ seq, bytes });
        total += bytes.length;
        next = seq + 1;
      }
      if (page.length < PAGE) break;
    }
    return found;
  }

  #segments(partition: number, from: number, to: number) {
    return this.#db.repeat((sql) =>
      sql<{ seq: number; term: number; crc: number; bytes: Uint8Array }[]>`
        select seq, term, crc, bytes from ${this.#db.tables.journal}
        where partition = ${partition} and seq between ${from} and ${to}
        order by seq limit ${PAGE}`
    );
  }

  async lastSegment(partition: number): Promise<number> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ last: number | null }]>`
        select max(seq) as last from ${this.#db.tables.journal} where partition = ${partition}`
    );
    return row.last ?? 0;
  }

  async mark(partition: number): Promise<Mark> {
    const [row] = await this.#db.repeat((sql) =>
      sql<[{ up_to: number; moving: number | null }?]>`
        select up_to, moving from ${this.#db.tables.archive_mark}
        where partition = ${partition}`
    );
    return { upTo: row?.up_to ?? 0, moving: row?.moving ?? null };
  }

  async openRows(partition: number, runId?: string): Promise<OpenRow[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<OpenRow[]>`
        select run_id as "runId", up_to as "upTo", events from ${this.#db.tables.open_run}
        where partition = ${partition} ${only(sql, runId)}`
    );
    return rows.map((row) => ({ ...row }));
  }

  async snapshotHeads(partition: number, runId?: string): Promise<SnapshotHead[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<SnapshotHead[]>`
        select run_id as "runId", events, seq, octet_length(bytes) as "packedBytes" from ${this.#db.tables.snapshot}
        where partition = ${partition} ${only(sql, runId)}`
    );
    return rows.map((row) => ({ ...row }));
  }

  async snapshot(partition: number, runId: string): Promise<SnapshotRow | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<(PackedRow & SnapshotHead)[]>`
        select run_id as "runId", events, seq, bytes, is_deflated, size, crc from ${this.#db.tables.snapshot}
        where partition = ${partition} and run_id = ${runId}`
    );
    if (row === undefined) return null;
    const { events, seq } = row;
    return { runId, events, seq, packedBytes: row.bytes.length, ...packedOf(row) };
  }

  async *parts(runId: string): AsyncIterable<HistoryPart> {
    for (let from = 0;;) {
      const page = await this.#db.repeat((sql) =>
        sql<PartRow[]>`
          select first_seq, last_seq, bytes, is_deflated, size, crc
          from ${this.#db.tables.history}
          where run_id = ${runId} and first_seq >= ${from} order by first_seq limit ${PAGE}`
      );
      for (const row of page) {
        yield partOf(runId, row);
        from = row.first_seq + 1;
      }
      if (page.length < PAGE) return;
    }
  }

  async *partsOf(runIds: readonly string[]): AsyncIterable<HistoryPart> {
    const ids = textArray(runIds);
    for (let [lastId, lastSeq] = ["", 0];;) {
      const page = await this.#db.repeat((sql) =>
        sql<(PartRow & { run_id: string })[]>`
          select run_id, first_seq, last_seq, bytes, is_deflated, size, crc
          from ${this.#db.tables.history}
          where run_id = any(${ids}::text[]) and (run_id, first_seq) > (${lastId}, ${lastSeq})
          order by run_id, first_seq limit ${PAGE}`
      );
      for (const row of page) {
        yield partOf(row.run_id, row);
        [lastId, lastSeq] = [row.run_id, row.first_seq];
      }
      if (page.length < PAGE) return;
    }
  }

  async lastPart(runId: string): Promise<HistoryPart | null> {
    const [row] = await this.#db.repeat((sql) =>
      sql<PartRow[]>`
        select first_seq, last_seq, bytes, is_deflated, size, crc
        from ${this.#db.tables.history}
        where run_id = ${runId} order by first_seq desc limit 1`
    );
    return row === undefined ? null : partOf(runId, row);
  }

  async write(fence: Fence, writes: readonly ArchiveWrite[]): Promise<void> {
    const of = <Type extends ArchiveWrite["type"]>(type: Type) =>
      writes.filter((write): write is Extract<ArchiveWrite, { type: Type }> => write.type === type);
    const { partition } = fence;
    await this.#fenced(fence, async (sql) => {
      await this.#putParts(sql, of("part").map(({ part }) => part));
      await this.#putOpen(sql, partition, of("open").map(({ row }) => row));
      await this.#close(sql, partition, of("close").map(({ runId }) => runId));
      await this.#putSnapshots(sql, partition, of("snapshot").map(({ row }) => row));
      const last = of("mark").at(-1);
      if (last !== undefined) await this.#putMark(sql, partition, last.mark);
    });
  }

  async #putParts(sql: Sql, parts: readonly HistoryPart[]): Promise<void> {
    if (parts.length === 0) return;
    await sql`
      insert into ${this.#db.tables.history}
        (run_id, first_seq, last_seq, bytes, is_deflated, size, crc)
      select * from unnest(
        ${textArray(parts.map(({ runId }) => runId))}::text[],
        ${numberArray(parts.map(({ firstSeq }) => firstSeq))}::bigint[],
        ${numberArray(parts.map(({ lastSeq }) => lastSeq))}::bigint[],
        ${packedArrays(sql, parts)}
      )
      on conflict (run_id, first_seq) do update set last_seq = excluded.last_seq,
        bytes = excluded.bytes, is_deflated = excluded.is_deflated, size = excluded.size,
        crc = excluded.crc`;
  }

  async #putOpen(sql: Sql, partition: number, rows: readonly OpenRow[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`
      insert into ${this.#db.tables.open_run} (partition, run_id, up_to, events)
      select ${partition}, row.* from unnest(
        ${textArray(rows.map(({ runId }) => runId))}::text[],
        ${numberArray(rows.map(({ upTo }) => upTo))}::bigint[],
        ${numberArray(rows.map(({ events }) => events))}::bigint[]
      ) row
      on conflict (partition, run_id) do update set up_to = excluded.up_to,
        events = excluded.events`;
  }

  async #close(sql: Sql, partition: number, runIds: readonly string[]): Promise<void> {
    if (runIds.length === 0) return;
    const ids = textArray(runIds);
    const { open_run, snapshot } = this.#db.tables;
    for (const table of [open_run, snapshot]) {
      await sql`
        delete from ${table} where partition = ${partition} and run_id = any(${ids}::text[])`;
    }
  }

  async #putSnapshots(sql: Sql, partition: number, rows: readonly SnapshotRow[]): Promise<void> {
    // The last one of a run stands for those before it.
    const last = [...new Map(rows.map((row) => [row.runId, row])).values()];
    if (last.length === 0) return;
    await sql`
      insert into ${this.#db.tables.snapshot}
        (partition, run_id, events, seq, bytes, is_deflated, size, crc)
      select ${partition}, row.* from unnest(
        ${textArray(last.map(({ runId }) => runId))}::text[],
        ${numberArray(last.map(({ events }) => events))}::bigint[],
        ${numberArray(last.map(({ seq }) => seq))}::bigint[],
        ${packedArrays(sql, last)}
      ) row
      on conflict (partition, run_id) do update set events = excluded.events, seq = excluded.seq,
        bytes = excluded.bytes, is_deflated = excluded.is_deflated, size = excluded.size,
        crc = excluded.crc`;
  }

  async #putMark(sql: Sql, partition: number, { upTo, moving }: Mark): Promise<void> {
    await sql`
      insert into ${this.#db.tables.archive_mark} (partition, up_to, moving)
      values (${partition}, ${upTo}, ${moving})
      on conflict (partition) do update set up_to = excluded.up_to, moving = excluded.moving`;
  }

  async dropSegments(fence: Fence, upTo: number, countMax: number): Promise<number> {
    const { journal } = this.#db.tables;
    const { partition } = fence;
    return await this.#fenced(fence, async (sql) => {
      const rows = await sql`
        delete from ${journal} where partition = ${partition} and seq in (
          select seq from ${journal} where partition = ${partition} and seq <= ${upTo}
          order by seq limit ${countMax}
        )`;
      return rows.count;
    });
  }

  async strikeRuns(fence: Fence, runIds: readonly string[]): Promise<string[]> {
    const { run, reservation, struck_run } = this.#db.tables;
    const { partition } = fence;
    return await this.#fenced(fence, async (sql) => {
      const rows = await sql<{ run_id: string }[]>`
        with gone as (
          delete from ${run} where run_id = any(${textArray(runIds)}::text[])
            and partition = ${partition} and finished_at is not null
          returning run_id
        ), keys as (
          delete from ${reservation} r using gone where r.run_id = gone.run_id
        ), notes as (
          insert into ${struck_run} (partition, run_id) select ${partition}, run_id from gone
          on conflict do nothing
        )
        select run_id from gone`;
      return rows.map(({ run_id }) => run_id);
    });
  }

  async struckRuns(partition: number): Promise<string[]> {
    const rows = await this.#db.repeat((sql) =>
      sql<{ run_id: string }[]>`
        select run_id from ${this.#db.tables.struck_run} where partition = ${partition}`
    );
    return rows.map(({ run_id }) => run_id);
  }

  async dropHistories(fence: Fence, runIds: readonly string[]): Promise<void> {
    const { history, struck_run } = this.#db.tables;
    const ids = textArray(runIds);
    await this.#fenced(fence, async (sql) => {
      await sql`delete from ${history} where run_id = any(${ids}::text[])`;
      await sql`
        delete from ${struck_run}
        where partition = ${fence.partition} and run_id = any(${ids}::text[])`;
    });
  }

  sizes(): Promise<StoreSizes> {
    return measurePostgres(this.#db);
  }

  /** @throws {ConflictError} `FENCED` when the claim is gone before the commit; nothing is written */
  async #fenced<T>(fence: Fence, work: (sql: Sql) => Promise<T>): Promise<T> {
    const { partition, term, token } = fence;
    return await this.#db.repeat(async (sql) => {
      const done: { result?: T } = {};
      const isLed = await inTransaction(sql, async (transaction) => {
        done.result = await work(transaction);
        const rows = await transaction`
          select 1 from ${this.#db.tables.partition}
          where partition = ${partition} and token = ${token} for share`;
        return rows.length === 1;
      });
      if (isLed) return done.result as T;
      throw new ConflictError("FENCED", {
        message: `Refused a write of term ${term}: another node leads partition ${partition}`,
        hint: "Nothing was written; the other node goes on with these runs",
      });
    });
  }
}

function only(sql: Sql, runId: string | undefined) {
  return runId === undefined ? sql`` : sql`and run_id = ${runId}`;
}

function partOf(runId: string, row: PartRow): HistoryPart {
  return { runId, firstSeq: row.first_seq, lastSeq: row.last_seq, ...packedOf(row) };
}
