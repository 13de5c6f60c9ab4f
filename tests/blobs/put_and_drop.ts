/**
 * Puts blobs of a small set again and again, names them in runs, and deletes these runs, as one of
 * several processes on one store. Ends with status 1 when a blob that a run of its own names cannot
 * be read. Prints what it did.
 *
 *   put_and_drop.ts PLACE PARTITION MILLISECONDS SLOW [unchecked]
 *
 * `SLOW`: now and then so many milliseconds pass between a put and the write that names it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type LoadEvent, openLoadStore } from "./open_load_store.ts";

const [place, partition, durationMs, slowMs, defect] = Deno.args as [string, ...string[]];
const { runs, archive, close } = await openLoadStore(place, defect !== "unchecked");
const endsAt = performance.now() + Number(durationMs);
const CONTENTS = 30;
const encoder = new TextEncoder();
const done = { named: 0, deleted: 0, read: 0 };

const holder = { nodeId: `n${partition}`, host: "h", pid: Deno.pid, processStart: "" };
const number = Number(partition);
const fence = await runs.claim(number, holder, (await runs.term(number)).term);
/** Blobs that each run names, itself or through others. */
const live = new Map<string, string[]>();
let lastSeq = 0;
let count = 0;

const random = (below: number) => Math.floor(Math.random() * below);

/** The same in all processes; some take several parts. */
function content(which: number): Uint8Array {
  const length = which % 5 === 0 ? 800_000 : which % 3 === 0 ? 70_000 : 100;
  return encoder.encode(`content ${which} `.padEnd(length, "x"));
}

/** Puts a blob, or one that names others, as a package names code. */
async function putSome(): Promise<string[]> {
  const first = await runs.putBlob(content(random(CONTENTS)));
  if (random(2) === 0) return [first];
  const second = await runs.putBlob(content(random(CONTENTS)));
  const manifest = await runs.putBlob(encoder.encode(JSON.stringify([first, second])));
  return [manifest, first, second];
}

async function nameSome(): Promise<void> {
  const blobs = await putSome();
  await sleep(random(20) === 0 ? Number(slowMs) : random(3));
  const runId = `r${partition}-${String(++count).padStart(6, "0")}`;
  const events: LoadEvent[] = [{ type: "Named", blobs: blobs.slice(0, 1) }];
  if (random(3) === 0) return await sendFirst(runId, blobs, events);
  await append(runId, events, []);
  live.set(runId, blobs);
}

/** The way of a wish: into the inbox, and from there into the journal. */
async function sendFirst(runId: string, blobs: string[], events: LoadEvent[]): Promise<void> {
  await runs.send(number, [{ runId, type: "submit", body: { blobs: blobs.slice(0, 1) } }]);
  await sleep(random(Number(slowMs)));
  const [wish] = await runs.inbox(number);
  await append(runId, events, [wish!.id]);
  live.set(runId, blobs);
}

async function append(runId: string, events: LoadEvent[], handled: string[]): Promise<void> {
  const closed: LoadEvent = { type: "Closed", blobs: [] };
  const entry = {
    runId,
    workflow: "load",
    version: null,
    status: "completed",
    submittedAt: 1,
    finishedAt: 2,
    partition: number,
    firstSeq: 0,
  };
  const records = [{ runId, events: [...events, closed] }];
  lastSeq = await runs.append(fence, { records, runs: [entry], handled });
  done.named++;
}

async function deleteSome(): Promise<void> {
  const isClosing = (event: LoadEvent) => event.type === "Closed";
  while (!await archive.compact(fence, { upTo: lastSeq, isClosing }));
  const gone = [...live.keys()].slice(0, random(live.size + 1));
  for (const runId of gone) live.delete(runId);
  done.deleted += (await archive.deleteRuns(fence, gone)).length;
}

async function readSome(): Promise<void> {
  const all = [...live];
  for (
    const [runId, blobs] of [all[random(all.length)], all.at(-1)].filter((one) => one)
      .map((one) => one!)
  ) {
    for (const sha256 of blobs) {
      await runs.getBlob(sha256).catch((error) => {
        console.log(JSON.stringify({ ...done, missing: sha256, runId, error: String(error) }));
        Deno.exit(1);
      });
      done.read++;
    }
  }
}

// A busy machine takes longer until some runs have been named, and then deleted.
const giveUpAt = endsAt + 60_000;
while (performance.now() < (done.deleted > 0 ? endsAt : giveUpAt)) {
  await nameSome();
  await readSome();
  if (random(15) === 0) await deleteSome();
}
for (const blobs of live.values()) for (const sha256 of blobs) await runs.getBlob(sha256);
console.log(JSON.stringify(done));
await close();
