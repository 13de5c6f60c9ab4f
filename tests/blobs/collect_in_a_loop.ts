/**
 * Collects blobs again and again, as one of several processes on one store, until its standard input
 * ends. Prints what it did.
 *
 *   collect_in_a_loop.ts PLACE PAUSE_MS [epochless]
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { BlobHeap } from "../../core/blob_ports.ts";
import { collectBlobs } from "../../runtime/archive/collect_blobs.ts";
import { openLoadStore } from "./open_load_store.ts";

const [place, pauseMs, defect] = Deno.args as [string, string, string?];
const { blobs, close } = await openLoadStore(place);
const heap = defect === "epochless" ? withoutEpochs(blobs) : blobs;
const done = { collections: 0, dropped: 0, refused: 0 };
let isOver = false;
Deno.stdin.read(new Uint8Array(1)).then(() => isOver = true);

/** A collector that takes all for old that nothing names at the moment. */
function withoutEpochs(heap: BlobHeap): BlobHeap {
  return {
    epoch: () => heap.epoch(),
    beginEpoch: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
    heads: () => heap.heads(),
    read: (sha256) => heap.read(sha256),
    texts: () => heap.texts(),
    drop: (head) => heap.drop(head, Number.MAX_SAFE_INTEGER),
    sweep: () => Promise.resolve(),
  };
}

while (!isOver) {
  try {
    const { dropped } = await collectBlobs(heap, { now: Date.now });
    done.collections++;
    done.dropped += dropped.count;
  } catch (error) {
    // A write took long: PostgreSQL lets writes go first.
    if ((error as { code?: string }).code !== "STORE_UNAVAILABLE") throw error;
    done.refused++;
  }
  await sleep(Math.random() * Number(pauseMs));
}
console.log(JSON.stringify(done));
await close();
