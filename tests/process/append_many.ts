/** Appends many segments to one partition, as one of several processes on the same file. */
import { openKvStore } from "../../runtime/store/mod.ts";

const [path, partition, count] = Deno.args;
const store = await openKvStore<{ type: string; n: number }>(path!);
const holder = { nodeId: `node-${partition}`, host: "h", pid: Deno.pid, processStart: "" };
const fence = await store.claim(Number(partition), holder, 0);
for (let n = 0; n < Number(count); n++) {
  await store.append(fence, { records: [{ runId: "r", events: [{ type: "Tick", n }] }] });
}
store.close();
