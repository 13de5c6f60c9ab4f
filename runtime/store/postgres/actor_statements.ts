import type { SystemFence } from "../../../core/actor_ports.ts";
import type { ActorWrites, Row } from "./actor_writes.ts";
import { numberArray, textArray } from "./array_literal.ts";
import type { Statement } from "./leadership.ts";
import { packedArrays } from "./packed_columns.ts";
import type { Sql } from "./pool.ts";
import type { Tables } from "./tables.ts";

/** What one statement carries. */
const STATEMENT_BYTES_MAX = 4 * 1024 * 1024;
/** Rows that one statement deletes because they are below a mark. */
const TRIM_STEP = 2_000;

type RowOf<Kind extends Row["kind"]> = Extract<Row, { kind: Kind }>;

/** Where a commit goes. */
interface Target {
  tables: Tables;
  fence: SystemFence;
  /** First segment that is needed, after the commit. */
  lowWater: number;
}

/**
 * The statements of a commit, usually one. In each the row of the system is locked, checked and
 * raised before all else.
 */
export function statementsOf(writes: ActorWrites, target: Target): Statement[] {
  const groups = groupRows(writes.rows);
  return groups.map((rows, at): Statement => (sql, commits) => {
    const { tables, fence: { system, token }, lowWater } = target;
    const isLast = at === groups.length - 1;
    return sql`
      with lead as (
        update ${tables.actor_system} set commits = commits + 1,
          next_segment = ${writes.nextSegment}, low_water = ${lowWater}
        where system = ${system} and token = ${token} and commits = ${commits}
        returning system, term
      )
      ${putRows(sql, tables, rows)}
      ${isLast ? finish(sql, writes, target) : sql``}
      select 1 from lead`;
  });
}

function groupRows(rows: readonly Row[]): Row[][] {
  const groups: Row[][] = [[]];
  let bytes = 0;
  for (const row of rows) {
    if (bytes > 0 && bytes + row.bytes.length > STATEMENT_BYTES_MAX) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(row);
    bytes += row.bytes.length;
  }
  return groups;
}

function putRows(sql: Sql, tables: Tables, rows: readonly Row[]) {
  const of = <Kind extends Row["kind"]>(kind: Kind) =>
    rows.filter((row): row is RowOf<Kind> => row.kind === kind);
  return sql`${putLog(sql, tables, of("log"))} ${putStates(sql, tables, of("state"))}
    ${putLetters(sql, tables, of("letter"))} ${putMessages(sql, tables, of("message"))}
    ${putTree(sql, tables, of("tree"))}`;
}

/** After the name of a table that is written to with what was packed. */
function replacePacked(sql: Sql) {
  return sql`bytes = excluded.bytes, is_deflated = excluded.is_deflated, size = excluded.size,
    crc = excluded.crc`;
}

function putLog(sql: Sql, tables: Tables, rows: readonly RowOf<"log">[]) {
  if (rows.length === 0) return sql``;
  return sql`, log as (
    insert into ${tables.actor_log} (system, segment, term, bytes, is_deflated, size, crc)
    select lead.system, r.segment, lead.term, r.bytes, r.is_deflated, r.size, r.crc
    from lead, unnest(
      ${numberArray(rows.map(({ segment }) => segment))}::bigint[], ${packedArrays(sql, rows)}
    ) r(segment, bytes, is_deflated, size, crc)
  )`;
}

function putStates(sql: Sql, tables: Tables, rows: readonly RowOf<"state">[]) {
  if (rows.length === 0) return sql``;
  return sql`, states as (
    insert into ${tables.actor_state} (system, address, version, bytes, is_deflated, size, crc)
    select lead.system, r.* from lead, unnest(
      ${textArray(rows.map(({ address }) => address))}::text[],
      ${numberArray(rows.map(({ version }) => version))}::bigint[], ${packedArrays(sql, rows)}
    ) r
    on conflict (system, address) do update set version = excluded.version, ${replacePacked(sql)}
  )`;
}

function putLetters(sql: Sql, tables: Tables, rows: readonly RowOf<"letter">[]) {
  if (rows.length === 0) return sql``;
  return sql`, letters as (
    insert into ${tables.dead_letter} (system, id, bytes, is_deflated, size, crc)
    select lead.system, r.* from lead, unnest(
      ${textArray(rows.map(({ id }) => id))}::text[], ${packedArrays(sql, rows)}
    ) r
    on conflict (system, id) do update set ${replacePacked(sql)}
  )`;
}

function putMessages(sql: Sql, tables: Tables, rows: readonly RowOf<"message">[]) {
  if (rows.length === 0) return sql``;
  return sql`, messages as (
    insert into ${tables.topic_message} (system, topic, position, bytes, is_deflated, size, crc)
    select lead.system, r.* from lead, unnest(
      ${textArray(rows.map(({ topic }) => topic))}::text[],
      ${numberArray(rows.map(({ position }) => position))}::bigint[], ${packedArrays(sql, rows)}
    ) r
    on conflict (system, topic, position) do update set ${replacePacked(sql)}
  )`;
}

function putTree(sql: Sql, tables: Tables, [tree]: readonly RowOf<"tree">[]) {
  if (tree === undefined) return sql``;
  return sql`, tree as (
    insert into ${tables.actor_tree} (system, bytes, is_deflated, size, crc)
    select lead.system, ${tree.bytes}::bytea, ${tree.isDeflated}::boolean, ${tree.size}::int,
      ${tree.crc}::bigint from lead
    on conflict (system) do update set ${replacePacked(sql)}
  )`;
}

/** What goes with the last statement: names that go, marks, and what lies below them. */
function finish(sql: Sql, writes: ActorWrites, { tables, lowWater, fence }: Target) {
  const wishes = writes.handledWishes.filter((id) => /^\d+$/.test(id)).map(Number);
  const drop = (name: string, table: keyof Tables, column: string, names: readonly string[]) =>
    names.length === 0 ? sql`` : sql`, ${sql(name)} as (
      delete from ${tables[table]} d using lead
      where d.system = lead.system and d.${sql(column)} = any(${textArray(names)}::text[])
    )`;
  return sql`
    ${drop("states_gone", "actor_state", "address", writes.statesGone)}
    ${drop("letters_gone", "dead_letter", "id", writes.lettersGone)}
    ${
    wishes.length === 0 ? sql`` : sql`, wishes as (
      delete from ${tables.wish} w using lead
      where w.system = lead.system and w.id = any(${numberArray(wishes)}::bigint[])
    )`
  }
    ${putTopics(sql, tables, writes)}
    ${trimTopics(sql, tables, writes)}
    ${trimLog(sql, tables, { system: fence.system, lowWater })}`;
}

function putTopics(sql: Sql, tables: Tables, { topics }: ActorWrites) {
  if (topics.size === 0) return sql``;
  const marks = [...topics.values()];
  return sql`, topics as (
    insert into ${tables.topic} as t (system, topic, low_mark, next_position)
    select lead.system, r.* from lead, unnest(
      ${textArray([...topics.keys()])}::text[],
      ${numberArray(marks.map(({ lowMark }) => lowMark))}::bigint[],
      ${numberArray(marks.map(({ nextPosition }) => nextPosition))}::bigint[]
    ) r
    on conflict (system, topic) do update set
      low_mark = greatest(t.low_mark, excluded.low_mark),
      next_position = greatest(t.next_position, excluded.next_position)
  )`;
}

/** A bounded part of what is below the marks; it sees the rows as they were before the commit. */
function trimTopics(sql: Sql, tables: Tables, { trimmed, topics }: ActorWrites) {
  if (trimmed.length === 0) return sql``;
  const marks = trimmed.map((topic) => topics.get(topic)!.lowMark);
  return sql`, trimmed as (
    delete from ${tables.topic_message} d using (
      select m.system, m.topic, m.position
      from lead, ${tables.topic_message} m, unnest(
        ${textArray(trimmed)}::text[], ${numberArray(marks)}::bigint[]
      ) r(topic, low_mark)
      where m.system = lead.system and m.topic = r.topic and m.position < r.low_mark
      limit ${TRIM_STEP}
    ) old
    where d.system = old.system and d.topic = old.topic and d.position = old.position
  )`;
}

function trimLog(
  sql: Sql,
  tables: Tables,
  { system, lowWater }: { system: string; lowWater: number },
) {
  return sql`, trimmed_log as (
    delete from ${tables.actor_log} d using (
      select lead.system, l.segment from lead, ${tables.actor_log} l
      where l.system = ${system} and l.segment < ${lowWater}
      order by l.segment limit ${TRIM_STEP}
    ) old
    where d.system = old.system and d.segment = old.segment
  )`;
}
