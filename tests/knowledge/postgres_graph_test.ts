/** What nodes on PostgreSQL have learnt, after kill -9, failover and from a backup. */
import { withFolder } from "../cli/denizen_process.ts";
import { useSchemas } from "../postgres/schemas.ts";
import { checkRebuilds } from "./check_rebuilds.ts";
import { MEASURING_FILES } from "./measuring.ts";

const { withSchema } = useSchemas();

Deno.test("what was learnt outlives kill -9, failover and a backup: on PostgreSQL", () =>
  withSchema(({ url: store }) =>
    withFolder(MEASURING_FILES, (cwd) =>
      checkRebuilds(cwd, {
        first: { dataDir: "a", store },
        second: { dataDir: "b", store },
        restored: { dataDir: "c" },
      }))
  ));
