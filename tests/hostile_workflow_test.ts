/**
 * A workflow with one hostile agent among five good ones, on a node as users run it: the bad task
 * fails with the right code, the good ones complete, the node's event loop keeps turning, and
 * afterwards nothing burns. What an agent tried beyond its permissions is on the run's record.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { openReader } from "../mod.ts";
import { cpuTicks } from "../runtime/cells/proc.ts";
import { LoopProbe } from "./cells/cell_harness.ts";
import { agentModule, WorkflowFolder } from "./workflow_folder.ts";

interface Hostile {
  name: string;
  body: string;
  code: string;
  /** Keys of the hostile task, instead of those below. */
  limits?: string;
}

/** For those that are to be found by their silence. */
const IMPATIENT = "timeout: { attempt: 10s, heartbeat: 1500ms }";
/** The others have time to do their worst on a slow machine. */
const PATIENT = "timeout: { attempt: 30s, heartbeat: 20s }";

const HOSTILE: Hostile[] = [
  { name: "endless loop", body: "for (;;);", code: "UNRESPONSIVE" },
  {
    name: "endless loop after a heartbeat",
    body: "await ctx.sleep(700); for (;;);",
    code: "UNRESPONSIVE",
  },
  {
    name: "heap bomb",
    body: "const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5));",
    code: "OUT_OF_MEMORY",
  },
  {
    name: "ArrayBuffer bomb",
    body: "const a = []; for (;;) { a.push(new Uint8Array(4e6).fill(1)); await ctx.heartbeat(); }",
    code: "OUT_OF_MEMORY",
  },
  {
    name: "kill of its own process",
    body: 'Deno.kill(Deno.pid, "SIGKILL"); await new Promise(() => {});',
    code: "CRASHED",
  },
  { name: "Deno.exit", body: "Deno.exit(0);", code: "CRASHED" },
  {
    name: "unhandled rejection",
    body: 'Promise.reject(new Error("boom")); await new Promise(() => {});',
    code: "CRASHED",
  },
  {
    name: "error with a megabyte of ANSI",
    body: 'throw new Error("\\u001b[31mred\\u001b[0m\\u0007".repeat(80_000));',
    code: "FAILED",
  },
  {
    name: "message flood",
    body: "for (;;) { for (let i = 0; i < 500; i++) self.postMessage(i); await ctx.heartbeat(); }",
    code: "MESSAGE_FLOOD",
  },
  { name: "result of 100 MB", body: 'return "x".repeat(100e6);', code: "INVALID_OUTPUT" },
  {
    name: "silence",
    body: "await new Promise(() => {});",
    code: "TIMEOUT",
    limits: "timeout: { attempt: 1s, heartbeat: 30s }",
  },
];

/** Less than an attempt has for them, with room for a busy machine. */
const WITHIN_MS = 25_000;

function hostileWorkflow(
  { code, limits = code === "UNRESPONSIVE" ? IMPATIENT : PATIENT }: Hostile,
) {
  return `name: hostile
agents:
  bad: { module: ./bad.ts, memoryMb: 256 }
  good: { module: ./good.ts, replicas: { min: 1, max: 2 } }
tasks:
  bad: { agent: bad, ${limits}, retry: { maxAttempts: 1 }, continueOnError: true }
  good: { forEach: "\${{ [1, 2, 3, 4, 5] }}", agent: good, with: { n: "\${{ item }}" } }
output: "\${{ tasks.good.output }}"
`;
}

const WINDOW_MS = 500;
const WINDOWS_MAX = 40;

/** In a while no cell of the node uses more than a tenth of a processor: those that start do. */
async function assertCalm(inspect: () => { pid: number }[]): Promise<void> {
  let used: number[] = [];
  for (let window = 0; window < WINDOWS_MAX; window++) {
    const before = new Map(inspect().map(({ pid }) => [pid, cpuTicks(pid) ?? 0]));
    await sleep(WINDOW_MS);
    used = inspect().map(({ pid }) => (cpuTicks(pid) ?? 0) - (before.get(pid) ?? 0));
    if (used.every((ticks) => ticks < WINDOW_MS / 100)) return;
  }
  assert.fail(`cells burn on: ${used} ticks of 10 ms in ${WINDOW_MS} ms`);
}

for (const hostile of HOSTILE) {
  Deno.test({
    name: `workflow: ${hostile.name} fails its task alone`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      await using folder = await WorkflowFolder.create({
        "bad.ts": agentModule(hostile.body),
        "good.ts": agentModule("await ctx.sleep(100); return input.n;"),
        "workflow.yaml": hostileWorkflow(hostile),
      });
      await using open = folder.open();
      const loaded = await open.node.load(folder.workflow);
      using probe = new LoopProbe();
      const startedAt = performance.now();
      const run = await open.node.submit(loaded, {});
      const view = await run.finished;
      assert.ok(performance.now() - startedAt < WITHIN_MS, "took too long");
      const [bad] = view.tasks;
      assert.equal(bad!.status, "failed");
      assert.equal(bad!.error?.code, hostile.code, bad!.error?.message);
      assert.ok(JSON.stringify(bad).length < 10_000, "the record is bounded");
      assert.equal(view.status, "completed");
      assert.deepEqual(view.output, [1, 2, 3, 4, 5]);
      // 200 ms is the promise; a slow machine needs room.
      assert.ok(probe.worstMs < 400, `event loop stood still for ${Math.round(probe.worstMs)} ms`);
      await assertCalm(() => open.node.inspectCells());
    },
  });
}

async function denialsOf(folder: WorkflowFolder, runId: string): Promise<string[]> {
  const reader = await openReader({ dataDir: folder.dataDir });
  const denials: string[] = [];
  for await (const { event } of reader.events(runId)) {
    if (event.type === "PermissionDenied") denials.push(`${event.permission} ${event.value}`);
  }
  reader.close();
  return denials;
}

Deno.test("workflow: a denial that the agent swallows is on the run's record", async () => {
  await using folder = await WorkflowFolder.create({
    "bad.ts": agentModule(`
    const tried = [
      () => Deno.readTextFile("/etc/hostname"),
      () => Deno.env.get("HOME"),
      () => new Deno.Command("id").output(),
      () => fetch("http://127.0.0.1:1234/"),
    ];
    const caught = [];
    for (const attempt of tried) {
      try { await attempt(); caught.push("reached"); } catch (error) { caught.push(error.name); }
    }
    return caught;`),
    "workflow.yaml": `name: swallow
agents: { bad: { module: ./bad.ts } }
tasks: { try: { agent: bad } }
output: "\${{ tasks.try.output }}"
`,
  });
  const view = await folder.run();
  assert.equal(view.status, "completed");
  assert.deepEqual(view.output, Array(4).fill("NotCapable"));
  const denials = await denialsOf(folder, view.runId);
  for (const denial of ["read /etc/hostname", "env HOME", "net 127.0.0.1:1234"]) {
    assert.ok(denials.includes(denial), `${denial} is not among ${denials.join(", ")}`);
  }
  assert.ok(denials.some((denial) => denial.startsWith("run ")), denials.join(", "));
});

Deno.test("workflow: a static import of a foreign file is denied, on the record", async () => {
  await using outside = await WorkflowFolder.create({ "secret.ts": "export default 'secret';" });
  await using folder = await WorkflowFolder.create({
    "bad.ts": `import secret from "${outside.path}/secret.ts";
export default { name: "bad", run: () => secret };
`,
    "workflow.yaml": `name: reach
agents: { bad: { module: ./bad.ts } }
tasks: { try: { agent: bad } }
`,
  });
  const view = await folder.run();
  assert.equal(view.status, "failed");
  assert.equal(view.error?.code, "PERMISSION_DENIED");
  const denials = await denialsOf(folder, view.runId);
  assert.ok(denials.includes(`read ${outside.path}/secret.ts`), denials.join(", "));
});

Deno.test("workflow: a link inside the grant leads nowhere", async () => {
  await using outside = await WorkflowFolder.create({ "secret.txt": "secret" });
  await using folder = await WorkflowFolder.create({
    "bad.ts": agentModule("return Deno.readTextFileSync(input.file);"),
    "workflow.yaml": `name: link
input: { type: object, properties: { folder: { type: string } } }
agents: { bad: { module: ./bad.ts, permissions: { read: ["\${{ input.folder }}"] } } }
tasks: { try: { agent: bad, with: { file: "\${{ input.folder }}/link/secret.txt" } } }
`,
  });
  await Deno.mkdir(`${folder.path}/granted`);
  await Deno.symlink(outside.path, `${folder.path}/granted/link`);
  const view = await folder.run({ folder: `${folder.path}/granted` });
  assert.equal(view.error?.code, "PERMISSION_DENIED");
  assert.deepEqual(await denialsOf(folder, view.runId), [
    `read ${folder.path}/granted/link/secret.txt`,
  ]);
});
