/**
 * Each store suffers what it is said to suffer: else a test that survives it shows nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openStores } from "../../../runtime/node/open_store.ts";
import { startStore, STORE_KINDS, type StoreKind, whyNoSmallDisk, whyNoStore } from "./mod.ts";

const LOCK_MS = 1_500;
const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

/** Runs `work` with a function that appends one small run to a fresh store. */
async function withAppend(
  kind: StoreKind,
  isOnSmallDisk: boolean,
  work: (
    append: (bytes?: number) => Promise<number>,
    store: Awaited<ReturnType<typeof startStore>>,
  ) => Promise<void>,
): Promise<void> {
  const store = await startStore(kind, { isOnSmallDisk });
  for (const [name, value] of Object.entries(store.env)) Deno.env.set(name, value);
  try {
    const { runs, close } = await openStores({ dataDir: "", store: store.url });
    try {
      const fence = await runs.claim(0, holder, 0);
      await work((bytes = 10) => {
        const reason = "x".repeat(bytes);
        const event = { type: "RunCancelled", at: 1, reason } as const;
        return runs.append(fence, { records: [{ runId: "r", events: [event] }] });
      }, store);
    } finally {
      await close();
    }
  } finally {
    for (const name of Object.keys(store.env)) Deno.env.delete(name);
    await store.stop();
  }
}

for (const kind of STORE_KINDS) {
  Deno.test({
    name: `lock() of ${kind} lets an append wait until it is over`,
    ignore: whyNoStore(kind) !== null,
    fn: () =>
      withAppend(kind, false, async (append, store) => {
        await append();
        let isOver = false;
        let longestMs = 0;
        const locking = store.lock(LOCK_MS).then(() => isOver = true);
        while (!isOver) {
          const startedAt = performance.now();
          await append();
          longestMs = Math.max(longestMs, performance.now() - startedAt);
          await sleep(5);
        }
        assert.ok(longestMs > LOCK_MS / 3, "the lock came and went, and nobody waited");
        await locking;
      }),
  });

  Deno.test({
    name: `fill() of ${kind} lets appends fail until free()`,
    ignore: whyNoStore(kind) !== null || whyNoSmallDisk() !== null,
    fn: () =>
      withAppend(kind, true, async (append, store) => {
        await append();
        await store.fill();
        // Over a network the client tries again and again: an append waits, and does not fail.
        let appended = 0;
        let outcome = "waits";
        const writing = (async () => {
          while (outcome === "waits") {
            await append(50_000);
            appended++;
          }
        })().catch(() => outcome = "failed");
        for (let before = -1; before !== appended && outcome === "waits";) {
          before = appended;
          await sleep(1_000);
        }
        outcome = "ends";
        await store.free();
        await writing;
        await append();
      }),
  });
}
