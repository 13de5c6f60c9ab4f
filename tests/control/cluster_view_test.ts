import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentEntry, Overview, WorkflowSource } from "../../runtime/control/mod.ts";
import { agentModule } from "../workflow_folder.ts";
import { ADMIN, ControlledNode, greeting } from "./control_kit.ts";

async function eventually<Value>(
  read: () => Promise<Value>,
  isSo: (value: Value) => boolean,
): Promise<Value> {
  for (let tries = 0;; tries++) {
    const value = await read();
    if (isSo(value)) return value;
    assert.ok(tries < 400, `Waited in vain; it is ${JSON.stringify(value).slice(0, 2_000)}`);
    await sleep(50);
  }
}

const closed = ({ runs }: Overview) => runs.completed + runs.failed + runs.cancelled;

Deno.test("the overview of any node adds what all nodes do", async (t) => {
  await using first = await ControlledNode.start({ nodeId: "first" });
  await using second = await ControlledNode.start({ nodeId: "second", dataDir: first.dataDir });
  const both = [first, second];
  await eventually(
    () => first.control.cluster.read(),
    ({ nodes }) => nodes.length === 2 && nodes.every(({ partitions }) => partitions.length > 0),
  );
  await first.control.workflows.register(greeting(), ADMIN);

  await t.step("counts closed runs, durations and agents of both", async () => {
    const submitted = await Promise.all(Array.from({ length: 16 }, (_, at) => {
      const tenant = at < 4 ? "acme" : undefined;
      return both[at % 2]!.control.runs.submit({ workflow: "greet", tenant }, ADMIN);
    }));
    for (const { runId } of submitted) await first.until(runId, "completed");
    const leaders = new Set<string | null>();
    for (const { runId } of submitted) leaders.add((await first.control.runs.show(runId)).leader);
    assert.deepEqual([...leaders].sort(), ["first", "second"]);
    for (const { control } of both) {
      const overview = await eventually(() => control.overview.read(), (now) => closed(now) === 16);
      assert.deepEqual(overview.missing, []);
      assert.equal(overview.runs.running, 0);
      assert.equal(overview.throughput.length, 360);
      assert.deepEqual(overview.slowestTasks.map(({ task, count }) => [task, count]), [[
        "greet",
        32,
      ]]);
      assert.deepEqual(overview.nodes.map(({ nodeId, state }) => [nodeId, state]), [
        ["first", "living"],
        ["second", "living"],
      ]);
      assert.equal(overview.partitions.length, 8);
      assert.equal(overview.nodes.flatMap(({ partitions }) => partitions).length, 8);
    }
    const theirs = await first.control.overview.read({ tenant: "acme" });
    assert.equal(closed(theirs), 4);
    assert.deepEqual([theirs.nodes, theirs.partitions], [[], []], "of the whole, none of theirs");
    const seen = await first.control.overview.read({ sees: ({ tenant }) => tenant === null });
    assert.equal(closed(seen), 12);
    assert.deepEqual([seen.nodes, seen.partitions], [[], []]);
  });

  await t.step("lists agents with what they did", async () => {
    const [greeter, ...others] = await second.control.agents.list(null);
    assert.deepEqual(others, []);
    const { name, workflow, isRegistered, attempts, failures, p50Ms } = greeter as AgentEntry;
    assert.deepEqual({ name, workflow, isRegistered, attempts, failures }, {
      name: "greeter",
      workflow: "greet",
      isRegistered: true,
      attempts: 32,
      failures: 0,
    });
    assert.ok(p50Ms !== null && p50Ms >= 0);
  });

  await t.step("counts failures, and runs that wait or are held", async () => {
    const definition = {
      name: "held",
      tasks: { news: { wait: { signal: "go" } } },
    };
    const { runId } = await first.control.runs.submit({ definition }, ADMIN);
    await eventually(() => second.control.overview.read(), ({ runs }) => runs.waiting === 1);
    for (const { control } of both) {
      const { items } = await eventually(
        () => control.runs.list({ status: ["waiting"] }),
        ({ items }) => items.length > 0,
      );
      assert.deepEqual(items.map((item) => item.runId), [runId]);
    }
    await second.control.runs.pause(runId);
    await eventually(() => first.control.overview.read(), ({ runs }) => runs.paused === 1);
    await first.control.runs.cancel(runId);
    await eventually(() => first.control.overview.read(), ({ runs }) => runs.cancelled === 1);
    const failing = greeting("2.0.0", 'throw new AgentError("RUDE", "No");');
    const failed = await first.control.runs.submit({
      definition: failing.source,
      files: failing.files,
    }, ADMIN);
    await first.until(failed.runId, "failed");
    const { failures } = await eventually(
      () => second.control.overview.read(),
      ({ failures }) => failures.length > 0,
    );
    const [{ code, workflow, task, runId: last }] = failures as [Overview["failures"][number]];
    assert.deepEqual([code, workflow, task, last], ["RUDE", "greet", "greet", failed.runId]);
  });

  await t.step("knows runs that were begun before a node listened", async () => {
    const definition = { name: "patient", tasks: { news: { wait: { signal: "go" } } } };
    const ids = await Promise.all(
      [1, 2, 3, 4].map(async () => (await first.control.runs.submit({ definition }, ADMIN)).runId),
    );
    await eventually(() => first.control.overview.read(), ({ runs }) => runs.waiting === 4);
    // What the other one led comes to this one, which takes it over as it stands.
    second.control.close();
    await second.node.close();
    await eventually(
      () => first.control.overview.read(),
      ({ runs, missing }) => runs.waiting === 4 && missing.length === 0,
    );
    for (const id of ids) await first.control.runs.cancel(id);
  });
});

const SUMS: WorkflowSource = {
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

Deno.test("the systems desk shows actor systems and deals with what they gave up", async () => {
  await using served = await ControlledNode.start();
  const { control: { systems, runs, workflows }, node } = served;
  await workflows.register(SUMS, ADMIN);
  const { runId } = await runs.submit({ workflow: "sums" }, ADMIN);
  await served.until(runId, "completed", "failed");
  assert.equal((await runs.show(runId)).error, null);
  const [system] = await systems.systems();
  assert.deepEqual([system?.system, system?.isLed], ["sums", true]);
  const { tree } = await eventually(() => systems.tree("sums"), ({ tree }) => tree !== null);
  assert.deepEqual([tree?.id, tree?.kind, tree?.status], ["sums", "supervisor", "running"]);
  await assert.rejects(systems.tree("none"), { code: "SYSTEM_NOT_FOUND" });

  for (const id of ["w1", "w2"]) {
    const wish = {
      type: "tell",
      messageType: "add",
      to: "actor://nobody/a",
      payload: { n: id },
      id,
    };
    await node.stores.actors.wish("sums", wish);
  }
  const { items } = await eventually(
    () => systems.deadLetters(),
    ({ items }) => items.length === 2,
  );
  const page = await systems.deadLetters({ system: "sums", limit: 1 });
  assert.deepEqual(page, { items: [items[0]], nextCursor: items[0]!.id });
  const rest = await systems.deadLetters({ limit: 1, cursor: page.nextCursor! });
  assert.deepEqual(rest, { items: [items[1]], nextCursor: null });
  const letter = await systems.deadLetter(items[1]!.id);
  assert.deepEqual([letter.to, letter.type, letter.payload, letter.isKept], [
    "actor://nobody/a",
    "add",
    { n: "w1" },
    true,
  ]);
  assert.equal((await systems.discard(letter.id)).isTaken, true);
  await assert.rejects(systems.deadLetter(letter.id), { code: "DEAD_LETTER_NOT_FOUND" });
  await assert.rejects(systems.discard(letter.id), { code: "DEAD_LETTER_NOT_FOUND" });
  const replayed = await systems.replay(items[0]!.id);
  assert.deepEqual([replayed.system, replayed.isTaken], ["sums", true]);
});
