/** What nodes have learnt, after kill -9, failover and from a backup: real processes. */
import { join } from "node:path";
import { withFolder } from "../cli/denizen_process.ts";
import { checkRebuilds } from "./check_rebuilds.ts";
import { MEASURING_FILES } from "./measuring.ts";

Deno.test("what was learnt outlives kill -9, failover and a backup: on a KV file", () =>
  withFolder(MEASURING_FILES, (cwd) => {
    const store = `kv:${join(cwd, "shared.kv")}`;
    return checkRebuilds(cwd, {
      first: { dataDir: "a", store },
      second: { dataDir: "b", store },
      restored: { dataDir: "c" },
    });
  }));
