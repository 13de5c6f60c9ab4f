/**
 * Writes to a store until its standard input ends, each time several things at once that must not
 * be seen apart: see `checkOneInstant` of `one_instant.ts`.
 *
 *   write_in_a_loop.ts DATA_DIR [STORE]
 */
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import { openStores } from "../../runtime/node/open_store.ts";
import type { RunEvent } from "../../workflows/mod.ts";

const [dataDir, store] = Deno.args as [string, string?];
const { runs, actors, close } = await openStores({ dataDir, store });
const holder = { nodeId: "writer", host: "h", pid: 1, processStart: "" };
const fence = await runs.claim(7, holder, 0);
const system = await actors.claimSystem("shop", holder, null);
let isOver = false;
Deno.stdin.read(new Uint8Array(1)).then(() => isOver = true);

const wish = (n: number) => runs.send(7, [{ runId: `r${n}`, type: "cancel", body: { n } }]);
const runIdOf = (n: number) => `01R${String(n).padStart(8, "0")}`;

await wish(0);
for (let n = 1; !isOver; n++) {
  const [handled] = await runs.inbox(7);
  await wish(n);
  await runs.append(fence, {
    records: [{ runId: runIdOf(n), events: [{ type: "Noted", n }] as unknown as RunEvent[] }],
    runs: [{
      runId: runIdOf(n),
      workflow: "loop",
      version: null,
      status: "completed",
      submittedAt: n,
      finishedAt: n,
      partition: 7,
      firstSeq: 0,
    }],
    handled: [handled!.id],
    lowWater: n,
  });
  const text = JSON.stringify({ n });
  await actors.commit(system, {
    units: [{
      log: [{ n }] as unknown as DeliveryEvent[],
      states: [0, 1, 2].map((at) => ({ address: `actor://a/${at}`, version: n, state: text })),
      history: [{ topic: "all", offset: n - 1, message: n }],
    }],
  });
  if (n === 20) console.log("under way");
}
await close();
