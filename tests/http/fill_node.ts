import { agentModule } from "../workflow_folder.ts";
import { boastingAgent, countingAgent } from "./agent_modules.ts";
import type { ServedNode } from "./served_node.ts";

/** Names of what was made, for whoever asks for it. */
export interface Filled {
  runs: string[];
  workflows: string[];
  tasks: string[];
  letters: string[];
  systems: string[];
  views: string[];
  keys: string[];
  agents: string[];
  nodes: string[];
}

const HELLO = {
  source: {
    name: "hello",
    version: "1.0.0",
    tasks: { greet: { value: "Hello" }, again: { needs: ["greet"], value: "Hello again" } },
  },
};
const WAITING = { source: { name: "waiting", tasks: { hold: { wait: { signal: "go" } } } } };
const FAILING = { source: { name: "failing", tasks: { fail: { value: "${{ 1 / 0 }}" } } } };

/** Its agent logs, takes steps, and goes on until it is stopped. */
const WORKING = {
  source: `name: working
input: { type: object, properties: { ms: { type: number, default: 0 } } }
agents: { worker: { module: ./worker.ts } }
tasks:
  each: { forEach: "\${{ [1, 2, 3] }}", agent: worker, with: { ms: "\${{ input.ms }}" } }
`,
  files: {
    "worker.ts": agentModule(`
      ctx.log.info("working", { ms: input.ms });
      await ctx.step("first", () => ({ done: true }));
      await ctx.sleep(input.ms);
      return { slept: input.ms };`),
  },
};

const SUMS = {
  source: `name: sums
system: ./system.yaml
agents: { adder: { module: ./adder.ts } }
tasks: { add: { agent: adder } }
`,
  files: {
    "system.yaml": "system: sums\nactors: { counter: { module: ./actors/counter.ts } }\n",
    "adder.ts": agentModule('return await ctx.actor("counter").ask("add", {});'),
    "actors/counter.ts": `
import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "counter",
  state: z.object({ count: z.number().default(0) }),
  on: { add: (_payload, ctx) => ++ctx.state.count },
});
`,
  },
};

/** Makes runs of every status, workflows with versions, dead letters, views and keys. */
export async function fillNode(node: ServedNode): Promise<Filled> {
  for (const body of [HELLO, WAITING, FAILING, WORKING, SUMS]) {
    await made(node, "/api/v1/workflows", body);
  }
  const second = { source: { ...HELLO.source, version: "1.1.0" } };
  await made(node, "/api/v1/workflows", second);
  for (const source of [countingAgent(), countingAgent("1.1.0"), boastingAgent()]) {
    await made(node, "/api/v1/agents", { source });
  }
  const runs = await fillRuns(node);
  const views = ["failed-tonight", "mine"];
  for (const view of views) {
    await node.ask("PUT", `/api/v1/views/${view}`, { body: { filters: { status: "failed" } } });
  }
  const keys: string[] = [];
  for (const name of ["ci", "reader"]) {
    keys.push((await made(node, "/api/v1/keys", { name, role: "viewer" })).id);
  }
  return {
    runs,
    workflows: ["hello", "waiting", "failing", "working", "sums"],
    tasks: ["greet", "again", "hold", "fail", "each", "each[1]", "add"],
    letters: await fillLetters(node),
    systems: ["sums"],
    views,
    keys,
    agents: ["line-counter", "worker"],
    nodes: await knownNodes(node),
  };
}

async function fillRuns(node: ServedNode): Promise<string[]> {
  const submit = async (workflow: string, input: object = {}) =>
    (await made(node, "/api/v1/runs", { workflow, input, tags: ["full"] })).runId as string;
  const act = (runId: string, action: string) =>
    node.ask("POST", `/api/v1/runs/${runId}/${action}`);
  const completed = await submit("hello");
  const worked = await submit("working");
  const running = await submit("working", { ms: 3_600_000 });
  const waiting = await submit("waiting");
  const paused = await submit("waiting");
  const cancelled = await submit("waiting");
  const failed = await submit("failing");
  const summed = await submit("sums");
  await act(paused, "pause");
  await act(cancelled, "cancel");
  await node.until(completed, "completed");
  await node.until(worked, "completed");
  await node.until(running, "running");
  await node.until(waiting, "waiting");
  await node.until(paused, "paused");
  await node.until(cancelled, "cancelled");
  await node.until(failed, "failed");
  await node.until(summed, "completed");
  return [completed, worked, running, waiting, paused, cancelled, failed, summed];
}

async function fillLetters(node: ServedNode): Promise<string[]> {
  for (const id of ["l1", "l2", "l3"]) {
    await node.node.stores.actors.wish("sums", {
      type: "tell",
      messageType: "add",
      to: "actor://nobody/a",
      payload: { n: id },
      id,
    });
  }
  for (;;) {
    const { items } = (await node.ask("GET", "/api/v1/dead-letters")).json;
    if (items.length === 3) return items.map(({ id }: { id: string }) => id);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ids in the graph of solved tasks. */
async function knownNodes(node: ServedNode): Promise<string[]> {
  const { nodes } = (await node.ask("GET", "/api/v1/knowledge/sample")).json;
  return nodes.map(({ id }: { id: string }) => id);
}

async function made(node: ServedNode, path: string, body: object) {
  const { status, json, text } = await node.ask("POST", path, { body });
  if (status >= 400) throw new Error(`POST ${path}: ${text}`);
  return json;
}
