/**
 * Backups from one engine into the other.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { backUp, restore } from "../../runtime/backup/mod.ts";
import { useSchemas } from "../postgres/schemas.ts";
import { until } from "../cli/flows.ts";
import { filled, recordsOf, withFolder } from "./content.ts";
import { checkOneInstant } from "./one_instant.ts";

const { withSchema, withStores } = useSchemas();

Deno.test("backups go from a KV file to PostgreSQL and back, and are equal", () =>
  withSchema(({ url, sql, name }) =>
    withFolder(async (folder) => {
      const files = ["1", "2", "3"].map((file) => join(folder, file)) as [string, string, string];
      const { counts } = await backUp(await filled({ dataDir: join(folder, "a") }), files[0]);
      const postgres = { dataDir: folder, store: url };
      await restore(files[0], postgres);
      assert.equal((await backUp(postgres, files[1])).engine, "postgres");
      const back = { dataDir: join(folder, "b") };
      await restore(files[1], back);
      await backUp(back, files[2]);
      const first = await recordsOf(files[0], 2);
      assert.deepEqual(await recordsOf(files[1], 1), first);
      assert.deepEqual(await recordsOf(files[2]), first);
      await assert.rejects(restore(files[0], postgres), { code: "RESTORE_NOT_EMPTY" });
      const [row] = await sql`select count(*)::int as n from ${sql(`${name}.journal`)}`;
      assert.equal(row!.n, counts.segment);
    })
  ));

Deno.test("backups of PostgreSQL go into another schema, and wishes keep their order", () =>
  withSchema(({ url }) =>
    withSchema(({ url: other }) =>
      withFolder(async (folder) => {
        const source = await filled({ dataDir: folder, store: url });
        await backUp(source, join(folder, "1"));
        await restore(join(folder, "1"), { dataDir: folder, store: other });
        await backUp({ dataDir: folder, store: other }, join(folder, "2"));
        const [before, after] = [
          await recordsOf(join(folder, "1"), 1),
          await recordsOf(join(folder, "2")),
        ];
        assert.deepEqual(after, before);
      })
    )
  ));

Deno.test("restore() whose connection is cut leaves no row behind", () =>
  withStores(async (_, { url, sql, name }) =>
    await withFolder(async (folder) => {
      await backUp(await filled({ dataDir: join(folder, "a") }), join(folder, "1"));
      await sql.unsafe(`
        create function ${name}.wait() returns trigger language plpgsql as
          $$ begin perform pg_sleep(60); return new; end $$;
        create trigger wait before insert on ${name}.audit_line
          for each statement execute function ${name}.wait()`);
      const restoring = restore(join(folder, "1"), { dataDir: folder, store: url });
      const ended = assert.rejects(restoring, { code: "STORE_UNAVAILABLE" });
      const cut = async () => {
        const rows = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'`;
        return rows.length > 0 || null;
      };
      await Promise.race([until(cut), ended]);
      await ended;
      for (const table of ["partition", "journal", "run", "actor_state"]) {
        const [row] = await sql`select count(*)::int as n from ${sql(`${name}.${table}`)}`;
        assert.equal(row!.n, 0);
      }
    })
  ));

Deno.test("backUp() sees one instant of a schema that another process writes to", () =>
  withSchema(({ url }) =>
    withFolder((folder) => checkOneInstant(folder, { dataDir: folder, store: url }))
  ));
