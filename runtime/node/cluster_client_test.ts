import assert from "node:assert/strict";
import { definitionOf } from "../../tests/decider_kit.ts";
import { type LeadingNode, PARTITION, until, withNodes } from "../../tests/leading_kit.ts";
import type { SharedMemory } from "../../tests/leading_kit.ts";
import { createCells } from "../cells/mod.ts";
import { digest } from "../store/blob_digest.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { ClusterClient } from "./cluster_client.ts";
import { PackageShelf } from "./package_shelf.ts";
import type { LoadedWorkflow, WorkflowPackage } from "./packages.ts";
import { readRuns } from "./reader.ts";

async function workflowOf(id: string): Promise<LoadedWorkflow> {
  const code = "export default {}";
  const codeHash = await digest(new TextEncoder().encode(code));
  const agents = { a: { codeHash, capabilities: [] }, b: { codeHash, capabilities: [] } };
  const content: WorkflowPackage = { definition: definitionOf([{ id }]), agents };
  const packageText = JSON.stringify(content);
  return {
    file: "test.yaml",
    definition: content.definition,
    packageHash: await digest(new TextEncoder().encode(packageText)),
    packageText,
    package: content,
    code: new Map([[codeHash, code]]),
    warnings: [],
  };
}

async function withClient(
  work: (client: ClusterClient, node: LeadingNode, memory: SharedMemory) => Promise<void>,
): Promise<void> {
  await withNodes(["a/1"], async (memory, node) => {
    const { runs, archive } = memory;
    const cluster = openMemoryClusterStore();
    await cluster.settings({ partitions: 1 });
    const cells = createCells({ spares: 0 });
    const client = new ClusterClient({
      stores: { runs },
      shelf: new PackageShelf(() => Promise.resolve(runs)),
      reader: readRuns({ runs, archive, cluster }),
      partitions: 1,
      holder: { nodeId: "client", host: "h", pid: 2, processStart: "s" },
      dataDir: "/",
      ring: () => node!.shared.look(PARTITION),
      cells,
      onClose: () => cells.close(),
    });
    try {
      await node!.lead();
      await work(client, node!, memory);
    } finally {
      await client.close();
    }
  });
}

Deno.test("ClusterClient.submit() gives a run that it follows to its end", () =>
  withClient(async (client, node) => {
    const run = await client.submit(await workflowOf("x"), {});
    await node.begun("x");
    node.answer("x");
    assert.equal((await run.finished).status, "completed");
  }));

Deno.test("ClusterClient.submit() finds the run of a key, begun or not", () =>
  withClient(async (client, node) => {
    const workflow = await workflowOf("x");
    const first = await client.submit(workflow, {}, { id: "key" });
    const second = await client.submit(workflow, {}, { id: "key" });
    await node.begun("x");
    const third = await client.submit(workflow, {}, { id: "key" });
    assert.deepEqual([second.runId, third.runId], [first.runId, first.runId]);
    await assert.rejects(client.submit(workflow, { other: 1 }, { id: "key" }), {
      code: "KEY_MISMATCH",
    });
    assert.equal(node.cells.size, 1);
  }));

Deno.test("ClusterClient.resume() lets a paused run go on", () =>
  withClient(async (client, node, memory) => {
    const { runId } = await client.submit(await workflowOf("x"), {});
    await node.begun("x");
    await client.pause(runId);
    await until(async () => (await memory.state(runId)).isPaused);
    const [run] = await client.resume(runId);
    await until(async () => !(await memory.state(runId)).isPaused);
    node.answer("x");
    assert.equal((await run!.finished).status, "completed");
  }));

Deno.test("ClusterClient.retry() follows the run to its second end", () =>
  withClient(async (client, node) => {
    const { runId } = await client.submit(await workflowOf("x"), {});
    await node.begun("x");
    const error = { code: "FAILED", message: "drawn", retryable: false };
    node.answer("x", { status: "failed", error });
    await until(() => node.table.runs === 0);
    const retried = client.retry(runId);
    await node.begun("x");
    node.answer("x");
    assert.equal((await (await retried).finished).status, "completed");
    await assert.rejects(client.retry(runId), { code: "RUN_NOT_RETRYABLE" });
  }));

Deno.test("ClusterClient refuses a run that nobody knows", () =>
  withClient(async (client) => {
    const code = "RUN_NOT_FOUND";
    await assert.rejects(client.cancel("none"), { code });
    await assert.rejects(client.resume("none"), { code });
    await assert.rejects(client.retry("none"), { code });
  }));

Deno.test("ClusterClient tells who waits for a run when it is closed before that has ended", () =>
  withClient(async (client, node) => {
    const run = await client.submit(await workflowOf("x"), {});
    await node.begun("x");
    const { finished } = run;
    finished.catch(() => {});
    await client.close();
    await assert.rejects(finished, { code: "NODE_STOPPED" });
  }));

Deno.test("ClusterClient lets no listener that throws keep a run from its end", () =>
  withClient(async (client, node) => {
    client.subscribe(() => assert.fail("planted"));
    const run = await client.submit(await workflowOf("x"), {});
    await node.begun("x");
    node.answer("x");
    assert.equal((await run.finished).status, "completed");
  }));
