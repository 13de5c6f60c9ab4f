import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { BellTopic } from "../../../core/cluster_ports.ts";
import { payloadsOf } from "./postgres_bell.ts";

Deno.test("payloadsOf() says every topic in notifications that PostgreSQL takes", () => {
  const topic = fc.string({ maxLength: 400, unit: "grapheme" })
    .map((name): BellTopic => `node:${name}`);
  fc.assert(fc.property(fc.array(topic, { maxLength: 200 }), (topics) => {
    const payloads = payloadsOf(topics);
    assert.deepEqual(payloads.flatMap((payload) => JSON.parse(payload)), topics);
    for (const payload of payloads) assert.ok(Buffer.byteLength(payload) < 8_000);
  }));
});

Deno.test("payloadsOf() leaves out a topic that no notification takes", () => {
  const long: BellTopic = `node:${"ü".repeat(5_000)}`;
  assert.deepEqual(payloadsOf(["terms", long]), ['["terms"]']);
  assert.deepEqual(payloadsOf([long]), []);
});
