/** Workflows whose runs go on at several nodes and use one actor system. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterNode, startClusterNode } from "../../runtime/node/cluster_node.ts";
import { openReader } from "../../runtime/node/mod.ts";
import { withPatientAsks } from "../patient_asks.ts";
import { agentModule, WorkflowFolder } from "../workflow_folder.ts";

const RUNS = 12;
const FAREWELL_MS = 1_100;

const FILES = {
  "workflow.yaml": `
name: counting
system: ./system.yaml
agents:
  adder: { module: ./adder.ts }
tasks:
  add: { agent: adder, forEach: [1, 2, 3], with: { by: "\${{ item }}" } }
  done: { needs: [add], emit: { topic: "sums.done", payload: "\${{ run.id }}" } }
output: "\${{ tasks.add.output }}"
`,
  "system.yaml": `
system: sums
actors: { counter: { module: ./counter.ts } }
subscriptions: [{ topic: sums.done, to: "actor://counter", message: noted }]
`,
  "adder.ts": agentModule(`
    const id = ctx.run.id + "/" + ctx.index;
    await ctx.tell("actor://counter/told", "add", { by: 1, id }, { durable: true });
    return await ctx.actor("counter").ask("add", { by: input.by, id });
  `),
  // Adding twice under one id adds once: attempts may be repeated.
  "counter.ts": `
import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "counter",
  state: z.object({
    count: z.number().default(0),
    ids: z.array(z.string()).default([]),
    runs: z.array(z.string()).default([]),
  }),
  on: {
    add: ({ by, id }: any, ctx) => {
      if (ctx.state.ids.includes(id)) return ctx.state.count;
      ctx.state.ids.push(id);
      return ctx.state.count += by;
    },
    noted: (run: any, ctx) => { ctx.state.runs.push(run); },
    sums: (_payload, ctx) => ({ count: ctx.state.count, runs: ctx.state.runs }),
  },
});
`,
};

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const endsAt = performance.now() + 60_000;
  while (!await isSo()) {
    if (performance.now() > endsAt) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}

Deno.test("runs at several nodes add to one counter, also when the system's node leaves", async () => {
  await using folder = await WorkflowFolder.create(FILES);
  const dataDir = join(folder.path, "data");
  const start = (nodeId: string) =>
    startClusterNode({ dataDir, nodeId, version: "0.0.0", drainMs: 1_000 });
  const nodes: ClusterNode[] = [];
  try {
    for (const name of ["a", "b", "c"]) nodes.push(await start(name));
    const file = join(folder.path, "workflow.yaml");
    const workflow = await nodes[0]!.runs.load(file);
    const submit = (count: number) =>
      Promise.all(
        Array.from(
          { length: count },
          (_, at) => nodes[at % nodes.length]!.runs.submit(workflow, {}),
        ),
      );
    const handles = await submit(RUNS / 2);
    await nodes.shift()!.close();
    handles.push(...await submit(RUNS / 2));
    const reader = await openReader({ dataDir });
    try {
      for (const { runId } of handles) {
        const status = async () => (await reader.show(runId))?.status;
        await until(async () => await status() === "completed", `run ${runId}`);
      }
    } finally {
      reader.close();
    }
  } finally {
    for (const node of nodes) await node.close();
    // A node that closes keeps the timer of the limit on its farewell for so long.
    await sleep(FAREWELL_MS);
  }
  const { openActorSystem } = await import("../../runtime/node/actor_system.ts");
  const system = await openActorSystem(join(folder.path, "system.yaml"), { dataDir });
  const { ask } = withPatientAsks(system);
  try {
    const sums = await ask("actor://counter", "sums") as { count: number; runs: string[] };
    assert.equal(sums.count, 6 * RUNS);
    assert.equal(new Set(sums.runs).size, RUNS);
    assert.equal(sums.runs.length, RUNS);
    const told = await ask("actor://counter/told", "sums") as { count: number };
    assert.equal(told.count, 3 * RUNS);
  } finally {
    await system.stop();
  }
});
