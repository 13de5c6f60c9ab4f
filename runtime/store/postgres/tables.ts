import type postgres from "postgres";
import type { Sql } from "./pool.ts";

const NAMES = [
  "partition",
  "journal",
  "run",
  "reservation",
  "inbox",
  "blob",
  "blob_epoch",
  "actor_system",
  "actor_log",
  "actor_state",
  "actor_tree",
  "dead_letter",
  "topic",
  "topic_message",
  "wish",
  "audit_head",
  "audit_line",
  "member",
  "cluster",
  "letter",
  "archive_mark",
  "history",
  "open_run",
  "snapshot",
  "struck_run",
  "document",
  "migration",
] as const;

export type TableName = typeof NAMES[number];

/** Names of the tables with their schema, as parts of queries. */
export type Tables = Readonly<Record<TableName, postgres.Helper<string>>>;

export function nameTables(sql: Sql, schema: string): Tables {
  const entries = NAMES.map((name) => [name, sql(`${schema}.${name}`)]);
  return Object.fromEntries(entries);
}
