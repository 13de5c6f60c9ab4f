import assert from "node:assert/strict";
import { join } from "node:path";
import type { WorkflowSource } from "../../runtime/control/mod.ts";
import { agentModule } from "../workflow_folder.ts";
import { ADMIN, ControlledNode, greeting } from "./control_kit.ts";

const code = (expected: string) => ({ code: expected });
const ACME = { by: "key:acme", tenant: "acme" };

/** Two agents whose attempts last until their run is stopped, and a wait for a signal. */
const PATIENT: WorkflowSource = {
  source: `name: patient
agents:
  slow: { module: ./slow.ts, concurrency: 1, replicas: { min: 0, max: 1 } }
tasks:
  each: { forEach: "\${{ [1, 2] }}", agent: slow, with: { n: "\${{ item }}" }, retry: { maxAttempts: 1 } }
  after: { needs: [each], agent: slow, with: { of: "\${{ tasks.each.output }}" } }
  news: { wait: { signal: go } }
`,
  files: {
    "slow.ts": agentModule(`
    await ctx.step("begin", () => "begun " + input.n);
    await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason)));`),
  },
};

Deno.test("the run desk begins runs and tells of them", async (t) => {
  await using served = await ControlledNode.start();
  const { control: { runs, workflows } } = served;
  await workflows.register(greeting(), ADMIN);

  await t.step("submits a registered workflow, and follows it to its end", async () => {
    const prepared = await runs.prepare({ workflow: "greet@^1", tags: ["b", "a"] }, ACME);
    assert.deepEqual(prepared.labels, { workflow: "greet", tags: ["b", "a"], tenant: "acme" });
    assert.equal(prepared.isInline, false);
    const { runId, status, tenant } = await prepared.submit();
    assert.deepEqual([status, tenant], ["pending", "acme"]);
    assert.deepEqual(await runs.labelsOf(runId), prepared.labels);
    await served.until(runId, "completed");
    const shown = await runs.show(runId);
    assert.deepEqual(shown.output, { greetings: ["Hello Ada", "Hello Grace"], count: 2 });
    assert.deepEqual([shown.tenant, shown.submittedBy, shown.leader], [
      "acme",
      "key:acme",
      served.node.nodeId,
    ]);
    assert.deepEqual(shown.tasks.map(({ id }) => id), ["greet", "greet[0]", "greet[1]", "count"]);
    const graph = await runs.graph(runId);
    assert.deepEqual(graph.tasks.map(({ id, agent }) => [id, agent]), [
      ["greet", "greeter"],
      ["count", null],
    ]);
  });

  await t.step("keeps idempotency keys of tenants apart", async () => {
    const request = { workflow: "greet", idempotencyKey: "k" };
    const first = await runs.submit(request, ACME);
    assert.equal((await runs.submit(request, ACME)).runId, first.runId);
    const others = await runs.submit(request, { by: "key:other", tenant: "other" });
    assert.notEqual(others.runId, first.runId);
    const differing = { ...request, input: { names: ["Eve"] } };
    await assert.rejects(runs.submit(differing, ACME), code("KEY_MISMATCH"));
  });

  await t.step("runs what comes along with the request", async () => {
    const definition = {
      name: "sum",
      tasks: { a: { value: "${{ 1 + 1 }}" } },
      output: "${{ tasks.a.output }}",
    };
    const { runId } = await runs.submit({ definition }, ADMIN);
    await served.until(runId, "completed");
    assert.equal((await runs.show(runId)).output, 2);
    assert.deepEqual((await runs.show(runId)).tags, []);
  });

  await t.step("refuses requests that contradict themselves", async () => {
    const wrong = [
      {},
      { workflow: "greet", definition: "name: x" },
      { workflow: "greet", files: {} },
      { workflow: "greet", workDir: "here" },
      { workflow: "greet", tenant: "other" },
      { workflow: "greet", tags: [""] },
      { workflow: "greet", tags: Array.from({ length: 21 }, (_, n) => `t${n}`) },
    ];
    for (const request of wrong) {
      await assert.rejects(
        runs.submit(request, ACME),
        code("RUN_REQUEST_WRONG"),
        JSON.stringify(request),
      );
    }
    await assert.rejects(
      runs.submit({ workflow: "greet", input: { x: 1 } }, ACME),
      code("INVALID_INPUT"),
    );
    await assert.rejects(runs.submit({ workflow: "none" }, ACME), code("WORKFLOW_NOT_FOUND"));
  });

  await t.step("lists runs by what is asked for", async () => {
    const { runId } = await runs.submit({ workflow: "greet", tags: ["Nightly"] }, ADMIN);
    await served.until(runId, "completed");
    const idsOf = async (filters: Parameters<typeof runs.list>[0]) =>
      (await runs.list(filters)).items.map((item) => item.runId);
    assert.deepEqual(await idsOf({ tag: "Nightly" }), [runId]);
    assert.deepEqual(await idsOf({ q: "night" }), [runId]);
    assert.deepEqual(await idsOf({ q: runId.toLowerCase() }), [runId]);
    assert.equal((await idsOf({ q: runId.slice(0, 6) })).includes(runId), true);
    assert.equal((await idsOf({ workflow: "sum" })).length, 1);
    assert.equal((await idsOf({ tenant: "acme" })).length, 2);
    assert.deepEqual(await idsOf({ status: ["failed"] }), []);
    assert.deepEqual(await idsOf({ sinceAt: Date.now() + 60_000 }), []);
    assert.deepEqual(await idsOf({ untilAt: Date.now() - 600_000 }), []);
    const all = await idsOf({});
    assert.deepEqual(await idsOf({ sinceAt: Date.now() - 600_000, untilAt: Date.now() + 1 }), all);
    const visible = await runs.list({}, { sees: ({ tenant }) => tenant === "other" });
    assert.equal(visible.items.length, 1);
    const first = await runs.list({}, { limit: 2 });
    const second = await runs.list({}, { limit: 200, cursor: first.nextCursor! });
    assert.deepEqual([...first.items, ...second.items].map((item) => item.runId), all);
    assert.equal(second.nextCursor, null);
    const { durationMs, finishedAt } = first.items[0]!;
    assert.ok(durationMs !== null && durationMs >= 0 && finishedAt !== null);
  });

  await t.step("pages through the events of a run", async () => {
    const { runId } = await runs.submit({ workflow: "greet" }, ADMIN);
    await served.until(runId, "completed");
    const all = await runs.events(runId);
    assert.equal(all.nextCursor, null);
    assert.equal((all.items[0]!.event as { type: string }).type, "RunSubmitted");
    assert.equal((all.items.at(-1)!.event as { type: string }).type, "RunCompleted");
    const paged: typeof all.items = [];
    let after: string | null = null;
    do {
      const page = await runs.events(runId, { limit: 2, ...(after === null ? {} : { after }) });
      paged.push(...page.items);
      after = page.nextCursor;
    } while (after !== null);
    assert.deepEqual(paged, all.items);
    await assert.rejects(runs.events(runId, { after: "x" }), code("EVENT_ID_INVALID"));
  });

  await t.step("forks a run with other input", async () => {
    const { runId } = await runs.submit({
      workflow: "greet",
      tags: ["x"],
      input: { names: ["Ada"] },
    }, ACME);
    await served.until(runId, "completed");
    const forked = await runs.fork(runId, ACME, { input: { names: ["Eve", "Bob"] } });
    await served.until(forked.runId, "completed");
    const shown = await runs.show(forked.runId);
    assert.deepEqual([shown.parent, shown.tags, shown.tenant], [runId, ["x"], "acme"]);
    assert.deepEqual((shown.output as { count: number }).count, 2);
  });

  await t.step("knows what it does not know", async () => {
    const nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (const ask of ["show", "graph", "labelsOf", "events", "cancel", "retry"] as const) {
      await assert.rejects(runs[ask](nobody), code("RUN_NOT_FOUND"), ask);
    }
    await assert.rejects(runs.show("../x"), code("RUN_NOT_FOUND"));
    const [{ runId } = { runId: "" }] = (await runs.list()).items;
    await assert.rejects(runs.task(runId, "none"), code("TASK_NOT_FOUND"));
    await assert.rejects(runs.task(runId, "greet[7]"), code("TASK_NOT_FOUND"));
  });
});

Deno.test("the run desk stops, holds and goes on with runs", async (t) => {
  await using served = await ControlledNode.start();
  const { control: { runs, workflows } } = served;
  await workflows.register(PATIENT, ADMIN);
  const { runId } = await runs.submit({ workflow: "patient" }, ADMIN);
  const step = async () => {
    for (let tries = 0; tries < 400; tries++) {
      const task = await runs.task(runId, "each[0]");
      if (task.stepsTotal > 0) return task;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("The attempt made no step within 20 s");
  };

  await t.step("says what tasks do and what they wait for", async () => {
    await served.until(runId, "running");
    const first = await step();
    assert.equal(first.status, "running");
    assert.deepEqual(first.input?.value, { n: 1 });
    assert.deepEqual(first.steps.map(({ stepId, output }) => [stepId, output.value]), [[
      "begin",
      "begun 1",
    ]]);
    assert.deepEqual(
      [first.assignment?.agent, first.assignment?.text, first.assignment?.record],
      ["slow", "named by the workflow", null],
    );
    assert.equal(first.attempts[0]!.node?.split("/")[0], served.node.nodeId);
    assert.equal(first.waitingFor, null);
    const second = await runs.task(runId, "each[1]");
    assert.equal(second.waitingFor?.kind, "worker");
    assert.match(second.waitingFor!.text, /free worker of "slow"/);
    const whole = await runs.task(runId, "each");
    assert.deepEqual([whole.items?.running, whole.items?.pending, whole.input], [1, 1, null]);
    const after = await runs.task(runId, "after");
    assert.deepEqual(after.waitingFor, {
      kind: "needs",
      text: 'waits for "each" to end',
      tasks: ["each"],
    });
    assert.equal(after.input, null);
    const news = await runs.task(runId, "news");
    assert.deepEqual([news.kind, news.waitingFor?.kind, news.waitingFor?.signal], [
      "signal",
      "signal",
      "go",
    ]);
  });

  await t.step("holds a run and lets it go on", async () => {
    await runs.pause(runId);
    assert.equal((await runs.show(runId)).status, "paused");
    assert.equal((await runs.task(runId, "each[1]")).waitingFor?.kind, "paused");
    await runs.pause(runId);
    await runs.resume(runId);
    await assert.rejects(runs.resume(runId), code("RUN_NOT_PAUSED"));
    await runs.signal(runId, "go", { say: "hello" });
    const news = await runs.task(runId, "news");
    assert.deepEqual([news.status, news.output?.value], ["completed", { say: "hello" }]);
  });

  await t.step("cancels a task: its attempt is aborted, and the run fails", async () => {
    await assert.rejects(runs.cancelTask(runId, "none"), code("TASK_NOT_FOUND"));
    await assert.rejects(runs.cancelTask(runId, "news"), code("TASK_CLOSED"));
    await runs.cancelTask(runId, "each", "too slow");
    await served.until(runId, "failed");
    const shown = await runs.show(runId);
    assert.equal(shown.error?.code, "CANCELLED");
    const each = await runs.task(runId, "each");
    assert.deepEqual(each.attempts.map(({ status }) => status), ["cancelled"]);
    assert.match(each.error!.message, /too slow/);
    for (
      let tries = 0;
      served.node.runs.inspectCells().some(({ inFlight }) => inFlight > 0);
      tries++
    ) {
      assert.ok(tries < 200, "the attempt goes on");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await assert.rejects(runs.cancelTask(runId, "each"), code("RUN_CLOSED"));
    await assert.rejects(runs.cancel(runId), code("RUN_CLOSED"));
  });

  await t.step("retries the run, cancels one item of it, then all of it", async () => {
    await runs.retry(runId);
    await served.until(runId, "running");
    await assert.rejects(runs.retry(runId), code("RUN_NOT_RETRYABLE"));
    await runs.cancelTask(runId, "each[1]");
    const item = await runs.task(runId, "each[1]");
    assert.equal(item.status, "failed");
    await runs.cancel(runId, "enough");
    await served.until(runId, "cancelled", "failed");
  });

  await t.step("cancels and retries many, each for itself", async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await runs.submit({ workflow: "patient" }, ADMIN)).runId),
    );
    const results = await runs.bulk("cancel", [...ids, "nobody"], (id) => {
      if (id === ids[1]) throw new Error("may not");
    });
    assert.deepEqual(results.map(({ ok }) => ok), [true, false, true, false]);
    assert.deepEqual(results.map(({ error }) => error?.code), [
      undefined,
      "INTERNAL",
      undefined,
      "RUN_NOT_FOUND",
    ]);
    await served.until(ids[0]!, "cancelled");
    await served.until(ids[2]!, "cancelled");
    await runs.bulk("cancel", [ids[1]!]);
    await served.until(ids[1]!, "cancelled");
    const retried = await runs.bulk("retry", [ids[0]!]);
    assert.deepEqual(retried, [{ runId: ids[0]!, ok: true }]);
    await runs.bulk("cancel", [ids[0]!]);
    await served.until(ids[0]!, "cancelled");
  });
});

Deno.test("the run desk hands out files that a run made, and no others", async () => {
  await using served = await ControlledNode.start();
  const { control: { runs }, dataDir } = served;
  const made = join(dataDir, "made");
  await Deno.mkdir(made);
  await Deno.writeTextFile(join(dataDir, "secret.txt"), "secret");
  await Deno.symlink(join(dataDir, "secret.txt"), join(made, "link.txt"));
  await Deno.symlink(dataDir, join(made, "up"));
  await Deno.mkdir(join(made, "folder"));
  await Deno.writeTextFile(join(made, "unnamed.txt"), "unnamed");
  const named = ["report.html", "link.txt", "up/secret.txt", "folder", "missing.txt", "big.bin"];
  const definition = {
    name: "files",
    agents: { writer: { module: "./writer.ts", permissions: { write: ["${{ input.dir }}"] } } },
    tasks: { write: { agent: "writer", with: { dir: "${{ input.dir }}" } } },
    output: {
      made: named.map((name) => `\${{ input.dir }}/${name}`),
      relative: "made/report.html",
      secret: join(dataDir, "secret.txt"),
      text: "${{ tasks.write.output }}",
    },
  };
  const files = {
    "writer.ts": agentModule(`
    await Deno.writeTextFile(input.dir + "/report.html", "<h1>hello</h1>");
    return "see " + input.dir + "/unnamed.txt";`),
  };
  await Deno.truncate(await touch(join(made, "big.bin")), 21 * 1024 * 1024);
  const { runId } = await runs.submit(
    { definition, files, input: { dir: made }, workDir: dataDir },
    ADMIN,
  );
  await served.until(runId, "completed", "failed");
  assert.equal((await runs.show(runId)).error, null);
  const report = await runs.file(runId, join(made, "report.html"));
  assert.equal(new TextDecoder().decode(report.bytes), "<h1>hello</h1>");
  assert.equal(report.contentType, "text/html; charset=utf-8");
  assert.equal((await runs.file(runId, "made/report.html")).name, "report.html");
  const refused = [
    ...["link.txt", "up/secret.txt", "folder", "missing.txt", "unnamed.txt"].map((name) =>
      join(made, name)
    ),
    join(dataDir, "secret.txt"),
    join(made, "../secret.txt"),
    "./made/report.html",
    "",
    "/etc/passwd",
  ];
  for (const path of refused) {
    await assert.rejects(runs.file(runId, path), code("FILE_NOT_FOUND"), path);
  }
  await assert.rejects(runs.file(runId, join(made, "big.bin")), code("RUN_FILE_TOO_LARGE"));
});

async function touch(path: string): Promise<string> {
  await Deno.writeTextFile(path, "");
  return path;
}
