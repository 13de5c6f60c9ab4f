import assert from "node:assert/strict";
import { denizen, startDenizen, type Started, withFolder } from "./denizen_process.ts";
import { FLOW_FILES, until } from "./flows.ts";

const APPROVAL = `
name: approval
tasks:
  wait: { wait: { signal: approved, timeout: 10m } }
  tell: { needs: [wait], value: "by \${{ tasks.wait.output.by }}" }
output: "\${{ tasks.tell.output }}"
`;
const FILES = { ...FLOW_FILES, "approval.yaml": APPROVAL };

/** Starts nodes on the folder's store, and ends them in order. */
async function withNodes(
  nodeIds: readonly string[],
  work: (cwd: string, nodes: Map<string, Started>) => Promise<void>,
): Promise<void> {
  await withFolder(FILES, async (cwd) => {
    const nodes = new Map(nodeIds.map((nodeId) => [nodeId, serve(cwd, nodeId)]));
    try {
      await Promise.all([...nodes.values()].map((node) => node.saw("is up at")));
      await work(cwd, nodes);
    } finally {
      await Promise.all([...nodes.values()].map(stop));
    }
  });
}

function serve(cwd: string, nodeId: string): Started {
  const args = [
    "serve",
    "--data",
    "data",
    "--node-id",
    nodeId,
    "--port",
    "0",
    "--no-dashboard",
    "--no-examples",
  ];
  return startDenizen([...args, "--election-timeout", "600ms"], cwd);
}

async function stop({ child, finished }: Started): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // It was killed in the test.
  }
  await finished;
}

async function statusOf(cwd: string) {
  const { out } = await denizen(["cluster", "--data", "data", "--json"], { cwd });
  return JSON.parse(out);
}

/** Submits and answers with the run's id. */
async function leave(cwd: string, file: string, args: string[] = []): Promise<string> {
  const run = ["run", file, "--data", "data", "--detach", "--quiet", ...args];
  const { code, out, err } = await denizen(run, { cwd });
  assert.equal(code, 0, err);
  return out.trim();
}

async function show(cwd: string, runId: string) {
  const { out } = await denizen(["runs", "show", runId, "--data", "data", "--json"], { cwd });
  return JSON.parse(out);
}

function ended(cwd: string, runId: string) {
  return until(async () => {
    const run = await show(cwd, runId);
    return ["completed", "failed", "cancelled"].includes(run.status) ? run : null;
  });
}

Deno.test("run goes through the nodes that serve the store", async () => {
  await withNodes(["n1"], async (cwd) => {
    const { code, out, err } = await denizen(["run", "flow.yaml", "--data", "data", "--json"], {
      cwd,
    });
    assert.equal(code, 0, err);
    const run = JSON.parse(out);
    assert.equal(run.status, "completed");
    assert.deepEqual(run.output, { count: 3 });
    assert.match(err, /each\[1\] completed/);
    const args = ["run", "flow.yaml", "--data", "data", "--json", "--id", "same"];
    const [first, second] = await Promise.all([denizen(args, { cwd }), denizen(args, { cwd })]);
    assert.equal(JSON.parse(first.out).runId, JSON.parse(second.out).runId);
    const status = await statusOf(cwd);
    assert.deepEqual(
      status.nodes.map((node: { nodeId: string; state: string }) => [
        node.nodeId,
        node.state,
      ]),
      [["n1", "living"]],
    );
    assert.equal(status.partitions.length, 8);
    const leaders = status.partitions.map(({ leader }: { leader: string }) => leader);
    assert.deepEqual(new Set(leaders), new Set(["n1"]));
  });
});

Deno.test("runs signal, cancel and retry reach a run through the inbox of its partition", async () => {
  await withNodes(["n1"], async (cwd) => {
    const runId = await leave(cwd, "approval.yaml");
    await until(async () => (await show(cwd, runId)).status === "waiting" ? true : null);
    const signal = [
      "runs",
      "signal",
      runId,
      "approved",
      "--payload",
      '{"by":"ada"}',
      "--data",
      "data",
    ];
    assert.equal((await denizen(signal, { cwd })).code, 0);
    assert.equal((await ended(cwd, runId)).output, "by ada");
    assert.match((await denizen(signal, { cwd })).err, /RUN_CLOSED/);

    const other = await leave(cwd, "approval.yaml");
    await until(async () => (await show(cwd, other)).status === "waiting" ? true : null);
    const cancelled = await denizen(["runs", "cancel", other, "--data", "data"], { cwd });
    assert.match(cancelled.err, /is cancelled/);
    const retry = startDenizen(["runs", "retry", other, "--data", "data", "--json"], cwd);
    await until(async () => (await show(cwd, other)).status === "waiting" ? true : null);
    await denizen([
      "runs",
      "signal",
      other,
      "approved",
      "--payload",
      '{"by":"bob"}',
      "--data",
      "data",
    ], {
      cwd,
    });
    const { code, out } = await retry.finished;
    assert.equal(code, 0);
    assert.equal(JSON.parse(out).output, "by bob");
  });
});

Deno.test("a killed node's runs go on elsewhere, a drained node hands over", async () => {
  await withNodes(["n1", "n2", "n3"], async (cwd, nodes) => {
    const leads = await until(async () => {
      const { partitions } = await statusOf(cwd);
      const leaders = partitions.map(({ leader }: { leader: string }) => leader);
      return new Set(leaders).size === 3 ? leaders : null;
    });
    assert.equal(leads.length, 8);
    const runIds = await Promise.all(
      Array.from({ length: 6 }, () => leave(cwd, "flow.yaml", ["-i", "ms=1500"])),
    );
    nodes.get("n2")!.child.kill("SIGKILL");
    const runs = await Promise.all(runIds.map((runId) => ended(cwd, runId)));
    assert.deepEqual(new Set(runs.map(({ status }) => status)), new Set(["completed"]));
    nodes.get("n1")!.child.kill("SIGTERM");
    const { code, err } = await nodes.get("n1")!.finished;
    assert.equal(code, 0);
    assert.match(err, /stopping 1\/\d: store\n.* stopped/);
    const { nodes: left, partitions } = await statusOf(cwd);
    const states = left.map((
      { nodeId, state }: { nodeId: string; state: string },
    ) => [nodeId, state]);
    assert.deepEqual(states, [["n2", "gone"], ["n3", "living"]]);
    assert.ok(partitions.every(({ leader }: { leader: string }) => leader === "n3"));
  });
});

Deno.test("what nodes share waits for a node, and says so", async () => {
  await withNodes(["n1"], async (cwd, nodes) => {
    const runId = await leave(cwd, "approval.yaml");
    await stop(nodes.get("n1")!);
    const detached = await denizen(["run", "flow.yaml", "--data", "data", "--detach"], { cwd });
    assert.equal(detached.code, 4);
    assert.match(detached.err, /SERVER_NOT_FOUND/);
    const resumed = await denizen(["runs", "retry", runId, "--data", "data"], { cwd });
    assert.equal(resumed.code, 1, resumed.err);
    // Somebody may say what is to happen while no node is up.
    const signal = [
      "runs",
      "signal",
      runId,
      "approved",
      "--payload",
      '{"by":"eve"}',
      "--data",
      "data",
    ];
    assert.equal((await denizen(signal, { cwd })).code, 0);
    const again = serve(cwd, "n1");
    try {
      assert.equal((await ended(cwd, runId)).output, "by eve");
    } finally {
      await stop(again);
    }
  });
});

Deno.test("serve refuses what it cannot use", async () => {
  await withFolder({}, async (cwd) => {
    for (
      const [option, value] of [
        ["--node-id", "a/b"],
        ["--partitions", "0"],
        ["--port", "99999"],
        ["--election-timeout", "1ms"],
        ["--election-timeout", "2m"],
        ["--store", "mysql://x"],
      ]
    ) {
      const { code, err } = await denizen(["serve", option!, value!], { cwd });
      assert.equal(code, 2, err);
      assert.match(err, /hint: /);
    }
  });
});

Deno.test("serve refuses the name of a node that lives", async () => {
  await withNodes(["n1"], async (cwd) => {
    const { code, err } = await denizen(["serve", "--data", "data", "--node-id", "n1"], { cwd });
    assert.equal(code, 1);
    assert.match(err, /NODE_ID_TAKEN/);
    const slower = ["serve", "--data", "data", "--node-id", "n2", "--election-timeout", "2s"];
    const refused = await denizen(slower, { cwd });
    assert.equal(refused.code, 1);
    assert.match(refused.err, /ELECTION_TIMEOUT_DIFFERS/);
  });
});
