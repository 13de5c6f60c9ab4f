/** Traces of runs, as a real receiver of OTLP gets them from nodes that are processes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { agentModule, WorkflowFolder } from "../workflow_folder.ts";
import { NodeProcess, type RunSeen } from "./node_process.ts";
import { OtlpReceiver, type Span } from "./otlp_receiver.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const TRACEPARENT = `00-${TRACE_ID}-${PARENT_ID}-01`;

const FILES = {
  "workflow.yaml": `
name: traced
version: 1.2.3
system: ./system.yaml
agents:
  adder: { module: ./adder.ts, concurrency: 2 }
  flaky: { module: ./flaky.ts }
tasks:
  add: { agent: adder, forEach: [1, 2], with: { by: "\${{ item }}" } }
  pause: { wait: { for: 100ms } }
  flaky:
    needs: [add, pause]
    agent: flaky
    retry: { maxAttempts: 2, backoff: { initial: 10ms } }
  done: { needs: [flaky], emit: { topic: "sums.done", payload: 1 } }
output: "\${{ tasks.flaky.output }}"
`,
  "system.yaml": `
system: traced-sums
actors: { counter: { module: ./counter.ts } }
subscriptions: [{ topic: sums.done, to: "actor://counter", message: noted }]
`,
  "adder.ts": agentModule(`
    const sum = await ctx.actor("counter").ask("add", { by: input.by });
    await ctx.tell("actor://counter", "noted");
    await ctx.emit("sums.added", { by: input.by });
    return sum;
  `),
  "flaky.ts": agentModule(`
    const first = await ctx.step("first", async () => {
      await ctx.sleep(30);
      return ctx.traceparent;
    });
    if (ctx.attempt === 1) {
      await ctx.step("breaks", () => { throw new AgentError("FLAKY", "Cannot do it at first", { retryable: true }); });
    }
    await ctx.ask("actor://nobody", "anything").catch(() => {});
    return { first, now: ctx.traceparent };
  `),
  "counter.ts": `
import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "counter",
  state: z.object({ count: z.number().default(0) }),
  on: {
    add: ({ by }: any, ctx) => ctx.state.count += by,
    noted: () => {},
  },
});
`,
};

Deno.test("a run that came by HTTP is one trace, each span once and under the right parent", async () => {
  await using receiver = new OtlpReceiver();
  await using folder = await WorkflowFolder.create(FILES);
  const node = await NodeProcess.start(folder.dataDir, "n1", receiver.environment);
  assert.equal(node.isTracing, true);
  const runId = await node.submit(folder.workflow, { traceparent: TRACEPARENT });
  const run = await node.until(runId, hasEnded);
  assert.equal(run.status, "completed", JSON.stringify(run));
  await node.stop();

  const spans = receiver.ownSpans(TRACE_ID);
  assert.deepEqual(spans.map(({ name }) => name).sort(), [
    "ask counter",
    "ask counter",
    "ask nobody",
    "emit sums.added",
    "emit sums.added",
    "invoke_agent adder",
    "invoke_agent adder",
    "invoke_agent flaky",
    "invoke_agent flaky",
    "invoke_workflow traced",
    "publish done",
    "step breaks",
    "step first",
    "tell counter",
    "tell counter",
    "wait pause",
  ]);
  assertTree(receiver, spans);
  assertAttributes(spans, runId);
  assertContextInWorker(spans, run.output as { first: string; now: string });
});

function hasEnded({ status }: RunSeen): boolean {
  return ["completed", "failed", "cancelled"].includes(status);
}

/** The parents: the caller's span, the request's, the run's, its attempts, what these did. */
function assertTree(receiver: OtlpReceiver, spans: readonly Span[]): void {
  const all = receiver.spans.filter(({ traceId }) => traceId === TRACE_ID);
  const byId = new Map(all.map((span) => [span.spanId, span]));
  assert.equal(byId.size, all.length, "a span came twice");
  const parentOf = (span: Span) => byId.get(span.parentSpanId);
  for (const span of all) {
    assert.ok(
      span.parentSpanId === PARENT_ID || parentOf(span) !== undefined,
      `${span.name}: orphan`,
    );
    assert.ok(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano), span.name);
  }
  const run = spans.find(({ name }) => name === "invoke_workflow traced")!;
  const request = parentOf(run)!;
  assert.equal(request.kind, 2, "the run's parent is the server's span of the request");
  assert.equal(request.parentSpanId, PARENT_ID);
  for (const span of spans) {
    const kind = span.name.split(" ")[0]!;
    if (["invoke_agent", "wait", "publish"].includes(kind)) assert.equal(parentOf(span), run);
    if (!["step", "ask", "tell", "emit"].includes(kind)) continue;
    const attempt = parentOf(span)!;
    assert.match(attempt.name, /^invoke_agent /);
    for (const key of ["denizen.task.id", "denizen.task.index", "denizen.attempt.number"]) {
      assert.equal(span.attributes[key], attempt.attributes[key], `${span.name} ${key}`);
    }
    assert.ok(BigInt(span.startTimeUnixNano) >= BigInt(attempt.startTimeUnixNano) - 1_000_000n);
    assert.ok(BigInt(span.endTimeUnixNano) <= BigInt(attempt.endTimeUnixNano) + 1_000_000n);
  }
}

function assertAttributes(spans: readonly Span[], runId: string): void {
  const named = (name: string) => spans.filter((span) => span.name === name);
  for (const span of spans) assert.equal(span.attributes["denizen.run.id"], runId, span.name);
  const [run] = named("invoke_workflow traced");
  assert.equal(run!.attributes["gen_ai.operation.name"], "invoke_workflow");
  assert.equal(run!.attributes["gen_ai.workflow.name"], "traced");
  assert.equal(run!.attributes["denizen.workflow.version"], "1.2.3");
  assert.equal(run!.attributes["denizen.run.status"], "completed");
  assert.equal(run!.attributes["denizen.run.recovered"], undefined);
  assert.equal(run!.status.code, 1);

  const adds = named("invoke_agent adder");
  assert.deepEqual(adds.map(({ attributes }) => attributes["denizen.task.index"]).sort(), [0, 1]);
  for (const { attributes } of adds) {
    assert.equal(attributes["gen_ai.operation.name"], "invoke_agent");
    assert.equal(attributes["gen_ai.agent.name"], "adder");
    assert.equal(attributes["denizen.node.id"], "n1");
  }
  const tries = named("invoke_agent flaky")
    .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)));
  assert.deepEqual(
    tries.map(({ attributes, status }) => [
      attributes["denizen.attempt.number"],
      attributes["error.type"],
      status.code,
    ]),
    [[1, "FLAKY", 2], [2, undefined, 1]],
  );
  const [first] = named("step first");
  assert.ok(durationMs(first!) >= 25 && durationMs(first!) < 5_000, `${durationMs(first!)} ms`);
  assert.equal(first!.attributes["denizen.attempt.number"], 1);
  assert.equal(named("step breaks")[0]!.attributes["error.type"], "FLAKY");
  assert.equal(named("ask nobody")[0]!.attributes["error.type"], "NO_ACTOR");
  assert.equal(named("ask counter")[0]!.kind, 3);
  assert.equal(named("tell counter")[0]!.kind, 4);
  assert.equal(
    named("tell counter")[0]!.attributes["messaging.destination.name"],
    "actor://counter",
  );
  assert.ok(durationMs(named("wait pause")[0]!) >= 90);
}

/** What the agent saw as `ctx.traceparent` names its own attempt's span. */
function assertContextInWorker(
  spans: readonly Span[],
  { first, now }: { first: string; now: string },
): void {
  const idOf = (attempt: number) =>
    spans.find(({ name, attributes }) =>
      name === "invoke_agent flaky" && attributes["denizen.attempt.number"] === attempt
    )!.spanId;
  assert.equal(first, `00-${TRACE_ID}-${idOf(1)}-01`);
  assert.equal(now, `00-${TRACE_ID}-${idOf(2)}-01`);
}

function durationMs({ startTimeUnixNano, endTimeUnixNano }: Span): number {
  return Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;
}

const SLOW = {
  "workflow.yaml": `
name: slow
agents: { worker: { module: ./worker.ts } }
tasks:
  one: { agent: worker }
  two: { needs: [one], agent: worker, with: { file: gate } }
output: "\${{ tasks.two.output }}"
`,
  "worker.ts": agentModule(`
    if (input?.file !== undefined && ctx.attempt === 1) await ctx.sleep(60_000);
    return ctx.traceparent;
  `),
};

function isAtTwo({ tasks }: RunSeen): boolean {
  return tasks.some(({ id, status }) => id === "two" && status === "running");
}

Deno.test("a run whose node was killed goes on in the same trace, and says so", async () => {
  await using receiver = new OtlpReceiver();
  await using folder = await WorkflowFolder.create(SLOW);
  const first = await NodeProcess.start(folder.dataDir, "n1", receiver.environment);
  const runId = await first.submit(folder.workflow, { traceparent: TRACEPARENT });
  await first.until(runId, isAtTwo);
  await first.kill();
  const second = await NodeProcess.start(folder.dataDir, "n2", receiver.environment);
  const run = await second.until(runId, hasEnded);
  assert.equal(run.status, "completed", JSON.stringify(run));
  await second.stop();
  const spans = receiver.ownSpans(TRACE_ID).filter(({ attributes }) =>
    attributes["denizen.node.id"] === "n2"
  );
  const recovered = spans.find(({ name }) => name === "invoke_workflow slow")!;
  assert.equal(recovered.attributes["denizen.run.recovered"], true);
  assert.equal(recovered.attributes["denizen.run.id"], runId);
  const again = spans.filter(({ name }) => name === "invoke_agent worker");
  assert.deepEqual(again.map(({ attributes }) => attributes["denizen.attempt.number"]), [2]);
  assert.equal(again[0]!.parentSpanId, recovered.spanId);
  assert.equal(run.output, `00-${TRACE_ID}-${again[0]!.spanId}-01`);
});

Deno.test("a node that leaves in order ends its spans, and the next one goes on in the trace", async () => {
  await using receiver = new OtlpReceiver();
  await using folder = await WorkflowFolder.create(SLOW);
  const first = await NodeProcess.start(folder.dataDir, "n1", receiver.environment);
  const runId = await first.submit(folder.workflow, { traceparent: TRACEPARENT });
  await first.until(runId, isAtTwo);
  const second = await NodeProcess.start(folder.dataDir, "n2", receiver.environment);
  await first.stop();
  const run = await second.until(runId, hasEnded);
  assert.equal(run.status, "completed", JSON.stringify(run));
  await second.stop();
  const spans = receiver.ownSpans(TRACE_ID);
  assert.deepEqual(
    spans.map(({ name, attributes }) =>
      [
        attributes["denizen.node.id"],
        name,
        attributes["error.type"] ?? "",
        attributes["denizen.run.handed_over"] ?? attributes["denizen.run.recovered"] ?? false,
      ].join(" ")
    ).sort(),
    [
      "n1 invoke_agent worker  false",
      "n1 invoke_agent worker NODE_STOPPED false",
      "n1 invoke_workflow slow  true",
      "n2 invoke_agent worker  false",
      "n2 invoke_workflow slow  true",
    ],
  );
  const ids = new Set(receiver.spans.map(({ spanId }) => spanId));
  for (const { name, parentSpanId } of spans) assert.ok(ids.has(parentSpanId), `${name}: orphan`);
});

Deno.test("a node without OTEL_DENO traces nothing, and gives agents no traceparent", async () => {
  await using receiver = new OtlpReceiver();
  await using folder = await WorkflowFolder.create({
    ...SLOW,
    "workflow.yaml": `
name: plain
agents: { worker: { module: ./worker.ts } }
tasks: { one: { agent: worker } }
output: "\${{ tasks.one.output }}"
`,
  });
  const node = await NodeProcess.start(folder.dataDir, "n1", {
    ...receiver.environment,
    OTEL_DENO: "false",
  });
  assert.equal(node.isTracing, false);
  const runId = await node.submit(join(folder.path, "workflow.yaml"), { traceparent: TRACEPARENT });
  const run = await node.until(runId, hasEnded);
  await node.stop();
  assert.equal(run.output, null);
  assert.deepEqual(receiver.spans, []);
});
