/**
 * `drive.ts FOLDER SOURCES SINKS EACH`: lets every source, and itself as one more, send EACH messages to
 * every sink; goes on where an earlier process stopped, and ends when all are handled.
 *
 * @module
 */
import { loadSystem } from "../../../runtime/actors/mod.ts";
import { hostActorSystem } from "../../../runtime/node/host_actor_system.ts";

/** Messages between two answers of a source. */
const STEP = 100;

const [folder, ...counts] = Deno.args as [string, ...string[]];
const [sources, sinks, each] = counts.map(Number) as [number, number, number];
const total = sinks * each;
const ledger = `${folder}/ledger`;

const file = decodeURIComponent(new URL("system.yaml", import.meta.url).pathname);
const loaded = await loadSystem(file, { cacheDir: `${folder}/bundles` });
const actors = loaded.definition.actors.map((spec) =>
  spec.name === "sink"
    ? { ...spec, options: { ledger }, permissions: { ...spec.permissions, write: [ledger] } }
    : spec
);
const { system, close } = await hostActorSystem(
  { ...loaded, definition: { ...loaded.definition, actors } },
  {
    dataDir: `${folder}/data`,
    onNews: (news) => {
      if (news.type !== "tree") throw new Error(JSON.stringify(news));
    },
  },
);

/** What goes on inside the system: the sources remember by themselves. */
async function sendFrom(source: number): Promise<void> {
  const address = `actor://source/${source}`;
  const ask = (count: number) =>
    system.ask(address, "send", { count, sinks }, { timeoutMs: 60_000 }) as Promise<number>;
  for (let done = await ask(0); done < total;) done = await ask(Math.min(STEP, total - done));
}

/** What comes from outside: what was acknowledged is noted in a file at once. */
async function sendFromOutside(): Promise<void> {
  const notes = `${folder}/acknowledged`;
  const known = await Deno.readTextFile(notes).catch(() => "");
  let done = Number(known.trim().split("\n").at(-1));
  while (done < total) {
    const count = Math.min(STEP, total - done);
    await Promise.all(Array.from({ length: count }, (_, i) => {
      const n = Math.floor((done + i) / sinks) + 1;
      const to = `actor://sink/${(done + i) % sinks}`;
      return system.tell(to, "take", { n }, { durable: true, id: `${done + i}` });
    }));
    done += count;
    Deno.writeTextFileSync(notes, `${done}\n`, { append: true });
  }
}

await Promise.all([
  sendFromOutside(),
  ...Array.from({ length: sources }, (_, source) => sendFrom(source)),
]);
while (system.stats().pendingDurable > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await close();
