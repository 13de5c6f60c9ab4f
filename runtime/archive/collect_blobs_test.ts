import assert from "node:assert/strict";
import type { BlobHead, BlobHeap } from "../../core/blob_ports.ts";
import type { Store } from "../../core/ports.ts";
import { KvBlobs } from "../store/kv_blobs.ts";
import { KvStore } from "../store/kv_store.ts";
import { collectAllBlobs, collectBlobs, collectBlobsIfDue } from "./collect_blobs.ts";

type TestEvent = { type: string; blob?: string; long?: string };

const encode = (text: string) => new TextEncoder().encode(text);
const NOW = { now: () => 1_000 };

interface Context {
  kv: Deno.Kv;
  heap: KvBlobs;
  store: Store<TestEvent>;
  name(...events: TestEvent[]): Promise<void>;
}

async function withStore(test: (context: Context) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const kv = await Deno.openKv(`${folder}/store.kv`);
  const store = new KvStore<TestEvent>(kv);
  const holder = { nodeId: "a", host: "h", pid: 1, processStart: "" };
  const fence = await store.claim(0, holder, 0);
  const name = async (...events: TestEvent[]) => {
    await store.append(fence, { records: [{ runId: "r", events }] });
  };
  try {
    await test({ kv, heap: new KvBlobs(kv), store, name });
  } finally {
    kv.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("collectBlobs() keeps what is named, in whatever way, and deletes the rest", () =>
  withStore(async ({ kv, heap, store, name }) => {
    const code = await store.putBlob(encode("code ".repeat(200_000)));
    const manifest = await store.putBlob(encode(JSON.stringify({ agents: { a: code } })));
    const wished = await store.putBlob(encode("wished"));
    const garbage = await store.putBlob(encode("garbage ".repeat(200_000)));
    await name({ type: "a", blob: manifest }, { type: "b", long: "y".repeat(50_000) });
    await store.send(0, [
      { runId: "r", type: "submit", body: { wished, text: "z".repeat(60_000) } },
    ]);
    const { dropped, kept } = await collectAllBlobs(heap, NOW);
    assert.deepEqual(dropped, { count: 1, bytes: 1_600_000 });
    assert.equal(kept.count, 5);
    for (const sha256 of [code, manifest, wished]) await store.getBlob(sha256);
    await assert.rejects(store.getBlob(garbage), { code: "BLOB_MISSING" });
    assert.equal((await Array.fromAsync(store.read(0, 1))).length, 1);
    assert.equal((await store.inbox(0)).length, 1);
    const parts = await Array.fromAsync(kv.list({ prefix: ["blob-part", garbage] }));
    assert.deepEqual(parts, []);
  }));

Deno.test("collectBlobs() leaves alone what was put in this epoch or the one before", () =>
  withStore(async ({ heap, store }) => {
    await store.putBlob(encode("a"));
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) counts.push((await collectBlobs(heap, NOW)).dropped.count);
    assert.deepEqual(counts, [0, 1, 0]);
  }));

/** A heap with which something happens just before the first blob is deleted. */
function beforeDrop(heap: BlobHeap, happen: () => Promise<unknown>): BlobHeap {
  return {
    epoch: () => heap.epoch(),
    beginEpoch: (now) => heap.beginEpoch(now),
    heads: () => heap.heads(),
    read: (sha256) => heap.read(sha256),
    texts: () => heap.texts(),
    sweep: (lastEpoch) => heap.sweep(lastEpoch),
    drop: async (head: BlobHead, lastEpoch: number) => {
      await happen();
      return await heap.drop(head, lastEpoch);
    },
  };
}

Deno.test("collectBlobs() does not delete a blob that is put again meanwhile", () =>
  withStore(async ({ kv, heap, store }) => {
    for (const length of [10, 100_000, 2_000_000]) {
      const bytes = encode("x".repeat(length));
      const sha256 = await store.putBlob(bytes);
      const other = new KvStore(kv);
      const taken = beforeDrop(heap, () => other.putBlob(bytes));
      assert.deepEqual((await collectAllBlobs(taken, NOW)).dropped.count, 0);
      assert.equal((await store.getBlob(sha256)).length, length);
      await collectAllBlobs(heap, NOW);
    }
  }));

Deno.test("collectBlobs() clears away puts that were cut short, and the parts of huge blobs", () =>
  withStore(async ({ kv, heap, store }) => {
    const length = 20_000_000;
    const sha256 = await store.putBlob(encode("h".repeat(length)));
    const rest = { sha256: "0".repeat(64), count: 30, epoch: 1 };
    await kv.set(["blob-rest", "cut"], rest);
    for (let at = 11; at < 22; at++) {
      await kv.set(["blob-part", rest.sha256, "cut", at], new Uint8Array(10));
    }
    const { dropped } = await collectAllBlobs(heap, NOW);
    assert.deepEqual(dropped, { count: 1, bytes: length });
    for (const kind of ["blob", "blob-part", "blob-rest"]) {
      assert.deepEqual(await Array.fromAsync(kv.list({ prefix: [kind] })), [], kind);
    }
    await assert.rejects(store.getBlob(sha256), { code: "BLOB_MISSING" });
  }));

Deno.test("collectBlobs() knows blobs of older versions", () =>
  withStore(async ({ kv, heap, store, name }) => {
    const old = "0d88ca3ba5a7ca2e49ae7d7a7a5e2bb0c8ffcf6b1dd2cf5fcb1c5e1f3d07b0a1";
    await kv.set(["blob", old], 2);
    for (const at of [0, 1]) await kv.set(["blob", old, at], encode("part"));
    const bytes = encode("kept");
    const kept = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    await kv.set(["blob", kept], 1);
    await kv.set(["blob", kept, 0], bytes);
    await name({ type: "a", blob: kept });
    const { dropped } = await collectAllBlobs(heap, NOW);
    assert.deepEqual(dropped, { count: 1, bytes: 8 });
    assert.deepEqual(await Array.fromAsync(kv.list({ prefix: ["blob", old] })), []);
    assert.deepEqual(await store.getBlob(kept), bytes);
    assert.equal(await store.putBlob(bytes), kept);
    assert.deepEqual(await store.getBlob(kept), bytes);
  }));

Deno.test("collectBlobs() leaves what is over its limit to the next one", () =>
  withStore(async ({ heap, store }) => {
    for (let n = 0; n < 10; n++) await store.putBlob(encode(`garbage ${n}`));
    await heap.beginEpoch(0);
    const counts: number[] = [];
    for (let n = 0; n < 3; n++) {
      counts.push((await collectBlobs(heap, { ...NOW, countMax: 4 })).dropped.count);
    }
    assert.deepEqual(counts, [4, 4, 2]);
  }));

Deno.test("collectBlobsIfDue() collects when the last epoch is old enough", () =>
  withStore(async ({ heap }) => {
    const at = (now: number) => collectBlobsIfDue(heap, { now: () => now, everyMs: 1_000 });
    assert.equal((await at(5_000))!.epoch, 2);
    assert.equal(await at(5_999), null);
    assert.equal((await at(6_000))!.epoch, 3);
    assert.equal((await at(4_000))!.epoch, 4, "after a clock that was ahead");
  }));

Deno.test("collectBlobs() gives up when it is told to", () =>
  withStore(async ({ heap, store }) => {
    const sha256 = await store.putBlob(encode("a"));
    const signal = AbortSignal.abort();
    await assert.rejects(collectAllBlobs(heap, { ...NOW, signal }), { name: "AbortError" });
    await store.getBlob(sha256);
  }));
