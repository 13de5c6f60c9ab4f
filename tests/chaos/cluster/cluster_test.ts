/**
 * What is done to nodes is really done to them: a fault that does not bite would show nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, type NodeProcess } from "./mod.ts";

const TIMEOUT_MS = 500;

/** A cluster of two nodes on a KV file. */
async function withCluster(work: (cluster: Cluster) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-chaos-" });
  const cluster = await Cluster.start({
    folder,
    storeUrl: `kv:${join(folder, "denizen.kv")}`,
    nodes: 2,
    electionTimeoutMs: TIMEOUT_MS,
    environment: () => ({}),
  });
  try {
    await cluster.untilLed(cluster.nodes);
    await work(cluster);
  } finally {
    await cluster.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until the other node leads all that this one led. */
async function untilDeposed(cluster: Cluster, node: NodeProcess, pid: number): Promise<void> {
  const giveUpAt = performance.now() + 120_000;
  for (;;) {
    const leaders = await cluster.leaders();
    const old = await cluster.link.ask(({ runs }) => runs.terms());
    if (!leaders.includes(node) && old.every(({ holder }) => holder?.pid !== pid)) return;
    assert.ok(performance.now() < giveUpAt, `nobody deposed ${node.nodeId}`);
    await sleep(20);
  }
}

/** `T` of a process that is stopped. */
function stateOf(pid: number): string | undefined {
  return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test({
  name: "NodeProcess.kill() ends a leader, and another node takes its partitions",
  ...onLinux,
  fn: () =>
    withCluster(async (cluster) => {
      const node = cluster.nodes[0]!;
      const pid = node.pid!;
      await node.kill();
      assert.equal(node.pid, null);
      assert.throws(() => stateOf(pid));
      await untilDeposed(cluster, node, pid);
      assert.equal(node.counts.crashes, 0);
      node.start();
      await cluster.untilLed(cluster.nodes);
      assert.equal(node.counts.starts, 2);
    }),
});

Deno.test({
  name: "NodeProcess.stop() stops a leader until it is deposed, and proceed() lets it come back",
  ...onLinux,
  fn: () =>
    withCluster(async (cluster) => {
      const node = cluster.nodes[1]!;
      const pid = node.pid!;
      for (const cells of [false, true]) {
        node.stop({ cells });
        while (stateOf(pid) !== "T") await sleep(5);
        await untilDeposed(cluster, node, pid);
        node.proceed();
        while (stateOf(pid) === "T") await sleep(5);
        await cluster.untilLed(cluster.nodes);
        assert.equal(node.pid, pid);
      }
    }),
});

Deno.test({
  name: "NodeProcess.drain() lets a node hand over and end in order",
  ...onLinux,
  fn: () =>
    withCluster(async (cluster) => {
      const node = cluster.nodes[0]!;
      const pid = node.pid!;
      assert.equal(await node.drain(), 0);
      await untilDeposed(cluster, node, pid);
      assert.equal(node.counts.crashes, 0);
    }),
});

Deno.test({
  name: "Cluster starts a node again that ended by itself, and counts it",
  ...onLinux,
  fn: () =>
    withCluster(async (cluster) => {
      const node = cluster.nodes[0]!;
      Deno.kill(node.pid!, "SIGKILL");
      await node.ended();
      while (node.counts.starts < 2) await sleep(20);
      assert.equal(node.counts.crashes, 1);
      await cluster.untilLed(cluster.nodes);
    }),
});
