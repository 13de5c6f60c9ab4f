/**
 * What an agent can do and what the scheduler gets, through real cells.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { DenizenError } from "../../core/errors.ts";
import { bundleAgent } from "../../runtime/cells/mod.ts";
import { agentSource, CellHarness, codeOf, isRunning, until } from "./cell_harness.ts";

Deno.test("cells answer every attempt of a large batch, each with its own output", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("return { twice: input * 2 };"), {
    concurrency: 64,
    replicas: { min: 0, max: 2 },
  });
  const inputs = Array.from({ length: 2_000 }, (_, at) => at);
  const settled = await fleet.run(key, inputs.map((input) => fleet.newAttempt(input)));
  assert.deepEqual(
    settled.map(({ outcome }) => outcome),
    inputs.map((input) => ({ status: "completed", output: { twice: input * 2 } })),
  );
});

Deno.test("cells spread attempts evenly over replicas that warm() brought up", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("return input;"), {
    concurrency: 8,
    replicas: { min: 2, max: 2 },
  });
  fleet.cells.warm(key);
  await until(() => fleet.cells.inspect().filter(({ state }) => state === "ready").length === 2);
  await fleet.run(key, Array.from({ length: 12 }, (_, at) => fleet.newAttempt(at)));
  assert.deepEqual(fleet.cells.inspect().map(({ attempts }) => attempts), [6, 6]);
});

Deno.test("cells tell the context what it needs to know", async () => {
  await using fleet = new CellHarness();
  const body = `return { run: ctx.run.id, task: ctx.task, index: ctx.index, attempt: ctx.attempt,
    capability: ctx.capability, aborted: ctx.signal.aborted };`;
  const settled = await fleet.runBody(body, { taskId: "measure", index: 3, attempt: 2 });
  assert.deepEqual(settled.outcome, {
    status: "completed",
    output: {
      run: "run-1",
      task: "measure",
      index: 3,
      attempt: 2,
      capability: null,
      aborted: false,
    },
  });
});

Deno.test("cells carry any JSON unharmed", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("return input;"));
  const values = [
    null,
    "line\nbreak \u2028 \ud83d\ude00",
    [[], {}],
    { "": 0, constructor: 1 },
    JSON.parse('{"__proto__":{"polluted":true}}'),
    -0.5e-300,
  ];
  for (const value of values) {
    const [settled] = await fleet.run(key, [fleet.newAttempt(value)]);
    assert.deepEqual(settled!.outcome, { status: "completed", output: value });
  }
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("cells relay progress and logs, and keep them within limits", async () => {
  await using fleet = new CellHarness();
  const body = `ctx.progress(0.25, "a quarter"); ctx.log.warn("look", { at: 1 });
    console.log("from console", { x: 1 });
    for (let i = 0; i < 1000; i++) { ctx.progress(i / 1000, "step " + i); ctx.log.info("line " + i); }
    return null;`;
  assert.equal(codeOf(await fleet.runBody(body)), "completed");
  const reports = fleet.reports.map(({ report }) => report);
  assert.deepEqual(reports[0], { type: "progress", fraction: 0.25, message: "a quarter" });
  assert.deepEqual(reports[1], { type: "log", level: "warn", message: "look", fields: { at: 1 } });
  assert.deepEqual(reports[2], { type: "log", level: "info", message: "from console { x: 1 }" });
  assert.ok(reports.length < 200, `${reports.length} reports`);
  assert.match(JSON.stringify(reports), /"step 999"/, "the last progress is told");
  assert.match(JSON.stringify(reports), /\d+ log lines were dropped/);
});

Deno.test("ctx.step() runs once, is acknowledged, and is not run again by the next attempt", async () => {
  await using fleet = new CellHarness();
  const body = `let ran = 0;
    const perform = () => { ran++; return { value: Math.random() }; };
    return { first: await ctx.step("draw", perform), ran };`;
  const first = await fleet.runBody(body);
  assert.ok(first.outcome.status === "completed");
  const output = first.outcome.output as { first: { value: number }; ran: number };
  assert.equal(output.ran, 1);
  const steps = fleet.reports.flatMap(({ report }) => report.type === "step" ? [report] : []);
  assert.deepEqual(steps.map(({ stepId, output }) => [stepId, output]), [["draw", output.first]]);
  const second = await fleet.runBody(body, { attempt: 2, steps: { draw: { value: 7 } } });
  assert.deepEqual(second.outcome, {
    status: "completed",
    output: { first: { value: 7 }, ran: 0 },
  });
});

Deno.test("ctx.step() refuses an id that the attempt has used, also while it runs", async () => {
  await using fleet = new CellHarness();
  const bodies = [
    'for (const n of [1, 2]) await ctx.step("fetch", () => n);',
    'await Promise.all([1, 2].map((n) => ctx.step("fetch", () => n)));',
  ];
  for (const body of bodies) {
    const { outcome } = await fleet.runBody(body);
    assert.ok(outcome.status === "failed");
    assert.equal(outcome.error.code, "STEP_REPEATED");
    assert.match(outcome.error.message, /"fetch" is used again .* own id, for instance `fetch-/);
  }
  const memoised = await fleet.runBody(bodies[0]!, { attempt: 2, steps: { fetch: 1 } });
  assert.ok(memoised.outcome.status === "failed");
  assert.equal(memoised.outcome.error.code, "STEP_REPEATED");
});

Deno.test("ctx.step() may try a step again that failed within the attempt", async () => {
  await using fleet = new CellHarness();
  const body = `let tries = 0;
    const perform = () => { if (++tries < 2) throw new Error("no"); return tries; };
    return await ctx.step("try", perform).catch(() => ctx.step("try", perform));`;
  const { outcome } = await fleet.runBody(body);
  assert.deepEqual(outcome, { status: "completed", output: 2 });
});

Deno.test("ctx.step() runs many steps at once without losing one", async () => {
  await using fleet = new CellHarness();
  const body = `const all = Array.from({ length: 500 }, (_, i) => ctx.step("s" + i, () => i));
    return (await Promise.all(all)).reduce((a, b) => a + b, 0);`;
  const settled = await fleet.runBody(body);
  assert.deepEqual(settled.outcome, { status: "completed", output: 124_750 });
});

Deno.test("cells tell an agent's own error with code, details and retryable", async () => {
  await using fleet = new CellHarness();
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/agent.ts`;
    await Deno.writeTextFile(
      file,
      `import { AgentError, defineAgent } from "denizen";
       export default defineAgent({ name: "own", run() {
         throw new AgentError("NO_SUCH_THING", "Could not find it", { retryable: true, details: { id: 7 } });
       } });`,
    );
    const { code } = await bundleAgent(file, { root: folder, cacheDir: `${folder}/cache` });
    const [settled] = await fleet.run(fleet.register(code), [fleet.newAttempt()]);
    assert.deepEqual(settled!.outcome, {
      status: "failed",
      error: {
        code: "NO_SUCH_THING",
        message: "Could not find it",
        retryable: true,
        details: { id: 7 },
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const FAILURES: [body: string, code: string, message: RegExp][] = [
  ['throw new Error("plain")', "FAILED", /^plain$/],
  ['throw new TypeError("typed")', "FAILED", /^TypeError: typed$/],
  ["throw null", "FAILED", /^null$/],
  ["throw { get message() { throw 1; } }", "FAILED", /cannot be read/],
  [
    'throw Object.assign(new Error("x"), { name: "AgentError", code: "not a code" })',
    "FAILED",
    /x/,
  ],
  [
    'throw new Error("outer", { cause: new Deno.errors.NotCapable("inner") })',
    "PERMISSION_DENIED",
    /outer/,
  ],
  ["return () => 1", "INVALID_OUTPUT", /a function/],
  ["return { a: [1, NaN] }", "INVALID_OUTPUT", /no JSON: a\[1\] is NaN/],
  ["return { files: new Map() }", "INVALID_OUTPUT", /no JSON: files is of class Map/],
  ["return await ctx.step('s', () => [undefined])", "INVALID_OUTPUT", /step "s" .* \[0\] is undef/],
  ["return 10n", "INVALID_OUTPUT", /BigInt/],
  ["const a = {}; a.a = a; return a", "INVALID_OUTPUT", /circular/],
  ["return { toJSON() { throw new Error('no') } }", "INVALID_OUTPUT", /no JSON: no/],
  ["await ctx.model({})", "NOT_SUPPORTED", /ctx\.model .* use .fetch./],
  ["await ctx.tool('x')", "NOT_SUPPORTED", /ctx\.tool/],
  ["await ctx.emit('x')", "NO_ACTOR", /no actor system/],
];

Deno.test("cells give each kind of failure its code", async () => {
  await using fleet = new CellHarness();
  for (const [body, code, message] of FAILURES) {
    const settled = await fleet.runBody(body);
    assert.equal(codeOf(settled), code, body);
    assert.match(settled.outcome.status === "failed" ? settled.outcome.error.message : "", message);
  }
});

Deno.test("cells check input and output against the schemas of the capability", async () => {
  const folder = await Deno.makeTempDir({ prefix: "with space " });
  try {
    const file = `${folder}/agent.ts`;
    await Deno.writeTextFile(
      file,
      `import { defineAgent } from "denizen";
       import { z } from "zod";
       export default defineAgent({ name: "typed", capabilities: { "list.make": {
           input: z.object({ size: z.number(), files: z.array(z.string()).default([]) }),
           output: z.object({ items: z.array(z.number()) }),
         } },
         run: (input) => ({ items: input.size < 0 ? ["x"] : Array(input.size).fill(input.files.length) }) as never,
       });`,
    );
    const { code } = await bundleAgent(file, { root: folder, cacheDir: `${folder}/cache` });
    await using fleet = new CellHarness();
    const key = fleet.register(code);
    const { manifest: _, manifestHash, ...info } = await fleet.cells.describe(key);
    assert.deepEqual(info, {
      kind: "agent",
      name: "typed",
      capabilities: ["list.make"],
      isPersistent: false,
    });
    assert.match(manifestHash!, /^[0-9a-f]{64}$/);
    const [good, badInput, badOutput, unknown] = await fleet.run(key, [
      fleet.newAttempt({ size: 2 }),
      fleet.newAttempt({ size: 2, files: ["a", 1] }, { capability: "list.make" }),
      fleet.newAttempt({ size: -1 }),
      fleet.newAttempt({ size: 1 }, { capability: "other" }),
    ]);
    assert.deepEqual(good!.outcome, { status: "completed", output: { items: [0, 0] } });
    assert.equal(codeOf(badInput!), "INVALID_INPUT");
    assert.match(JSON.stringify(badInput!.outcome), /files\[1\]: /);
    assert.equal(codeOf(badOutput!), "INVALID_OUTPUT");
    assert.match(JSON.stringify(badOutput!.outcome), /items\[0\]: /);
    assert.equal(codeOf(unknown!), "INVALID_INPUT");
    assert.match(JSON.stringify(unknown!.outcome), /only: list\.make/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cells abort an attempt at its time limit and keep the cell when it obeys", async () => {
  await using fleet = new CellHarness();
  const settled = await fleet.runBody("await ctx.sleep(60_000);", { timeoutMs: 300 });
  assert.equal(codeOf(settled), "TIMEOUT");
  assert.ok(settled.tookMs < 20_000);
  assert.equal(fleet.cells.inspect()[0]?.state, "ready");
});

Deno.test("cells answer bystanders of a kill as lost", async () => {
  await using fleet = new CellHarness();
  const body = 'if (input === "stuck") await new Promise(() => {}); await ctx.sleep(60_000);';
  const key = fleet.register(agentSource(body), { concurrency: 2 });
  const [stuck, bystander] = await fleet.run(key, [
    fleet.newAttempt("stuck", { timeoutMs: 300 }),
    fleet.newAttempt("calm", { timeoutMs: 30_000 }),
  ]);
  assert.equal(codeOf(stuck!), "TIMEOUT");
  assert.ok(bystander!.outcome.status === "failed" && bystander!.outcome.lost === true);
});

Deno.test("cancel() ends attempts that run, that ignore it, and that wait", async () => {
  await using fleet = new CellHarness();
  const body = 'if (input === "deaf") await new Promise(() => {}); await ctx.sleep(60_000);';
  const key = fleet.register(agentSource(body));
  const attempts = ["obedient", "deaf", "waiting"].map((input) => fleet.newAttempt(input));
  const all = attempts.map((attempt) => fleet.run(key, [attempt]));
  fleet.cells.cancel(attempts[2]!);
  assert.equal(codeOf((await all[2]!)[0]!), "CANCELLED");
  for (const at of [0, 1]) {
    await until(() => fleet.cells.inspect().some((cell) => cell.inFlight === 1));
    fleet.cells.cancel(attempts[at]!, { graceMs: 100 });
    assert.equal(codeOf((await all[at]!)[0]!), "CANCELLED");
  }
  fleet.cells.cancel(attempts[0]!);
});

Deno.test("capacity() counts places that are free, in cells and before them", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("await ctx.sleep(200); return 1;"), {
    concurrency: 3,
    replicas: { min: 0, max: 2 },
  });
  assert.equal(fleet.cells.capacity(key), 6);
  const running = fleet.run(key, [1, 2, 3, 4].map((input) => fleet.newAttempt(input)));
  assert.equal(fleet.cells.capacity(key), 2);
  await running;
  assert.equal(fleet.cells.capacity(key), 6);
});

Deno.test("register() gives equal agents one key and different ones another", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register("export default 1;");
  assert.equal(fleet.register("export default 1;"), key);
  assert.notEqual(fleet.register("export default 2;"), key);
  assert.notEqual(fleet.register("export default 1;", { permissions: { read: ["/x"] } }), key);
  assert.notEqual(fleet.register("export default 1;", { memoryMb: 64 }), key);
});

Deno.test("cells close when they have been idle, and come back for the next attempt", async () => {
  await using fleet = new CellHarness({ idleMs: 100 });
  const key = fleet.register(agentSource("return 1;"));
  await fleet.run(key, [fleet.newAttempt()]);
  await until(() => fleet.cells.inspect().length === 0);
  const [again] = await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(codeOf(again!), "completed");
});

Deno.test("cells hand a spare to an agent without permissions and fill it up again", async () => {
  await using fleet = new CellHarness({ spares: 1 });
  await until(() => fleet.cells.inspect().some((cell) => cell.state === "blank"));
  const [spare] = fleet.cells.inspect();
  assert.equal(spare!.agent, null);
  const key = fleet.register(agentSource("return 1;"), { memoryMb: 256 });
  await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(fleet.cells.inspect().find((cell) => cell.pid === spare!.pid)?.agent, "test");
  await until(() => fleet.cells.inspect().some((cell) => cell.agent === null));
});

Deno.test("describe() and attempts fail alike when the module is no agent", async () => {
  await using fleet = new CellHarness();
  const cases: [code: string, message: RegExp][] = [
    ["export const x = 1;", /no agent/],
    ['throw new Error("at load");', /at load/],
    ["export default { name: 'x' };", /no agent/],
  ];
  for (const [code, message] of cases) {
    const key = fleet.register(code);
    await assert.rejects(
      fleet.cells.describe(key),
      (error: DenizenError) => error.code === "AGENT_INVALID" && message.test(error.message),
    );
    const [settled] = await fleet.run(key, [fleet.newAttempt()]);
    assert.equal(codeOf(settled!), "AGENT_INVALID");
  }
});

Deno.test("cells recover when a cell dies between attempts", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("return input;"));
  await fleet.run(key, [fleet.newAttempt(1)]);
  const { pid } = fleet.cells.inspect()[0]!;
  Deno.kill(pid, "SIGKILL");
  await until(() => !fleet.cells.inspect().some((cell) => cell.pid === pid));
  const [again] = await fleet.run(key, [fleet.newAttempt(2)]);
  assert.deepEqual(again!.outcome, { status: "completed", output: 2 });
});

Deno.test("no cell is left when its node is killed, even one that loops", async () => {
  await killNode("./doomed_node.ts", 3);
});

Deno.test("no cell is left when its node is killed on a system without guards", async () => {
  await killNode("./doomed_bare_cell.ts", 1);
});

/** Starts a script that prints the ids of its cells, kills it, and waits until they are gone. */
async function killNode(name: string, cells: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const script = fileURLToPath(new URL(name, import.meta.url));
  const node = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, folder],
    stdout: "piped",
    // Any folder will do: nothing may depend on where a node was started.
    cwd: "/",
  }).spawn();
  const reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const pids = JSON.parse(value!.split("\n")[0]!) as number[];
  assert.equal(pids.length, cells);
  assert.ok(pids.every(isRunning));
  node.kill("SIGKILL");
  await reader.cancel();
  await node.status;
  await until(() => !pids.some(isRunning), 5_000);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("programs that an agent started end with its cell", async () => {
  await using fleet = new CellHarness();
  const body = `const child = new Deno.Command("sleep", { args: ["600"] }).spawn();
    ctx.log.info(String(child.pid)); await new Promise(() => {});`;
  const settled = await fleet.runBody(body, { permissions: { run: ["sleep"] }, timeoutMs: 500 });
  assert.equal(codeOf(settled), "TIMEOUT");
  const log = fleet.reports.find(({ report }) => report.type === "log")?.report;
  const pid = Number(log?.type === "log" && log.message);
  assert.ok(pid > 1);
  await until(() => !isRunning(pid));
});
