import { crc32 } from "node:zlib";
import { FORMER_HOLDER } from "../node/process_identity.ts";
import { LABELS } from "../store/actor_keys.ts";
import { type PackedText, packText } from "../store/packed_text.ts";
import { packPart } from "../store/archive_history.ts";
import {
  booleanArray,
  byteaArray,
  numberArray,
  textArray,
} from "../store/postgres/array_literal.ts";
import type { Sql } from "../store/postgres/pool.ts";
import type { TableName } from "../store/postgres/tables.ts";
import type { BackupRecord } from "./backup_record.ts";

/** What one statement carries. */
const STATEMENT_BYTES_MAX = 4 * 1024 * 1024;
const STATEMENT_ROWS_MAX = 2_000;
const ROW_BYTES = 200;

const FORMER_TEXT = JSON.stringify(FORMER_HOLDER);

type Value = number | string | boolean | Uint8Array | null;
type ColumnType = "bigint" | "text" | "boolean" | "bytea";
type Columns = Readonly<Record<string, ColumnType>>;

const PACKED: Columns = { bytes: "bytea", is_deflated: "boolean", size: "bigint", crc: "bigint" };

/** Columns that are written; the others have their defaults. */
const COLUMNS = {
  cluster: { text: "text" },
  partition: {
    partition: "bigint",
    term: "bigint",
    token: "text",
    node_id: "text",
    holder: "text",
    commits: "bigint",
    next_seq: "bigint",
    low_water: "bigint",
  },
  journal: { partition: "bigint", seq: "bigint", term: "bigint", crc: "bigint", bytes: "bytea" },
  archive_mark: { partition: "bigint", up_to: "bigint", moving: "bigint" },
  history: { run_id: "text", first_seq: "bigint", last_seq: "bigint", ...PACKED },
  open_run: { partition: "bigint", run_id: "text", up_to: "bigint", events: "bigint" },
  run: {
    run_id: "text",
    workflow: "text",
    version: "text",
    status: "text",
    submitted_at: "bigint",
    finished_at: "bigint",
    partition: "bigint",
    first_seq: "bigint",
    package_hash: "text",
    tenant: "text",
    tags: "text",
  },
  inbox: { partition: "bigint", run_id: "text", type: "text", body: "text" },
  reservation: { key: "text", run_id: "text", node_id: "text", holder: "text" },
  actor_system: {
    system: "text",
    term: "bigint",
    token: "text",
    commits: "bigint",
    next_segment: "bigint",
    low_water: "bigint",
  },
  actor_log: { system: "text", segment: "bigint", term: "bigint", ...PACKED },
  actor_state: { system: "text", address: "text", version: "bigint", ...PACKED },
  actor_tree: { system: "text", ...PACKED },
  dead_letter: { system: "text", id: "text", ...PACKED },
  topic: { system: "text", topic: "text", low_mark: "bigint", next_position: "bigint" },
  topic_message: { system: "text", topic: "text", position: "bigint", ...PACKED },
  wish: { system: "text", ...PACKED },
  document: { collection: "text", key: "text", version: "text", text: "text" },
  audit_head: { seq: "bigint", hash: "text" },
  audit_line: { seq: "bigint", text: "text" },
  blob: { sha256: "text", bytes: "bytea" },
} as const satisfies Partial<Record<TableName, Columns>>;

type Table = keyof typeof COLUMNS;

/** Fills the empty tables of a schema, in one transaction, with records in the order of a backup. */
export class PostgresTarget {
  readonly #sql: Sql;
  readonly #schema: string;
  #table: Table | null = null;
  #rows: (readonly Value[])[] = [];
  #bytes = 0;
  /** This engine needs none beside those of the backup. */
  readonly ownBlobs: ReadonlySet<string> = new Set();

  constructor(sql: Sql, schema: string) {
    this.#sql = sql;
    this.#schema = schema;
  }

  async write(record: BackupRecord): Promise<void> {
    const [table, ...row] = await rowOf(record);
    const isFull = this.#bytes > STATEMENT_BYTES_MAX || this.#rows.length >= STATEMENT_ROWS_MAX;
    if (table !== this.#table || isFull) await this.finish();
    this.#table = table;
    this.#rows.push(row);
    this.#bytes += ROW_BYTES + ("bytes" in record ? record.bytes.length : 0);
  }

  async finish(): Promise<void> {
    if (this.#table === null) return;
    const columns = Object.entries<ColumnType>(COLUMNS[this.#table]);
    const names = columns.map(([name]) => `"${name}"`).join(", ");
    const arrays = columns.map(([, type], at) => `$${at + 1}::${type}[]`).join(", ");
    const values = columns.map(([, type], at) => {
      return arrayOf(type, this.#rows.map((row) => row[at]!));
    });
    // Numbers that the server draws are in the order of the backup.
    await this.#sql.unsafe(
      `insert into "${this.#schema}"."${this.#table}" (${names})
       select ${names} from unnest(${arrays}) with ordinality r(${names}, place) order by place`,
      values,
    );
    this.#table = null;
    this.#rows = [];
    this.#bytes = 0;
  }
}

function arrayOf(type: ColumnType, values: readonly Value[]): string {
  switch (type) {
    case "bigint":
      return numberArray(values as (number | null)[]);
    case "text":
      return textArray(values as (string | null)[]);
    case "boolean":
      return booleanArray(values as boolean[]);
    case "bytea":
      return byteaArray(values as Uint8Array[]);
  }
}

/** Table and values, in the order of {@linkcode COLUMNS}. */
async function rowOf(record: BackupRecord): Promise<[Table, ...Value[]]> {
  switch (record.kind) {
    case "settings":
      return ["cluster", decode(record.bytes)];
    case "partition": {
      const { partition, term, nextSeq, lowWater, isLed } = record;
      const holder = isLed ? [FORMER_HOLDER.nodeId, FORMER_TEXT] as const : [null, null] as const;
      return ["partition", partition, term, "", ...holder, 0, nextSeq, lowWater];
    }
    case "segment": {
      const { partition, seq, term, bytes } = record;
      const crc = crc32(bytes, crc32(`journal ${partition} ${seq} ${term}`));
      return ["journal", partition, seq, term, crc, bytes];
    }
    case "archive":
      return ["archive_mark", record.partition, record.upTo, record.moving];
    case "history": {
      const { runId, firstSeq, lastSeq, bytes } = record;
      const packed = await packPart(runId, firstSeq, decode(bytes));
      return ["history", runId, firstSeq, lastSeq, ...valuesOf(packed)];
    }
    case "open-run":
      return ["open_run", record.partition, record.runId, record.upTo, record.events];
    case "run": {
      const { runId, workflow, version, status, submittedAt, finishedAt } = record;
      const { partition, firstSeq } = record;
      const entry = [runId, workflow, version, status, submittedAt, finishedAt] as const;
      const { packageHash = null, tenant = null } = record;
      const tags = record.tags === undefined ? null : JSON.stringify(record.tags);
      return ["run", ...entry, partition, firstSeq, packageHash, tenant, tags];
    }
    case "command":
      return ["inbox", record.partition, record.runId, record.type, decode(record.bytes)];
    case "reservation": {
      const { key, runId } = record;
      return ["reservation", key, runId, FORMER_HOLDER.nodeId, FORMER_TEXT];
    }
    case "document":
      // Nobody knows a version of it yet.
      return ["document", record.collection, record.key, "restored", decode(record.bytes)];
    case "audit-head":
      return ["audit_head", record.seq, record.hash];
    case "audit-line":
      return ["audit_line", record.seq, decode(record.bytes)];
    case "blob":
      return ["blob", record.sha256, record.bytes];
    default:
      return await actorRowOf(record);
  }
}

type ActorRecord = Extract<BackupRecord, { system: string }>;

async function actorRowOf(record: ActorRecord): Promise<[Table, ...Value[]]> {
  const { system } = record;
  switch (record.kind) {
    case "system": {
      const { term, nextSegment, lowWater } = record;
      return ["actor_system", system, term, "", 0, nextSegment, lowWater];
    }
    case "topic":
      return ["topic", system, record.topic, record.lowMark, record.nextPosition];
    case "log": {
      const { segment, term, bytes } = record;
      const packed = await pack(bytes, LABELS.log(system, segment, term));
      return ["actor_log", system, segment, term, ...packed];
    }
    case "state": {
      const { address, version, bytes } = record;
      const packed = await pack(bytes, LABELS.state(system, address, version));
      return ["actor_state", system, address, version, ...packed];
    }
    case "tree":
      return ["actor_tree", system, ...await pack(record.bytes, LABELS.tree(system))];
    case "letter": {
      const { id, bytes } = record;
      return ["dead_letter", system, id, ...await pack(bytes, LABELS.letter(system, id))];
    }
    case "message": {
      const { topic, position, bytes } = record;
      const packed = await pack(bytes, LABELS.topic(system, topic, position, position));
      return ["topic_message", system, topic, position, ...packed];
    }
    case "wish":
      return ["wish", system, ...await pack(record.bytes, LABELS.wish(system), Infinity)];
  }
}

async function pack(
  text: Uint8Array,
  label: string,
  compressOverBytes?: number,
): Promise<readonly Value[]> {
  return valuesOf(await packText(decode(text), label, compressOverBytes));
}

function valuesOf({ bytes, isDeflated, size, crc }: PackedText): readonly Value[] {
  return [bytes, isDeflated, size, crc];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
