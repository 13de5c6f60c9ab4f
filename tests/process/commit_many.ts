/** Commits to one actor system many times, as one of several processes on the same file. */
import { openKvStores } from "../../runtime/store/mod.ts";

const [path, system, count] = Deno.args;
const { actors, close } = await openKvStores<never, { n: number }>(path!);
const holder = { nodeId: `node-${system}`, host: "h", pid: Deno.pid, processStart: "" };
const fence = await actors.claimSystem(system!, holder, null);
for (let n = 1; n <= Number(count); n++) {
  const state = { address: "actor://counter/main", version: n, state: JSON.stringify({ n }) };
  await actors.commit(fence, { units: [{ log: [{ n }], states: [state] }] });
}
close();
