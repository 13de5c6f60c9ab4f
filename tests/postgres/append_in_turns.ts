/**
 * Takes a partition from whoever has it, appends a few numbered events, and begins again: as one of
 * two processes that do so, which wait for each other in a folder before they begin. Prints what was
 * acknowledged and how often it was refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Fence } from "../../core/ports.ts";
import { openPostgresStores } from "../../runtime/store/postgres/mod.ts";

const [url, name, rounds, folder] = Deno.args;
const { runs, close } = await openPostgresStores<
  { type: string; n: number },
  never
>(url!);
const told = {
  acknowledged: [] as [term: number, n: number][],
  fenced: 0,
  taken: 0,
};
const codeOf = (error: unknown) => (error as { code?: string }).code;

async function claim(): Promise<Fence | null> {
  const holder = {
    nodeId: `node-${name}`,
    host: "h",
    pid: Deno.pid,
    processStart: "",
  };
  try {
    return await runs.claim(0, holder, (await runs.term(0)).term);
  } catch (error) {
    if (codeOf(error) !== "PARTITION_TAKEN") throw error;
    told.taken++;
    return null;
  }
}

await Deno.writeTextFile(`${folder}/${name}`, "");
while ([...Deno.readDirSync(folder!)].length < 2) await sleep(2);
for (let round = 0; round < Number(rounds); round++) {
  const fence = await claim();
  if (fence === null) continue;
  try {
    for (let n = 1; n <= 8; n++) {
      await runs.append(fence, {
        records: [{ runId: "r", events: [{ type: "Tick", n }] }],
      });
      told.acknowledged.push([fence.term, n]);
    }
  } catch (error) {
    if (codeOf(error) !== "FENCED") throw error;
    told.fenced++;
  }
}
await close();
console.log(JSON.stringify(told));
