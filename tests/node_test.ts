/** A node with real cells and a real store file, used as a program that embeds it would. */
import assert from "node:assert/strict";
import { openReader, type RunHandle, type RunUpdate } from "../mod.ts";
import { openKvStore } from "../runtime/store/mod.ts";
import { agentModule, WorkflowFolder } from "./workflow_folder.ts";

const AGENT = `
agents:
  a: { module: ./agent.ts, concurrency: 4 }
`;

function workflow(tasks: string, rest = ""): string {
  return `name: test\n${AGENT}\n${rest}\ntasks:\n${tasks}`;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn++) {
    assert.ok(turn < 2_000, "waited for too long");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Gives the run's partition to a process that is dead already, as if its own had died. */
async function depose(folder: WorkflowFolder, runId: string): Promise<void> {
  const store = await openKvStore(`${folder.dataDir}/denizen.kv`);
  const { partition } = (await store.run(runId))!;
  const { term, holder } = await store.term(partition);
  const dead = { nodeId: "dead", host: holder!.host, pid: 2 ** 22 + 1, processStart: "1" };
  await store.claim(partition, dead, term);
  store.close();
}

Deno.test("node: passes outputs from task to task and keeps large ones whole", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("return { text: input.text.repeat(input.times) };"),
    "workflow.yaml": workflow(
      `
  small: { agent: a, with: { text: "äb", times: 2 } }
  large: { needs: [small], agent: a, with: { text: "\${{ tasks.small.output.text }}", times: 500000 } }
`,
      "output: { small: '${{ tasks.small.output.text }}', size: '${{ size(tasks.large.output.text) }}' }",
    ),
  });
  const view = await folder.run();
  assert.deepEqual(view.output, { small: "äbäb", size: 2_000_000 });
  const reader = await openReader({ dataDir: folder.dataDir });
  assert.deepEqual((await reader.show(view.runId))?.output, view.output);
  reader.close();
});

Deno.test("node: the same idempotency key answers the same run", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("return Math.random();"),
    "workflow.yaml": workflow("  one: { agent: a }", "output: '${{ tasks.one.output }}'"),
  });
  const outputs = new Set<unknown>();
  const ids = new Set<string>();
  for (let turn = 0; turn < 2; turn++) {
    await using open = folder.open();
    const loaded = await open.node.load(folder.workflow);
    const runs = await Promise.all([1, 2].map(() => open.node.submit(loaded, {}, { id: "key-1" })));
    for (const run of runs) {
      outputs.add((await run.finished).output);
      ids.add(run.runId);
    }
  }
  assert.equal(ids.size, 1);
  assert.equal(outputs.size, 1);
});

Deno.test("node: an error of the agent's own keeps its code; retryable ones are retried", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule(`
    if (input.tries !== undefined && ctx.attempt < input.tries) {
      throw new AgentError("BUSY", "come again", { retryable: true });
    }
    if (input.code) throw new AgentError(input.code, "told to fail", { details: { n: 1 } });
    return ctx.attempt;`),
    "workflow.yaml": workflow(`
  patient: { agent: a, with: { tries: 3 }, retry: { backoff: { initial: 1ms } } }
  broken: { agent: a, with: { code: NO_PAPER }, continueOnError: true }
`),
  });
  const view = await folder.run();
  assert.equal(view.status, "completed");
  assert.deepEqual(view.tasks.map((task) => [task.id, task.status, task.attempts]), [
    ["patient", "completed", 3],
    ["broken", "failed", 1],
  ]);
  assert.equal(view.tasks[1]!.error?.code, "NO_PAPER");
});

Deno.test("node: a finished step is not taken again by the next attempt", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule(`
    const drawn = await ctx.step("draw", () => Math.random());
    if (ctx.attempt < 3) throw new AgentError("AGAIN", String(drawn), { retryable: true });
    return drawn;`),
    "workflow.yaml": workflow("  one: { agent: a, retry: { backoff: { initial: 1ms } } }"),
  });
  await using open = folder.open();
  const drawn: string[] = [];
  open.node.subscribe(({ event }) => {
    if (event?.type === "AttemptFailed") drawn.push(event.error.message);
    if (event?.type === "TaskCompleted") drawn.push(String(event.output));
  });
  const run = await open.node.submit(await open.node.load(folder.workflow), {});
  await run.finished;
  assert.equal(drawn.length, 3);
  assert.equal(new Set(drawn).size, 1);
});

Deno.test("node: an attempt that takes too long fails with TIMEOUT", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(60_000);"),
    "workflow.yaml": workflow(
      "  slow: { agent: a, timeout: 200ms, retry: { maxAttempts: 2, backoff: { initial: 1ms } } }",
    ),
  });
  const view = await folder.run();
  assert.equal(view.error?.code, "TIMEOUT");
  assert.equal(view.tasks[0]!.attempts, 2);
});

Deno.test("node: cancelling aborts what runs and ends the run as cancelled", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(60_000);"),
    "workflow.yaml": workflow("  slow: { agent: a }\n  next: { needs: [slow], agent: a }"),
  });
  await using open = folder.open();
  const run = await open.node.submit(await open.node.load(folder.workflow), {});
  await until(() => run.view().tasks[0]!.status === "running");
  await open.node.cancel(run.runId, "no longer needed");
  const view = await run.finished;
  assert.equal(view.status, "cancelled");
  assert.deepEqual(view.tasks.map((task) => task.status), ["cancelled", "cancelled"]);
});

Deno.test("node: another process pauses, resumes and cancels through the store", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(30);"),
    "workflow.yaml": workflow(
      "  many: { forEach: '${{ input.items }}', maxParallel: 1, agent: a }",
    ),
  });
  await using open = folder.open();
  const items = Array.from({ length: 500 }, (_, at) => at);
  const loaded = await open.node.load(folder.workflow);
  const run = await open.node.submit(loaded, { items });
  const reader = await openReader({ dataDir: folder.dataDir });
  await until(async () => (await reader.list()).items.length === 1);
  await reader.request(run.runId, { type: "pause" });
  await until(() => run.view().status === "paused");
  await reader.request(run.runId, { type: "resume" });
  await until(() => run.view().status === "running");
  await reader.request(run.runId, { type: "cancel", reason: "enough" });
  assert.equal((await run.finished).status, "cancelled");
  await assert.rejects(reader.request(run.runId, { type: "cancel" }), { code: "RUN_CLOSED" });
  reader.close();
});

Deno.test("node: retry goes on with what did not complete", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule(`
    if (ctx.task === "second") await Deno.stat(input.gate).catch(() => { throw new AgentError("SHUT", "no gate"); });
    return crypto.randomUUID();`),
    "workflow.yaml": `name: test
input: { type: object, properties: { gate: { type: string } } }
agents:
  a: { module: ./agent.ts, permissions: { read: ["\${{ input.gate }}"] } }
tasks:
  first: { agent: a }
  second: { needs: [first], agent: a, with: { gate: "\${{ input.gate }}" } }
output: "\${{ tasks.first.output }}"
`,
  });
  const gate = `${folder.path}/gate`;
  let runId: string;
  let first: unknown;
  {
    await using open = folder.open();
    const run = await open.node.submit(await open.node.load(folder.workflow), { gate });
    open.node.subscribe(({ event }) => {
      if (event?.type === "TaskCompleted" && event.task === "first") first = event.output;
    });
    assert.equal((await run.finished).error?.code, "SHUT");
    runId = run.runId;
  }
  await Deno.writeTextFile(gate, "");
  await using open = folder.open();
  const view = await (await open.node.retry(runId)).finished;
  assert.equal(view.status, "completed");
  assert.equal(view.output, first);
  await assert.rejects(open.node.retry(runId), {
    code: "RUN_NOT_RETRYABLE",
    hint: new RegExp(`runs show ${runId}$`),
  });
});

Deno.test("node: two nodes work on one data directory side by side", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(input.n < 0 ? 3000 : 20); return input.n;"),
    "workflow.yaml": workflow("  one: { agent: a, with: { n: '${{ input.n }}' } }"),
  });
  await using left = folder.open();
  await using right = folder.open();
  const loaded = await Promise.all([
    left.node.load(folder.workflow),
    right.node.load(folder.workflow),
  ]);
  const submit = (n: number): Promise<RunHandle> =>
    [left, right][n % 2]!.node.submit(loaded[n % 2]!, { n });
  const runs = await Promise.all(Array.from({ length: 40 }, (_, n) => submit(n)));
  for (const run of runs) assert.equal((await run.finished).status, "completed");
  const reader = await openReader({ dataDir: folder.dataDir });
  assert.equal((await reader.list({ limit: 100 })).items.length, 40);
  await assert.rejects(
    async () => {
      const run = await left.node.submit(loaded[0]!, { n: -1 }, { id: "listed-at-once" });
      await right.node.resume(run.runId).finally(() => run.finished);
    },
    { code: "RUN_ACTIVE" },
  );
  reader.close();
});

Deno.test("node: one that was deposed writes nothing more, and another goes on", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(20); return input.n;"),
    "workflow.yaml": workflow(
      "  many: { forEach: '${{ input.items }}', maxParallel: 1, agent: a }",
    ),
  });
  await using old = folder.open();
  const items = Array.from({ length: 60 }, (_, at) => at);
  const run = await old.node.submit(await old.node.load(folder.workflow), { items });
  const lost = assert.rejects(run.finished, { code: "FENCED" });
  await until(() => run.view().tasks[0]!.items?.completed === 5);
  await depose(folder, run.runId);
  await lost;
  await until(() => old.node.inspectCells().every((cell) => cell.inFlight === 0));
  await using next = folder.open();
  const [resumed] = await next.node.resume(run.runId);
  const view = await resumed!.finished;
  assert.equal(view.status, "completed");
  assert.equal(view.tasks[0]!.items?.completed, 60);
});

Deno.test("node: a run that was retried long after its end is found again after a crash", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule(`
    if (input.gate === undefined) return 1;
    const isOpen = await Deno.stat(input.gate).then(() => true, () => false);
    if (!isOpen) throw new AgentError("SHUT", "no gate");
    await ctx.sleep(300);
    return 2;`),
    "workflow.yaml": `name: test
input: { type: object, properties: { gate: { type: string, default: /nowhere } } }
agents: { a: { module: ./agent.ts, permissions: { read: ["\${{ input.gate }}"] } } }
tasks: { one: { agent: a, with: { gate: "\${{ input.gate }}" } } }
output: "\${{ tasks.one.output }}"
`,
    "quick.yaml": "name: quick\ntasks: { one: { value: 1 } }\n",
  });
  const gate = `${folder.path}/gate`;
  let runId: string;
  {
    await using open = folder.open();
    const run = await open.node.submit(await open.node.load(folder.workflow), { gate });
    assert.equal((await run.finished).error?.code, "SHUT");
    runId = run.runId;
    const quick = await open.node.load(`${folder.path}/quick.yaml`);
    // So many commits that a recovery no longer reads as far back as that run.
    for (let n = 0; n < 200; n++) await (await open.node.submit(quick, {})).finished;
    const keeper = await open.node.submit(await open.node.load(folder.workflow), {});
    await keeper.finished;
  }
  await Deno.writeTextFile(gate, "");
  await using open = folder.open();
  const retried = await open.node.retry(runId);
  const lost = assert.rejects(retried.finished, { code: "FENCED" });
  await until(() => retried.view().status === "running");
  await depose(folder, runId);
  await lost;
  await using next = folder.open();
  const [resumed] = await next.node.resume(runId);
  assert.equal((await resumed!.finished).output, 2);
});

Deno.test("node: cancelling what a crash left starts none of it again", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("await ctx.sleep(60_000);"),
    "workflow.yaml": workflow("  slow: { agent: a }"),
  });
  await using old = folder.open();
  const run = await old.node.submit(await old.node.load(folder.workflow), {}, { id: "k" });
  const lost = assert.rejects(run.finished, { code: "FENCED" });
  await until(() => run.view().tasks[0]!.status === "running");
  await depose(folder, run.runId);
  await old.node.pause(run.runId).catch(() => {});
  await lost;
  await using next = folder.open();
  await assert.rejects(next.node.retry(run.runId), { code: "RUN_NOT_RETRYABLE" });
  await next.node.cancel(run.runId, "left behind");
  const reader = await openReader({ dataDir: folder.dataDir });
  const view = await reader.show(run.runId);
  reader.close();
  assert.equal(view?.status, "cancelled");
  assert.equal(view?.tasks[0]?.attempts, 1);
});

Deno.test("node: a place that a closed run leaves goes to the next one", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule(
      "if (input.ms) for (;;) await new Promise((r) => setTimeout(r, 20)); return 1;",
    ),
    "workflow.yaml": `name: test
input: { type: object, properties: { ms: { type: integer, default: 0 } } }
agents: { a: { module: ./agent.ts, replicas: { max: 1 } } }
tasks: { one: { agent: a, with: { ms: "\${{ input.ms }}" }, timeout: { attempt: 300ms, total: 300ms } } }
`,
  });
  await using open = folder.open();
  const loaded = await open.node.load(folder.workflow);
  const stuck = await open.node.submit(loaded, { ms: 1 });
  await until(() => stuck.view().tasks[0]!.status === "running");
  assert.equal((await stuck.finished).error?.code, "TIMEOUT");
  const workflowOfNext = await open.node.submit(loaded, {});
  assert.ok(["completed", "failed"].includes((await workflowOfNext.finished).status));
});

Deno.test("node: a listener that throws harms no run", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule('ctx.progress(0.5, "half"); return 1;'),
    "workflow.yaml": workflow("  one: { agent: a }"),
  });
  await using open = folder.open();
  const told: string[] = [];
  open.node.subscribe(() => {
    throw new Error("a broken listener of the test");
  });
  open.node.subscribe((update) => told.push(update.type));
  const run = await open.node.submit(await open.node.load(folder.workflow), {});
  assert.equal((await run.finished).status, "completed");
  assert.ok(told.includes("event"));
});

Deno.test("node: two nodes given the same key at once run it once", async () => {
  await using folder = await WorkflowFolder.create({
    "workflow.yaml": "name: quick\ntasks: { one: { wait: { for: 50ms } } }\n",
    "other.yaml": "name: other\ntasks: { one: { value: 1 } }\n",
  });
  await using left = folder.open();
  await using right = folder.open();
  const nodes = [left.node, right.node];
  const loaded = await Promise.all(nodes.map((node) => node.load(folder.workflow)));
  const ids = new Map<string, number>();
  for (let key = 0; key < 20; key++) {
    const both = await Promise.allSettled(
      nodes.map((node, at) => node.submit(loaded[at]!, {}, { id: `key-${key}` })),
    );
    for (const one of both) {
      if (one.status === "fulfilled") ids.set(one.value.runId, key);
      else assert.equal(one.reason.code, "RUN_ACTIVE");
    }
  }
  assert.equal(new Set(ids.values()).size, 20);
  assert.equal(ids.size, 20);
  const other = await left.node.load(`${folder.path}/other.yaml`);
  await assert.rejects(
    async () =>
      await Promise.any(nodes.map((node) => node.submit(other, {}, { id: "key-0" })))
        .catch((error: AggregateError) => Promise.reject(error.errors[0])),
    (error: { code: string }) => ["KEY_MISMATCH", "RUN_ACTIVE"].includes(error.code),
  );
});

Deno.test("node: a workflow in flight keeps its code when the files change", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule('await ctx.sleep(50); return "old";'),
    "workflow.yaml": workflow(
      "  one: { agent: a }\n  two: { needs: [one], agent: a }",
      "output: '${{ tasks.two.output }}'",
    ),
  });
  await using open = folder.open();
  const run = await open.node.submit(await open.node.load(folder.workflow), {});
  await Deno.writeTextFile(`${folder.path}/agent.ts`, agentModule('return "new";'));
  assert.equal((await run.finished).output, "old");
  const next = await open.node.submit(await open.node.load(folder.workflow), {});
  assert.equal((await next.finished).output, "new");
});

Deno.test("node: the agent's own progress and log lines reach listeners", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule('ctx.progress(0.5, "half"); ctx.log.info("hello", { n: 1 });'),
    "workflow.yaml": workflow("  each: { forEach: '${{ [1, 2] }}', agent: a }"),
  });
  await using open = folder.open();
  const updates: RunUpdate[] = [];
  open.node.subscribe((update) => updates.push(update));
  await (await open.node.submit(await open.node.load(folder.workflow), {})).finished;
  const progress = updates.find((update) =>
    update.type === "progress" && update.taskId === "each[1]"
  );
  assert.deepEqual([progress?.fraction, progress?.message], [0.5, "half"]);
  const log = updates.find((update) => update.type === "log" && update.taskId === "each[0]");
  assert.deepEqual([log?.level, log?.message, log?.fields], ["info", "hello", { n: 1 }]);
});

Deno.test("node: input is checked against the schema, and its defaults applied", async () => {
  await using folder = await WorkflowFolder.create({
    "agent.ts": agentModule("return input;"),
    "workflow.yaml": workflow(
      "  one: { value: { n: '${{ input.n + 1 }}' } }",
      "input: { type: object, properties: { n: { type: integer, default: 4 } } }\noutput: '${{ tasks.one.output.n }}'",
    ),
  });
  assert.equal((await folder.run()).output, 5);
  await assert.rejects(folder.run({ n: "four" }), { code: "INVALID_INPUT", message: /integer/ });
  await assert.rejects(folder.run({ m: 1 }), {
    code: "INVALID_INPUT",
    message: /"m" is not an input/,
  });
});

Deno.test("node: capability tasks go to the agent whose module offers it", async () => {
  const capable = (name: string) => `
import { defineAgent } from "denizen";
export default defineAgent({ name: "x", capabilities: { "${name}": {} }, run: () => "${name}" });
`;
  await using folder = await WorkflowFolder.create({
    "red.ts": capable("paint.red"),
    "blue.ts": capable("paint.blue"),
    "workflow.yaml": `name: test
agents: { red: { module: ./red.ts }, blue: { module: ./blue.ts } }
tasks: { paint: { capability: paint.blue } }
output: "\${{ tasks.paint.output }}"
`,
  });
  const view = await folder.run();
  assert.equal(view.output, "paint.blue");
  assert.equal(view.tasks[0]!.agent, "blue");
});
