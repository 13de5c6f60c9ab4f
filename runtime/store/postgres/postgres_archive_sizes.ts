import type { StoredSize, StoreSizes } from "../../../core/archive_ports.ts";
import type { Database } from "./database.ts";
import type { TableName } from "./tables.ts";

const ACTOR_TABLES: readonly TableName[] = [
  "actor_log",
  "actor_state",
  "actor_tree",
  "dead_letter",
  "topic_message",
  "wish",
];

/** What takes room in a schema. */
export async function measurePostgres(db: Database): Promise<StoreSizes> {
  const actors = await Promise.all(ACTOR_TABLES.map((table) => sizeOf(db, table)));
  return {
    journal: await sizeOf(db, "journal"),
    histories: await sizeOf(db, "history"),
    snapshots: await sizeOf(db, "snapshot"),
    runs: await sizeOfRows(db, "run"),
    inbox: await sizeOfRows(db, "inbox"),
    blobs: await sizeOf(db, "blob"),
    actors: actors.reduce((sum, { count, bytes }) => ({
      count: sum.count + count,
      bytes: sum.bytes + bytes,
    })),
    audit: await sizeOfRows(db, "audit_line"),
    documents: await sizeOfRows(db, "document"),
    workflows: await workflowSizes(db),
    diskBytes: await diskBytes(db),
  };
}

/** Of a table whose rows are mostly a column `bytes`. */
async function sizeOf(db: Database, table: TableName): Promise<StoredSize> {
  const [row] = await db.repeat((sql) =>
    sql<[StoredSize]>`
      select count(*) as count, coalesce(sum(octet_length(bytes)), 0)::bigint as bytes
      from ${db.tables[table]}`
  );
  return { ...row };
}

async function sizeOfRows(db: Database, table: TableName): Promise<StoredSize> {
  const [row] = await db.repeat((sql) =>
    sql<[StoredSize]>`
      select count(*) as count, coalesce(sum(pg_column_size(row.*)), 0)::bigint as bytes
      from ${db.tables[table]} row`
  );
  return { ...row };
}

async function workflowSizes(db: Database): Promise<StoreSizes["workflows"]> {
  const { run, history } = db.tables;
  const rows = await db.repeat((sql) =>
    sql<StoreSizes["workflows"]>`
      select workflow, count(*) as runs, coalesce(sum(size), 0)::bigint as "historyBytes"
      from ${run} left join (
        select run_id, sum(octet_length(bytes)) as size from ${history} group by run_id
      ) h using (run_id)
      group by workflow order by workflow`
  );
  return rows.map((row) => ({ ...row }));
}

async function diskBytes(db: Database): Promise<number> {
  const [row] = await db.repeat((sql) =>
    sql<[{ bytes: number }]>`
      select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint as bytes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${db.address.schema} and c.relkind = 'r'`
  );
  return row.bytes;
}
