import assert from "node:assert/strict";
import type { Member } from "../../core/cluster_ports.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { isServed } from "./cluster_reader.ts";

function memberOf(nodeId: string, electionTimeoutMs: number): Member {
  return {
    nodeId,
    boot: "1",
    holder: { nodeId, host: "elsewhere", pid: 1, processStart: "s" },
    beat: 1,
    status: "up",
    url: null,
    startedAt: 0,
    version: "0",
    partitions: [],
    runs: 0,
    electionTimeoutMs,
  };
}

Deno.test("isServed() waits for the heartbeat of a node that beats slowly, and not for ever", async () => {
  const cluster = openMemoryClusterStore();
  assert.equal(await isServed(cluster), false);
  await cluster.settings({ partitions: 1 });
  const member = memberOf("slow", 15_000);
  await cluster.beat(member);
  const beating = setTimeout(() => cluster.beat({ ...member, beat: 2 }), 2_900);
  assert.equal(await isServed(cluster), true);
  clearTimeout(beating);
  await cluster.leave("slow", "1");
  await cluster.beat(memberOf("dead", 500));
  assert.equal(await isServed(cluster), false);
});
