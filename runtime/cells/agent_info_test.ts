import assert from "node:assert/strict";
import { ITEM } from "../../actors/frames.ts";
import { readAgentInfo } from "./agent_info.ts";

Deno.test("readAgentInfo() takes the types of an actor's messages, as many as may be", () => {
  const types = Array.from({ length: 300 }, (_, at) => `type-${at}`);
  const read = readAgentInfo([ITEM.LOADED, "counter", types, 1, true, null]);
  assert.ok("info" in read);
  assert.deepEqual([read.info.kind, read.info.name, read.info.isPersistent], [
    "actor",
    "counter",
    true,
  ]);
  assert.equal(read.info.capabilities.length, 256);
  assert.equal(read.info.manifestHash, null);
});

Deno.test("readAgentInfo() names equal manifests by equal hashes, however they are written", () => {
  const hashOf = (words: Record<string, string>) => {
    const manifest = { ...words, costUsd: 0, bids: false, capabilities: [] };
    const read = readAgentInfo([ITEM.LOADED, "a", [], 0, false, manifest]);
    return "info" in read ? read.info.manifestHash : read.error.message;
  };
  const hash = hashOf({ name: "a", version: "1.0.0" });
  assert.match(hash!, /^[0-9a-f]{64}$/);
  assert.equal(hashOf({ version: "1.0.0", name: "a" }), hash);
  assert.notEqual(hashOf({ name: "a", version: "1.0.1" }), hash);
});

Deno.test("readAgentInfo() refuses a manifest that is none", () => {
  const read = readAgentInfo([ITEM.LOADED, "a", [], 0, false, { name: 7 }]);
  assert.ok("error" in read && read.error.code === "AGENT_MANIFEST_INVALID");
});
