/** Workflows that use an actor system: by the command line, as a process, with crashes between. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Attempt, AttemptId, AttemptOutcome } from "../../actors/attempt.ts";
import { AttemptDesk, keyOfSystem } from "../../runtime/node/attempt_desk.ts";
import { openAuditReader } from "../../runtime/node/audit_reader.ts";
import { openReader } from "../../runtime/node/mod.ts";
import { ACTOR_SYSTEM } from "../../workflows/mod.ts";
import { denizen, denizenArgs, type Finished, withFolder } from "../cli/denizen_process.ts";
import { until } from "../cli/flows.ts";
import { SystemHarness } from "./system_harness.ts";
import { agentModule, WorkflowFolder } from "../workflow_folder.ts";

const WORKFLOW = `
name: counting
system: ./system.yaml
input:
  type: object
  properties: { ms: { type: integer, default: 0 } }
agents:
  adder: { module: ./adder.ts }
  asker: { module: ./asker.ts }
tasks:
  add: { agent: adder, forEach: [1, 2, 3], with: { by: "\${{ item }}", ms: "\${{ input.ms }}" } }
  done:
    needs: [add]
    emit: { topic: "sums.done", payload: { sum: "\${{ tasks.add.output.map(x, x)[2] }}", run: "\${{ run.id }}" } }
  total: { needs: [done], agent: asker }
output: "\${{ tasks.total.output }}"
`;

const SYSTEM = `
system: sums
actors:
  counter: { module: ./counter.ts }
  listener: { module: ./listener.ts }
supervisor: { children: [counter, listener] }
subscriptions:
  - { topic: sums.done, to: "actor://listener", message: noted }
  - { topic: sums.added, to: "actor://listener", message: added }
`;

const ACTOR = (body: string) => `
import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor(${body});
`;

const FILES = {
  "workflow.yaml": WORKFLOW,
  "system.yaml": SYSTEM,
  "adder.ts": agentModule(`
    const sum = await ctx.actor("counter").ask("add", { by: input.by, id: ctx.run.id + "/" + ctx.index });
    await ctx.emit("sums.added", { by: input.by });
    await ctx.tell("actor://counter/told", "add", { by: 1, id: ctx.run.id + "/" + ctx.index }, { durable: true });
    if (input.ms > 0) await ctx.sleep(input.ms);
    return sum;
  `),
  "asker.ts": agentModule(`
    const heard = await ctx.ask("actor://listener", "heard");
    return { ...heard, count: await ctx.ask("actor://counter", "count"), told: await ctx.ask("actor://counter/told", "count") };
  `),
  // Adding twice under one id adds once: attempts may be repeated.
  "counter.ts": ACTOR(`{
    name: "counter",
    state: z.object({ count: z.number().default(0), ids: z.array(z.string()).default([]) }),
    on: {
      add: ({ by, id }: any, ctx) => {
        if (ctx.state.ids.includes(id)) return ctx.state.count;
        ctx.state.ids.push(id);
        return ctx.state.count += by;
      },
      count: (_payload, ctx) => ctx.state.count,
    },
  }`),
  "listener.ts": ACTOR(`{
    name: "listener",
    state: z.object({ noted: z.array(z.string()).default([]), added: z.number().default(0) }),
    on: {
      noted: ({ run }: any, ctx) => { ctx.state.noted.push(run); },
      added: (_payload, ctx) => { ctx.state.added++; },
      heard: (_payload, ctx) => ({ runs: ctx.state.noted.length, added: ctx.state.added }),
    },
  }`),
};

function run(folder: string, ...args: string[]): Promise<Finished> {
  return denizen([
    "run",
    join(folder, "workflow.yaml"),
    ...args,
    "--json",
    "--data",
    join(folder, "data"),
  ]);
}

Deno.test("run FILE starts the actor system of a workflow; its state outlives the process", async () => {
  await withFolder(FILES, async (folder) => {
    for (const round of [1, 2]) {
      const { code, out, err } = await run(folder);
      assert.equal(code, 0, err);
      const { output, tasks } = JSON.parse(out);
      assert.deepEqual(output, {
        runs: round,
        added: 3 * round,
        count: 6 * round,
        told: 3 * round,
      });
      const done = tasks.find(({ id }: { id: string }) => id === "done");
      assert.equal(done.status, "completed");
    }
  });
});

Deno.test("runs resume starts the system again, and publishes no event twice", async () => {
  await withFolder(FILES, async (folder) => {
    const dataDir = join(folder, "data");
    const node = new Deno.Command(Deno.execPath(), {
      args: denizenArgs([
        "run",
        join(folder, "workflow.yaml"),
        "--input",
        "ms=400",
        "--data",
        dataDir,
      ]),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const runId = await until(async () => {
      const reader = await openReader({ dataDir }).catch(() => null);
      if (reader === null) return null;
      try {
        const id = (await reader.list({ limit: 1 })).items[0]?.runId;
        if (id === undefined) return null;
        const types = [];
        for await (const { event } of reader.events(id)) types.push(event.type);
        return types.includes("TaskCompleted") ? id : null;
      } finally {
        reader.close();
      }
    });
    node.kill("SIGKILL");
    await node.status;
    const resumed = await denizen(["runs", "resume", runId, "--json", "--data", dataDir]);
    assert.equal(resumed.code, 0, resumed.err);
    const { output } = JSON.parse(resumed.out);
    assert.equal(output.runs, 1);
    assert.equal(output.count, 6);
    assert.equal(output.told, 3);
  });
});

Deno.test("an emit task that is tried again after a crash publishes under the same id", async () => {
  const source = FILES["listener.ts"].replace(/^import.*$/gm, "");
  await using harness = await SystemHarness.start({ listener: { source } }, {
    subscriptions: [{ topic: "sums.done", to: "actor://listener", message: "noted" }],
  });
  const results: { id: AttemptId; outcome: AttemptOutcome }[] = [];
  const desk = new AttemptDesk({
    cells: harness.open.cells,
    systemOf: (name) => name === "test" ? harness.system : null,
    onResults: (some) => results.push(...some),
  });
  const attempt: Attempt = {
    runId: "01J9QZ",
    taskId: "t".repeat(128),
    index: 0,
    attempt: 1,
    agent: ACTOR_SYSTEM,
    input: { topic: "sums.done", payload: { run: "a" } },
    timeoutMs: 60_000,
    heartbeatMs: 5_000,
    term: 1,
  };
  const before = desk.capacity(keyOfSystem("test"));
  desk.dispatch(keyOfSystem("test"), [attempt, { ...attempt, index: 1 }]);
  assert.equal(desk.capacity(keyOfSystem("test")), before - 2);
  await until(() => results.length === 2 ? true : null);
  desk.dispatch(keyOfSystem("test"), [{ ...attempt, attempt: 2 }]);
  desk.dispatch(keyOfSystem("gone"), [{ ...attempt, attempt: 3 }]);
  await until(() => results.length === 4 ? true : null);
  assert.deepEqual(
    results.map(({ id, outcome }) => [id.attempt, outcome.status]).sort(),
    [[1, "completed"], [1, "completed"], [2, "completed"], [3, "failed"]],
  );
  // What is published has been written; it is delivered a little later.
  const heard = await until(async () => {
    const answer = await harness.system.ask("actor://listener", "heard") as { runs: number };
    return answer.runs < 2 ? null : answer;
  });
  assert.deepEqual(heard, { runs: 2, added: 0 });
  assert.equal(desk.capacity(keyOfSystem("test")), before);
  // What is cancelled is answered at once, and only once.
  desk.dispatch(keyOfSystem("test"), [{ ...attempt, attempt: 4 }]);
  desk.cancel({ ...attempt, attempt: 4 });
  await until(() => results.length === 5 ? true : null);
  const { outcome } = results[4]!;
  assert.equal(outcome.status === "failed" && outcome.error.code, "CANCELLED");
});

Deno.test("what agents may not send is an error of theirs, and in the audit log", async () => {
  await using folder = await WorkflowFolder.create({
    "workflow.yaml": `
name: small
system: ./system.yaml
agents: { a: { module: ./a.ts } }
tasks:
  ask: { agent: a, with: { to: "actor://closed", type: "x" } }
  nobody: { agent: a, with: { to: "actor://nobody", type: "x" } }
  topic: { emit: { topic: "No Topic" }, continueOnError: true }
  denied: { emit: { topic: secret.one }, continueOnError: true }
  file: { agent: a, with: { file: true } }
output: ["\${{ tasks.ask.output }}", "\${{ tasks.nobody.output }}", "\${{ tasks.topic.error.code }}", "\${{ tasks.denied.error.code }}", "\${{ tasks.file.output }}"]
`,
    "system.yaml": `
system: closed
actors: { closed: { module: ./closed.ts, accept: { from: ["actor://closed/*"] } } }
topics: [{ name: "secret.*", publish: ["actor://closed/*"] }]
`,
    "closed.ts": ACTOR(`{ name: "closed", on: { x: () => 1 } }`),
    "a.ts": agentModule(`
      try {
        if (input.file) return await Deno.readTextFile("/etc/hostname");
        return await ctx.ask(input.to, input.type);
      } catch (error: any) { return error.code ?? error.name; }
    `),
  });
  const { output, status } = await folder.run();
  assert.equal(status, "completed");
  assert.deepEqual(output, [
    "ACCESS_DENIED",
    "NO_ACTOR",
    "INVALID_TOPIC",
    "ACCESS_DENIED",
    "NotCapable",
  ]);
  const audit = await openAuditReader({ dataDir: folder.dataDir });
  const entries = await audit.list({ limit: 20 });
  audit.close();
  const codes = entries.map(({ kind, code }) => `${kind} ${code}`).sort();
  assert.deepEqual(codes, [
    "denial PERMISSION_DENIED",
    "refusal ACCESS_DENIED",
    "refusal ACCESS_DENIED",
    "refusal INVALID_TOPIC",
    "refusal NO_ACTOR",
  ]);
  assert.match(entries.find(({ kind }) => kind === "denial")!.from!, /^run:[0-9A-Z]{26}\/file$/);
});

Deno.test("two runs of one node share a system; another one of the same name is refused", async () => {
  await using folder = await WorkflowFolder.create(FILES);
  await using open = folder.open();
  const { node } = open;
  const workflow = await node.load(folder.workflow);
  const runs = await Promise.all([node.submit(workflow, {}), node.submit(workflow, {})]);
  const views = await Promise.all(runs.map((run) => run.finished));
  assert.deepEqual(views.map(({ status }) => status), ["completed", "completed"]);
  await Deno.writeTextFile(join(folder.path, "system.yaml"), `${SYSTEM}description: another\n`);
  await assert.rejects(node.submit(await node.load(folder.workflow), {}), { code: "SYSTEM_TAKEN" });
});

Deno.test("validate and run tell what is wrong with the system of a workflow", async () => {
  const files = { ...FILES, "system.yaml": SYSTEM.replace("./listener.ts", "./nowhere.ts") };
  await withFolder(files, async (folder) => {
    const validated = await denizen(["validate", join(folder, "workflow.yaml")]);
    assert.equal(validated.code, 2);
    assert.match(validated.out, /system\.yaml:5:\d+/);
    assert.match(validated.out, /nowhere\.ts/);
    await Deno.remove(join(folder, "system.yaml"));
    const { code, out } = await denizen(["validate", join(folder, "workflow.yaml")]);
    assert.equal(code, 2);
    assert.match(out, /workflow\.yaml:3:\d+/);
    assert.match(out, /FILE_NOT_READABLE/);
  });
});

Deno.test("a workflow without system leaves agents with NO_ACTOR", async () => {
  await using folder = await WorkflowFolder.create({
    "workflow.yaml":
      'name: small\nagents: { a: { module: ./a.ts } }\ntasks: { t: { agent: a } }\noutput: "${{ tasks.t.output }}"\n',
    "a.ts": agentModule(
      `try { return await ctx.ask("actor://a", "x"); } catch (error: any) { return error.code; }`,
    ),
  });
  assert.equal((await folder.run()).output, "NO_ACTOR");
});
