/**
 * A node with a door: `POST /runs` with the path of a workflow file submits a run and answers its
 * id, `GET /runs/ID` its view. It stops when its standard input ends.
 *
 * Arguments: the data directory, the name of the node.
 *
 * @module
 */
import { type ClusterNodeOptions, startClusterNode } from "../../runtime/node/cluster_node.ts";
import type { CellsOptions } from "../../runtime/cells/mod.ts";
import { createRunTracer, submissionTraceparent } from "../../runtime/telemetry/mod.ts";

const [dataDir, nodeId] = Deno.args as [string, string];
const tracer = createRunTracer({ version: "test", nodeId });

async function serve(request: Request): Promise<Response> {
  if (request.method === "GET") {
    const runId = new URL(request.url).pathname.slice("/runs/".length);
    return Response.json(await node.reader.show(runId));
  }
  const workflow = await node.runs.load(await request.text());
  const traceparent = submissionTraceparent(workflow.definition.name);
  const { runId } = await node.runs.submit(workflow, {}, { origin: { traceparent } });
  return Response.json({ runId }, { status: 202 });
}

const options: ClusterNodeOptions & Pick<CellsOptions, "tracer"> = {
  dataDir,
  nodeId,
  version: "test",
  partitions: 2,
  electionTimeoutMs: 500,
  drainMs: 1_000,
  serve,
  tracer: tracer?.attempts,
  onNotice: (notice) => tracer?.notice(notice),
};
const node = await startClusterNode(options);
await tracer?.follow(node);
console.log(JSON.stringify({ url: node.url, isTracing: tracer !== null }));

for await (const _ of Deno.stdin.readable) { /* until it ends */ }
await node.close();
tracer?.close();
