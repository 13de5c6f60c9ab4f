import assert from "node:assert/strict";
import { until } from "../../tests/leading_kit.ts";
import type { AttemptLetter } from "../../workflows/mod.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { LetterBox } from "./letter_box.ts";

function letterTo(node: string, term: number): AttemptLetter {
  return { type: "adopt", node, partition: 0, term, runs: [] };
}

Deno.test("LetterBox reads every letter once and in order, also those of the time before it opened", async () => {
  const cluster = openMemoryClusterStore();
  const read: number[] = [];
  const boxOf = (nodeId: string) =>
    new LetterBox({
      cluster,
      nodeId,
      ring: () => {},
      onLetter: ({ term }) => read.push(term),
      onError: (error) => assert.fail(String(error)),
      pollMs: 20,
    });
  const sender = boxOf("a");
  const terms = Array.from({ length: 250 }, (_, term) => term);
  sender.post("b/1", terms.slice(0, 150).map((term) => letterTo("b/1", term)));
  await sender.flushed();
  const receiver = boxOf("b");
  receiver.open();
  sender.post("b/1", terms.slice(150).map((term) => letterTo("b/1", term)));
  await until(() => read.length >= 250);
  await receiver.close();
  await sender.close();
  assert.deepEqual(read, terms);
  assert.deepEqual(await cluster.letters("b"), []);
});

Deno.test("LetterBox goes on when a letter says what it does not understand", async () => {
  const cluster = openMemoryClusterStore();
  const errors: unknown[] = [];
  const read: number[] = [];
  const box = new LetterBox({
    cluster,
    nodeId: "b",
    ring: () => {},
    onLetter: ({ runs, term }) => {
      for (const run of runs) assert.fail(`${run}`);
      read.push(term);
    },
    onError: (error) => errors.push(error),
    pollMs: 5,
  });
  await cluster.post("b", [{ type: "unheard" }, { ...letterTo("b/1", 7) } as never]);
  box.open();
  await until(() => read.length > 0);
  await box.close();
  assert.deepEqual([read, errors.length], [[7], 1]);
  assert.deepEqual(await cluster.letters("b"), []);
});

Deno.test("LetterBox rings at the node that it wrote to", async () => {
  const topics: string[] = [];
  const box = new LetterBox({
    cluster: openMemoryClusterStore(),
    nodeId: "a",
    ring: (rung) => topics.push(...rung),
    onLetter: () => {},
    onError: () => {},
    pollMs: 1_000,
  });
  box.post("b/with/slashes/1", [letterTo("b/with/slashes/1", 1)]);
  await box.flushed();
  await box.close();
  assert.deepEqual(topics, ["node:b/with/slashes"]);
});
