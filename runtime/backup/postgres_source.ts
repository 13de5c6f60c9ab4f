import type { RunEntry } from "../../core/ports.ts";
import { crc32 } from "node:zlib";
import { LABELS } from "../store/actor_keys.ts";
import { unpackPart } from "../store/archive_history.ts";
import { verify } from "../store/blob_digest.ts";
import { corrupt, unpackText } from "../store/packed_text.ts";
import type { PackedRow } from "../store/postgres/packed_columns.ts";
import { packedOf } from "../store/postgres/packed_columns.ts";
import type { Sql } from "../store/postgres/pool.ts";
import type { Tables } from "../store/postgres/tables.ts";
import type { BackupRecord, RecordOf } from "./backup_record.ts";
import { isTakenOver } from "./kv_source.ts";
import { unknownKind } from "./unknown_kind.ts";

/** Columns of a table that holds packed texts. */
const PACKED = ["bytes", "is_deflated", "size", "crc"];
const LEADER = ["term", "token", "node_id", "holder", "commits"];

/** Every column that this program knows; what is in no record is about living processes. */
const COLUMNS: Readonly<Record<keyof Tables, readonly string[]>> = {
  partition: ["partition", ...LEADER, "next_seq", "low_water", "heir"],
  journal: ["partition", "seq", "term", "crc", "bytes"],
  run: [
    "run_id",
    "workflow",
    "version",
    "status",
    "submitted_at",
    "finished_at",
    "partition",
    "first_seq",
    "package_hash",
    "tenant",
    "tags",
  ],
  reservation: ["key", "run_id", "node_id", "holder"],
  inbox: ["id", "partition", "run_id", "type", "reason", "body"],
  blob: ["sha256", "bytes", "epoch", "may_name"],
  blob_epoch: ["is_only", "epoch", "begun_at"],
  actor_system: ["system", ...LEADER, "next_segment", "low_water"],
  actor_log: ["system", "segment", "term", ...PACKED],
  actor_state: ["system", "address", "version", ...PACKED],
  actor_tree: ["system", ...PACKED],
  dead_letter: ["system", "id", ...PACKED],
  topic: ["system", "topic", "low_mark", "next_position"],
  topic_message: ["system", "topic", "position", ...PACKED],
  wish: ["id", "system", ...PACKED],
  audit_head: ["is_only", "seq", "hash"],
  audit_line: ["seq", "text"],
  member: ["node_id", "boot", "text"],
  cluster: ["is_only", "text"],
  letter: ["id", "node_id", "text"],
  archive_mark: ["partition", "up_to", "moving"],
  history: ["run_id", "first_seq", "last_seq", ...PACKED],
  open_run: ["partition", "run_id", "up_to", "events"],
  snapshot: ["partition", "run_id", "events", "seq", ...PACKED],
  struck_run: ["partition", "run_id"],
  document: ["collection", "key", "version", "text"],
  migration: ["step", "done_at"],
};

/** Rows that one round trip brings: of a few hundred bytes, of up to 60 KiB, of up to 16 MiB. */
const SHORT = 1_000;
const MEDIUM = 50;
const LONG = 4;

const encoder = new TextEncoder();

/** Where a source reads: a transaction that sees one state of the schema throughout. */
export interface Snapshot {
  sql: Sql;
  tables: Tables;
  schema: string;
}

/**
 * Everything in a schema.
 *
 * @throws {InvariantError} `VALUE_CORRUPT`, `BLOB_CORRUPT`
 * @throws {UnavailableError} `STORE_VERSION_WRONG` when it holds what this program does not know
 */
export async function* readPostgres(snapshot: Snapshot): AsyncIterable<BackupRecord> {
  await refuseUnknown(snapshot);
  yield* settings(snapshot);
  yield* partitions(snapshot);
  yield* segments(snapshot);
  yield* archives(snapshot);
  yield* histories(snapshot);
  yield* openRuns(snapshot);
  yield* runs(snapshot);
  yield* commands(snapshot);
  yield* reservations(snapshot);
  yield* systems(snapshot);
  yield* logs(snapshot);
  yield* states(snapshot);
  yield* trees(snapshot);
  yield* letters(snapshot);
  yield* topics(snapshot);
  yield* messages(snapshot);
  yield* wishes(snapshot);
  yield* documents(snapshot);
  yield* audit(snapshot);
  yield* blobs(snapshot);
}

async function refuseUnknown({ sql, schema }: Snapshot): Promise<void> {
  const rows = await sql<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = ${schema}`;
  for (const { table, column } of rows) {
    const known = Object.hasOwn(COLUMNS, table) && COLUMNS[table as keyof Tables].includes(column);
    if (!known) throw unknownKind(`${table}.${column}`);
  }
}

async function* settings({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"settings">> {
  for (const { text } of await sql<{ text: string }[]>`select text from ${t.cluster}`) {
    yield { kind: "settings", bytes: encoder.encode(text) };
  }
}

async function* partitions({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"partition">> {
  type Row = Omit<RecordOf<"partition">, "kind" | "isLed"> & { holder: string | null };
  const pages = sql<Row[]>`
    select partition, term, next_seq as "nextSeq", low_water as "lowWater", holder
    from ${t.partition} order by partition`;
  for await (const rows of pages.cursor(SHORT)) {
    for (const { holder, ...row } of rows) {
      yield { kind: "partition", ...row, isLed: isTakenOver(row.partition, holder) };
    }
  }
}

/** Rows that are records as they are. */
async function* eachOf<Kind extends string, Row>(
  kind: Kind,
  pages: AsyncIterable<Row[]>,
): AsyncIterable<Row & { kind: Kind }> {
  for await (const rows of pages) for (const row of rows) yield { ...row, kind };
}

async function* segments({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"segment">> {
  type Row = { partition: number; seq: number; term: number; crc: number; bytes: Uint8Array };
  const pages = sql<Row[]>`
    select partition, seq, term, crc, bytes from ${t.journal} order by partition, seq`;
  for await (const rows of pages.cursor(MEDIUM)) {
    for (const { crc, ...row } of rows) {
      const label = `journal ${row.partition} ${row.seq}`;
      if (crc32(row.bytes, crc32(`${label} ${row.term}`)) !== crc) {
        throw corrupt(label, "its checksum does not match");
      }
      yield { kind: "segment", ...row };
    }
  }
}

async function* archives({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"archive">> {
  const pages = sql<Omit<RecordOf<"archive">, "kind">[]>`
    select partition, up_to as "upTo", moving from ${t.archive_mark} order by partition`;
  yield* eachOf("archive", pages.cursor(SHORT));
}

/** What is left of runs that were deleted is on its way out. */
async function* histories({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"history">> {
  const pages = sql<(PackedRow & { run_id: string; first_seq: number; last_seq: number })[]>`
    select * from ${t.history} h
    where not exists (select 1 from ${t.struck_run} where run_id = h.run_id)
    order by run_id, first_seq`;
  for await (const rows of pages.cursor(MEDIUM)) {
    for (const row of rows) {
      const { run_id: runId, first_seq: firstSeq, last_seq: lastSeq } = row;
      const bytes = encoder.encode(await unpackPart({ ...packedOf(row), runId, firstSeq }));
      yield { kind: "history", runId, firstSeq, lastSeq, bytes };
    }
  }
}

async function* openRuns({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"open-run">> {
  const pages = sql<Omit<RecordOf<"open-run">, "kind">[]>`
    select partition, run_id as "runId", up_to as "upTo", events from ${t.open_run}
    order by partition, run_id`;
  yield* eachOf("open-run", pages.cursor(SHORT));
}

async function* runs({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"run">> {
  type Row = Omit<RunEntry, "tenant" | "tags"> & { tenant: string | null; tags: string | null };
  const pages = sql<Row[]>`
    select run_id as "runId", workflow, version, status, submitted_at as "submittedAt",
      finished_at as "finishedAt", partition, first_seq as "firstSeq",
      package_hash as "packageHash", tenant, tags
    from ${t.run} order by run_id`;
  for await (const rows of pages.cursor(SHORT)) {
    for (const { tenant, tags, ...row } of rows) {
      const belongs = tenant === null ? {} : { tenant };
      const found = tags === null ? {} : { tags: JSON.parse(tags) as string[] };
      yield { kind: "run", ...row, ...belongs, ...found };
    }
  }
}

async function* commands({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"command">> {
  type Row = {
    partition: number;
    runId: string;
    type: string;
    body: string | null;
    reason: string | null;
  };
  const pages = sql<Row[]>`
    select partition, run_id as "runId", type, body, reason from ${t.inbox}
    order by partition, id`;
  for await (const rows of pages.cursor(LONG)) {
    for (const { body, reason, ...row } of rows) {
      const text = body ?? JSON.stringify(reason === null ? {} : { reason });
      yield { kind: "command", ...row, bytes: encoder.encode(text) };
    }
  }
}

/** A key whose run was never submitted is free again: whoever took it does not live here. */
async function* reservations(
  { sql, tables: t }: Snapshot,
): AsyncIterable<RecordOf<"reservation">> {
  const pages = sql<{ key: string; runId: string }[]>`
    select key, run_id as "runId" from ${t.reservation} r
    where exists (select 1 from ${t.run} where run_id = r.run_id)
      or exists (select 1 from ${t.inbox} where run_id = r.run_id)
    order by key`;
  yield* eachOf("reservation", pages.cursor(SHORT));
}

async function* systems({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"system">> {
  const pages = sql<Omit<RecordOf<"system">, "kind">[]>`
    select system, term, next_segment as "nextSegment", low_water as "lowWater"
    from ${t.actor_system} order by system`;
  yield* eachOf("system", pages.cursor(SHORT));
}

/** What lies below the mark is on its way out. */
async function* logs({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"log">> {
  const pages = sql<(PackedRow & { system: string; segment: number; term: number })[]>`
    select l.* from ${t.actor_log} l join ${t.actor_system} s using (system)
    where l.segment >= s.low_water order by system, segment`;
  for await (const rows of pages.cursor(LONG)) {
    for (const row of rows) {
      const { system, segment, term } = row;
      const bytes = await textOf(row, LABELS.log(system, segment, term));
      yield { kind: "log", system, segment, term, bytes };
    }
  }
}

async function* states({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"state">> {
  const pages = sql<(PackedRow & { system: string; address: string; version: number })[]>`
    select * from ${t.actor_state} order by system, address`;
  for await (const rows of pages.cursor(LONG)) {
    for (const row of rows) {
      const { system, address, version } = row;
      const bytes = await textOf(row, LABELS.state(system, address, version));
      yield { kind: "state", system, address, version, bytes };
    }
  }
}

async function* trees({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"tree">> {
  const pages = sql<(PackedRow & { system: string })[]>`
    select * from ${t.actor_tree} order by system`;
  for await (const rows of pages.cursor(LONG)) {
    for (const row of rows) {
      const { system } = row;
      yield { kind: "tree", system, bytes: await textOf(row, LABELS.tree(system)) };
    }
  }
}

async function* letters({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"letter">> {
  const pages = sql<(PackedRow & { system: string; id: string })[]>`
    select * from ${t.dead_letter} order by system, id`;
  for await (const rows of pages.cursor(LONG)) {
    for (const row of rows) {
      const { system, id } = row;
      yield { kind: "letter", system, id, bytes: await textOf(row, LABELS.letter(system, id)) };
    }
  }
}

async function* topics({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"topic">> {
  const pages = sql<Omit<RecordOf<"topic">, "kind">[]>`
    select system, topic, low_mark as "lowMark", next_position as "nextPosition"
    from ${t.topic} order by system, topic`;
  yield* eachOf("topic", pages.cursor(SHORT));
}

/** What lies below the mark is on its way out. */
async function* messages({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"message">> {
  const pages = sql<(PackedRow & { system: string; topic: string; position: number })[]>`
    select m.* from ${t.topic_message} m join ${t.topic} t using (system, topic)
    where m.position >= t.low_mark order by system, topic, position`;
  for await (const rows of pages.cursor(LONG)) {
    for (const row of rows) {
      const { system, topic, position } = row;
      const bytes = await textOf(row, LABELS.topic(system, topic, position, position));
      yield { kind: "message", system, topic, position, bytes };
    }
  }
}

async function* wishes({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"wish">> {
  const pages = sql<(PackedRow & { system: string })[]>`
    select * from ${t.wish} order by system, id`;
  for await (const rows of pages.cursor(MEDIUM)) {
    for (const row of rows) {
      const { system } = row;
      yield { kind: "wish", system, bytes: await textOf(row, LABELS.wish(system)) };
    }
  }
}

async function* documents({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"document">> {
  const pages = sql<{ collection: string; key: string; text: string }[]>`
    select collection, key, text from ${t.document} order by collection, key`;
  for await (const rows of pages.cursor(MEDIUM)) {
    for (const { collection, key, text } of rows) {
      yield { kind: "document", collection, key, bytes: encoder.encode(text) };
    }
  }
}

async function* audit(
  { sql, tables: t }: Snapshot,
): AsyncIterable<RecordOf<"audit-head" | "audit-line">> {
  for (
    const row of await sql<{ seq: number; hash: string }[]>`
    select seq, hash from ${t.audit_head}`
  ) {
    yield { kind: "audit-head", ...row };
  }
  const pages = sql<{ seq: number; text: string }[]>`
    select seq, text from ${t.audit_line} order by seq`;
  for await (const rows of pages.cursor(MEDIUM)) {
    for (const { seq, text } of rows) {
      yield { kind: "audit-line", seq, bytes: encoder.encode(text) };
    }
  }
}

async function* blobs({ sql, tables: t }: Snapshot): AsyncIterable<RecordOf<"blob">> {
  const pages = sql<{ sha256: string; bytes: Uint8Array }[]>`
    select sha256, bytes from ${t.blob} order by sha256`;
  for await (const rows of pages.cursor(LONG)) {
    for (const { sha256, bytes } of rows) {
      yield { kind: "blob", sha256, bytes: await verify(bytes, sha256) };
    }
  }
}

async function textOf(row: PackedRow, label: string): Promise<Uint8Array> {
  return encoder.encode(await unpackText(packedOf(row), label));
}
