/**
 * `deno task soak:blobs [SECONDS] [PLACE]`: the load on blobs for longer, on a KV file or on the
 * place that is named; exit 1 when a blob was missing or garbage stayed.
 */
import { join } from "node:path";
import { runLoad } from "./run_load.ts";

const seconds = Number(Deno.args[0] ?? 60);
const folder = await Deno.makeTempDir({ prefix: "denizen-blobs-" });
try {
  const place = Deno.args[1] ?? join(folder, "store.kv");
  const report = await runLoad({ place, durationMs: seconds * 1_000 });
  console.log(JSON.stringify(report, null, 2));
  if (!report.isWhole || report.missing.length > 0 || report.garbage > 0) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
