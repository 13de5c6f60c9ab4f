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

/** Everything that a node tells of these runs and of all runs, to the end. */
async function listen(hub: LiveHub, runIds: readonly string[]) {
  const all = hub.followAll();
  const runs = Promise.all(
    runIds.map(async (runId) => await takeUntil(await hub.followRun(runId))),
  );
  let closed = 0;
  const frames = await takeUntil(all, ({ type, data }) => {
    if (type === "runs") closed += (JSON.parse(data) as RunsUpdate).completed;
    return closed >= runIds.length;
  });
  return { runs: await runs, all: frames };
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
    // Both lead something by then, and ask each other for changes.
    const early = hubs.map((hub) => hub.followAll());
    const warm = early.map((stream) => stream[Symbol.asyncIterator]().next());
    while (nodes.some((node) => node.members().length < 2)) await sleep(50);
    await sleep(1_500);
    const workflow = await nodes[0]!.runs.load(folder.workflow);
    const handles = await Promise.all(
      Array.from({ length: RUNS }, () => nodes[0]!.runs.submit(workflow, {})),
    );
    const runIds = handles.map(({ runId }) => runId);
    const [a, b] = await Promise.all(hubs.map((hub) => listen(hub, runIds)));
    await Promise.all(warm);
    for (const stream of early) stream.close();
    const eventsOf = (frames: LiveFrame[]) => frames.filter(({ id }) => id !== null);
    for (let at = 0; at < RUNS; at++) {
      const [here, there] = [eventsOf(a!.runs[at]!), eventsOf(b!.runs[at]!)];
      assert.deepEqual(
        here.map(({ id, data }) => [id, data]),
        there.map(({ id, data }) => [id, data]),
      );
      assert.equal(JSON.parse(here.at(-1)!.data).event.type, "RunCompleted");
      assert.equal(a!.runs[at]!.at(-1)!.type, "end");
    }
    const last = [...a!.all, ...b!.all].filter(({ type }) => type === "runs")
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
