/**
 * The contract of the archive, on PostgreSQL: one server, a schema of its own for each test.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ARCHIVE_CONTRACT,
  compactAll,
  historyOf,
  type TestEvent,
} from "../../runtime/store/archive_contract.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";
import { useSchemas } from "./schemas.ts";

const { withStores } = useSchemas<TestEvent, never>();
const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

for (const [name, test] of Object.entries(ARCHIVE_CONTRACT)) {
  Deno.test(`PostgreSQL archive: ${name}`, () =>
    withStores(async ({ runs, archive }, { url }) => {
      // What another process knows is what the tables say.
      const others = await openPostgresStores<TestEvent, never>(url);
      try {
        await test({ store: runs, archive, reopen: () => others.archive });
      } finally {
        await others.close();
      }
    }));
}

Deno.test("PostgreSQL archive: history() and snapshots refuse what was altered", () =>
  withStores(async ({ runs, archive }, { sql, name }) => {
    const fence = await runs.claim(0, holder, 0);
    await runs.append(fence, { records: [{ runId: "r", events: [{ type: "Begin" }] }] });
    await archive.saveSnapshots(fence, [{ runId: "r", events: 1, seq: 1, text: "[1,2,3]" }]);
    await compactAll(archive, fence, 1);
    for (const table of ["history", "snapshot"]) {
      await sql`update ${sql(`${name}.${table}`)} set bytes = set_byte(bytes, 3, 0)`;
    }
    const corrupt = { code: "VALUE_CORRUPT" };
    await assert.rejects(historyOf(archive, "r", 0), corrupt);
    const [run] = await archive.openRuns(0);
    await assert.rejects(run!.snapshot!.read(), corrupt);
  }));
