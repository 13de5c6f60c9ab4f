/** Two real nodes on one store: whoever leads a run, both stream it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LiveFrame, LiveHub, type RunsUpdate } from "../../runtime/live/mod.ts";
import { type ClusterNode, startClusterNode } from "../../runtime/node/cluster_node.ts";
import { agentModule, WorkflowFolder } from "../workflow_folder.ts";
import { takeUntil } from "./live_world.ts";

const RUNS = 6;
const FAREWELL_MS = 1_100;

const FILES = {
  "workflow.yaml": `
name: doubling
agents:
  doubler: { module: ./doubler.ts }
tasks:
  double: { agent: doubler, forEach: [1, 2, 3], with: { value: "\${{ item }}" } }
output: "\${{ tasks.double.output }}"
`,
  "doubler.ts": agentModule(`
    ctx.progress(0.5, "half");
    await new Promise((resolve) => setTimeout(resolve, 100));
    return 2 * input.value;
  `),
};

/** What a node tells of all runs until so many have completed; `begun` once it asks the other node. */
function listenToAll(hub: LiveHub, count: number) {
  const begun = Promise.withResolvers<void>();
  let closed = 0;
  const frames = takeUntil(hub.followAll(), ({ type, data }) => {
    // It knows nothing of what was before it asked, and says so.
    if (type === "reset") begun.resolve();
    if (type === "runs") closed += (JSON.parse(data) as RunsUpdate).completed;
    return closed >= count;
  });
  return { begun: begun.promise, frames };
}

/** Whether the node leads partitions, by what all members tell of themselves. */
function doesLead(node: ClusterNode): boolean {
  return node.members().some(({ nodeId, partitions }) =>
    nodeId === node.nodeId && partitions.length > 0
  );
}

Deno.test("two nodes stream the same runs, whichever of them leads", async () => {
  await using folder = await WorkflowFolder.create(FILES);
  const dataDir = join(folder.path, "data");
  const nodes: ClusterNode[] = [];
  const hubs: LiveHub[] = [];
  try {
    for (const nodeId of ["a", "b"]) {
      const node = await startClusterNode({ dataDir, nodeId, version: "0.0.0", drainMs: 1_000 });
      nodes.push(node);
      hubs.push(new LiveHub({ node }));
    }
    const all = hubs.map((hub) => listenToAll(hub, RUNS));
    await Promise.all(all.map(({ begun }) => begun));
    while (!nodes.every(doesLead)) await sleep(20);
    const workflow = await nodes[0]!.runs.load(folder.workflow);
    const handles = await Promise.all(
      Array.from({ length: RUNS }, () => nodes[0]!.runs.submit(workflow, {})),
    );
    const runIds = handles.map(({ runId }) => runId);
    const [a, b] = await Promise.all(
      hubs.map((hub) =>
        Promise.all(runIds.map(async (runId) => await takeUntil(await hub.followRun(runId))))
      ),
    );
    const told = (await Promise.all(all.map(({ frames }) => frames))).flat();
    const eventsOf = (frames: LiveFrame[]) => frames.filter(({ id }) => id !== null);
    for (let at = 0; at < RUNS; at++) {
      const [here, there] = [eventsOf(a![at]!), eventsOf(b![at]!)];
      assert.deepEqual(
        here.map(({ id, data }) => [id, data]),
        there.map(({ id, data }) => [id, data]),
      );
      assert.equal(JSON.parse(here.at(-1)!.data).event.type, "RunCompleted");
      assert.equal(a![at]!.at(-1)!.type, "end");
    }
    const last = told.filter(({ type }) => type === "runs")
      .flatMap(({ data }) => (JSON.parse(data) as RunsUpdate).runs)
      .filter(({ status }) => status === "completed");
    assert.ok(last.length >= RUNS);
    assert.deepEqual(last[0]!.tasks, { total: 3, completed: 3, failed: 0, dropped: 0, running: 0 });
  } finally {
    for (const hub of hubs) await hub.close();
    for (const node of nodes) await node.close();
    // A node that closes keeps the timer of the limit on its farewell for so long.
    await sleep(FAREWELL_MS);
  }
});
