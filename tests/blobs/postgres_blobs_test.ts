/**
 * The same load on PostgreSQL, and what its collector reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { useSchemas } from "../postgres/schemas.ts";
import { DOCUMENT_BLOBS } from "./document_blobs.ts";
import { isNoticed, runLoad } from "./run_load.ts";
import { collectAllBlobs } from "../../runtime/archive/collect_blobs.ts";

const { withSchema, withStores } = useSchemas<{ type: string; blob?: string }, never>();

Deno.test("PostgreSQL: collectBlobs() in a loop never deletes what is named, and garbage goes", () =>
  withSchema(async ({ url }) => {
    const report = await runLoad({ place: url, durationMs: 6_000 });
    const told = JSON.stringify(report);
    assert.ok(report.isWhole, told);
    assert.deepEqual(report.missing, [], told);
    assert.equal(report.garbage, 0, told);
    assert.ok(report.collectors.some(({ dropped }) => dropped > 0), told);
  }));

Deno.test("the load on blobs notices a collector without epochs on PostgreSQL", () =>
  withSchema(async ({ url }) => {
    assert.ok(await isNoticed({ place: url, durationMs: 6_000, defect: "epochless" }));
  }));

for (const [name, test] of Object.entries(DOCUMENT_BLOBS)) {
  Deno.test(`PostgreSQL: ${name}`, () => withStores((stores) => test(stores)));
}

/** Tables in which no name of a blob stands, or only one that stands elsewhere as well. */
const NAMELESS = [
  "actor_system",
  "archive_mark",
  "audit_head",
  "audit_line",
  "blob",
  "blob_epoch",
  "cluster",
  "member",
  "migration",
  "open_run",
  "partition",
  "reservation",
  "run",
  "struck_run",
  "topic",
];

Deno.test("PostgreSQL: texts() reads every table in which names of blobs may stand", () =>
  withStores(async ({ runs, blobs }, { sql, name }) => {
    const tables = await sql<{ table: string }[]>`
      select table_name as table from information_schema.tables where table_schema = ${name}`;
    const others = tables.map(({ table }) => table).filter((table) => !NAMELESS.includes(table));
    const seen: string[] = [];
    for (const table of others) {
      const sha256 = await runs.putBlob(new TextEncoder().encode(table));
      const columns = await sql<{ column: string; type: string }[]>`
        select column_name as column, data_type as type from information_schema.columns
        where table_schema = ${name} and table_name = ${table} and is_identity = 'NO'`;
      const text = `{"$blob":"${sha256}"}`;
      const values = columns.map(({ column, type }) =>
        type === "text"
          ? `'${text}'`
          : type === "boolean"
          ? "false"
          : column === "bytes"
          ? `convert_to('${text}', 'UTF8')`
          : "1"
      );
      const names = columns.map(({ column }) => column).join(", ");
      await sql.unsafe(`insert into ${name}.${table} (${names}) values (${values.join(", ")})`);
      seen.push(sha256);
    }
    assert.ok(seen.length >= 10);
    await runs.putBlob(new TextEncoder().encode("garbage"));
    const { dropped } = await collectAllBlobs(blobs, { now: Date.now });
    assert.equal(dropped.count, 1);
    for (const sha256 of seen) await runs.getBlob(sha256);
  }));
