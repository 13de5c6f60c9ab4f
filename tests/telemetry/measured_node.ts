/**
 * A node whose metrics have something to tell: runs that completed and failed, attempts that were
 * retried, requests, a cell that crashed.
 *
 * @module
 */
import { type ClusterNodeOptions, startClusterNode } from "../../runtime/node/cluster_node.ts";
import { NodeMetrics } from "../../runtime/telemetry/mod.ts";
import { agentModule, WorkflowFolder } from "../workflow_folder.ts";

const FILES = {
  "workflow.yaml": `
name: measured
input:
  type: object
  properties: { fails: { type: boolean, default: false } }
agents: { worker: { module: ./worker.ts } }
tasks:
  work: { agent: worker, forEach: [1, 2, 3], with: { fails: "\${{ input.fails }}" } }
  pause: { wait: { for: 10ms } }
`,
  "worker.ts": agentModule(`
    if (input.fails && ctx.index === 0) Deno.exit(3);
    if (ctx.index === 1) await Deno.readTextFile("/etc/hostname").catch(() => {});
    return ctx.index;
  `),
};

/** Text of `/metrics` after some runs. */
export async function measureNode(): Promise<string> {
  await using folder = await WorkflowFolder.create(FILES);
  const metrics = new NodeMetrics({ version: "1.2.3" });
  const options: ClusterNodeOptions = {
    dataDir: folder.dataDir,
    version: "1.2.3",
    nodeId: "n1",
    partitions: 2,
    drainMs: 1_000,
    onNotice: (notice) => metrics.notice(notice),
    onCellEnding: (ending) => metrics.cellEnded(ending),
  };
  const node = await startClusterNode(options);
  try {
    await metrics.follow(node);
    metrics.countLive(() => ({ sse: 2, webSocket: 1, dropped: 3 }));
    const workflow = await node.runs.load(folder.workflow);
    for (const fails of [false, false, true]) {
      const run = await node.runs.submit(workflow, { fails });
      await run.finished;
    }
    metrics.http("/api/v1/runs/{id}", "GET", 200, 0.012);
    metrics.http("/api/v1/runs", "POST", 429, 0.001);
    return await metrics.text();
  } finally {
    await node.close();
    metrics.close();
  }
}
