/**
 * Commits units of an event and a state that name the same number, long and short ones, until it is
 * killed. Each commit needs several atomic writes.
 */
import { openKvStores } from "../../runtime/store/mod.ts";

const [path, nodeId, first] = Deno.args;
const { actors } = await openKvStores<never, { n: number; text: string }>(path!);
const expected = await actors.systemHolder("crawl");
const holder = { nodeId: nodeId!, host: "h", pid: Deno.pid, processStart: "" };
const fence = await actors.claimSystem("crawl", holder, expected);
const noise = crypto.getRandomValues(new Uint8Array(49_152)).toBase64();
console.log("begun");
for (let n = Number(first);;) {
  const units = Array.from({ length: 40 }, () => {
    const text = noise.repeat(n % 7 === 0 ? 3 : 0) + noise.slice(0, 20_000);
    const state = JSON.stringify({ n, text: n % 5 === 0 ? text : "" });
    const unit = {
      log: [{ n, text }],
      states: [{ address: "actor://counter/main", version: n, state }],
      history: [{ topic: "counts", offset: n, message: n }],
    };
    n++;
    return unit;
  });
  await actors.commit(fence, { units, historyTrim: [{ topic: "counts", below: n - 100 }] });
}
