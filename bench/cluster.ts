/**
 * `deno task bench:cluster [--json] [--quick]`: runs through 1, 2 and 3 nodes of one store, on a KV
 * file and on PostgreSQL (brought along), what a fold costs, and what a store takes.
 *
 * @module
 */
import { join } from "node:path";
import { startPostgres } from "../tests/postgres/postgres_server.ts";
import { type ClusterPlace, measureClusters } from "./cluster_case.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { benchFold } from "./fold.ts";
import { withFolder } from "./lab.ts";
import { toDocument, toTable } from "./measurement.ts";

const USAGE = "deno task bench:cluster [--json] [--quick]";

await exitWith(async () => {
  const { values } = readArguments(Deno.args, USAGE, {
    options: { json: { type: "boolean" }, quick: { type: "boolean" } },
  });
  const machine = await describeMachine();
  const isQuick = values.quick ?? false;
  console.error("measuring folds and sizes …");
  const folds = await benchFold(isQuick);
  console.error("measuring nodes …");
  const postgres = await startPostgres(["fsync=on"]);
  try {
    const nodes = await withFolder((dir) => {
      const places = (nodes: number): ClusterPlace[] => [
        placeOf("kv", join(dir, `kv${nodes}`), `kv:${join(dir, `kv${nodes}`, "store.kv")}`),
        placeOf("postgres", join(dir, `pg${nodes}`), `${postgres.url}?schema=nodes${nodes}`),
      ];
      return measureClusters(places, isQuick);
    });
    const measurements = [...nodes, ...folds];
    if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
    console.log(`${machine}\n\n${toTable(measurements)}`);
  } finally {
    await postgres.stop();
  }
});

function placeOf(engine: string, dataDir: string, store: string): ClusterPlace {
  return { engine, dataDir, store };
}
