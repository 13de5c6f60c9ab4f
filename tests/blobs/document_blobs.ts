/**
 * What documents and their blobs are to each other, as tests by name; each is given empty stores.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { BlobHeap } from "../../core/blob_ports.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import { collectAllBlobs } from "../../runtime/archive/mod.ts";

/** What the tests need of the stores of one place. */
interface BlobStores {
  runs: { putBlob(bytes: Uint8Array): Promise<string>; getBlob(sha256: string): Promise<unknown> };
  documents: DocumentStore;
  blobs: BlobHeap;
}

const NOW = { now: () => 1_000 };
const encode = (text: string) => new TextEncoder().encode(text);

export const DOCUMENT_BLOBS: Record<string, (stores: BlobStores) => Promise<void>> = {
  "a blob that only a document names stays, and goes after it": async (stores) => {
    const { runs, documents, blobs } = stores;
    const source = await runs.putBlob(encode("agent ".repeat(100_000)));
    const manifest = await runs.putBlob(encode(JSON.stringify({ agents: { a: source } })));
    const other = await runs.putBlob(encode("of another"));
    await documents.put("workflows", "audit@1", { name: "audit", blobs: [manifest] });
    await documents.putAll("workflows", [{ key: "other@1", value: { blobs: [other] } }]);
    assert.equal((await collectAllBlobs(blobs, NOW)).dropped.count, 0);
    await documents.put("workflows", "other@1", { blobs: [] });
    assert.equal((await collectAllBlobs(blobs, NOW)).dropped.count, 1);
    await assert.rejects(runs.getBlob(other), { code: "BLOB_MISSING" });
    for (const sha256 of [source, manifest]) await runs.getBlob(sha256);
    await documents.delete("workflows", "audit@1");
    assert.equal((await collectAllBlobs(blobs, NOW)).dropped.count, 2);
    for (const sha256 of [source, manifest]) {
      await assert.rejects(runs.getBlob(sha256), { code: "BLOB_MISSING" });
    }
  },
  "a blob that was collected before its document came is put anew": async (stores) => {
    const { runs, documents, blobs } = stores;
    const before = (await documents.put("views", "a", 1))!;
    for (const ifVersion of [undefined, null, before]) {
      const sha256 = await runs.putBlob(encode(`code ${ifVersion}`));
      await collectAllBlobs(blobs, NOW);
      await assert.rejects(runs.getBlob(sha256), { code: "BLOB_MISSING" });
      const key = ifVersion === before ? "a" : String(ifVersion);
      const version = await documents.put("views", key, { blobs: [sha256] }, { ifVersion });
      assert.notEqual(version, null);
      await runs.getBlob(sha256);
      await collectAllBlobs(blobs, NOW);
      await runs.getBlob(sha256);
      assert.equal(
        await documents.put("views", key, { blobs: [sha256] }, { ifVersion: "x" }),
        null,
      );
      await documents.delete("views", key);
      await collectAllBlobs(blobs, NOW);
    }
  },
};
