import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { BellTopic } from "../../core/cluster_ports.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { Doorbells } from "./doorbells.ts";

/** Node "a", which leads these partitions. */
function open(led: number[]) {
  const bell = openMemoryClusterStore().bell!;
  const inboxes: number[] = [];
  const letters: string[] = [];
  const bells = new Doorbells({
    nodeId: "a",
    bells: [bell],
    leads: (partition) => led.includes(partition),
    onInbox: (partition) => inboxes.push(partition),
    onLetters: () => letters.push("come"),
  });
  return { bell, bells, inboxes, letters };
}

Deno.test("Doorbells looks at its own partitions at once, and rings for those of others", async () => {
  const { bell, bells, inboxes } = open([3]);
  const rung: BellTopic[] = [];
  bell.listen((topic) => rung.push(topic));
  bells.ring(["partition:3", "partition:4", "node:b"]);
  assert.deepEqual(inboxes, [3]);
  await turn();
  assert.deepEqual(rung, ["partition:4", "node:b"]);
});

Deno.test("Doorbells hears what is for its node, and for partitions", async () => {
  const { bell, bells, inboxes, letters } = open([]);
  bells.listen();
  bell.ring(["node:b", "terms"]);
  await turn();
  assert.deepEqual([inboxes, letters], [[], []]);
  bell.ring(["node:a", "partition:12"]);
  await turn();
  assert.deepEqual([inboxes, letters], [[12], ["come"]]);
});
