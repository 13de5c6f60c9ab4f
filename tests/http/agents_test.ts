import assert from "node:assert/strict";
import { boastingAgent, COUNTING, countingAgent } from "./agent_modules.ts";
import { ServedNode } from "./served_node.ts";

/** Runs `test` on a node of its own, and finds what failed inside it. */
function served(test: (node: ServedNode) => Promise<void>): () => Promise<void> {
  return async () => {
    await using node = await ServedNode.start();
    await test(node);
    assert.deepEqual(node.faults, []);
  };
}

async function keyFor(node: ServedNode, rights: object): Promise<Record<string, string>> {
  const { status, json, text } = await node.ask("POST", "/api/v1/keys", {
    body: { name: "test", role: "admin", ...rights },
  });
  assert.equal(status, 201, text);
  return { authorization: `Bearer ${json.key}` };
}

/** Asks until the answer is as it should come to be. */
// deno-lint-ignore no-explicit-any
async function until(ask: () => Promise<any>, is: (answer: any) => boolean) {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await ask();
    if (is(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`did not come to be: ${JSON.stringify(await ask())}`);
}

async function register(node: ServedNode, source: string, headers = {}) {
  const answer = await node.ask("POST", "/api/v1/agents", { body: { source }, headers });
  assert.equal(answer.status, 201, answer.text);
  return answer;
}

Deno.test(
  "POST /agents registers an agent that keeps its word, once for the same code",
  served(async (node) => {
    const made = await register(node, countingAgent());
    assert.equal(made.headers.get("location"), "/api/v1/agents/line-counter/1.0.0");
    const { json } = made;
    assert.deepEqual(
      [json.ref, json.kind, json.status, json.findings, json.costUsd, json.bids],
      ["line-counter@1.0.0", "registered", "ready", [], 0.002, false],
    );
    const [record] = json.records;
    assert.deepEqual(
      [record.capability, record.isA, record.partOf, record.tasks, record.breaker],
      ["text.count", ["text.measure"], ["text.audit"], 0, "closed"],
    );
    assert.ok(record.low <= record.success && record.success <= record.high);
    const [offer] = json.offers;
    assert.equal(offer.input.properties.text.type, "string");
    assert.equal(offer.examples, 1);
    const again = await node.ask("POST", "/api/v1/agents", { body: { source: countingAgent() } });
    assert.equal(again.status, 200, again.text);
    const other = countingAgent().replace("Counts lines", "Counts all lines");
    const clash = await node.ask("POST", "/api/v1/agents", { body: { source: other } });
    assert.deepEqual([clash.status, clash.json.code], [409, "AGENT_VERSION_EXISTS"]);
  }),
);

Deno.test(
  "POST /agents keeps an agent that breaks its word, says so, and gives it no tasks",
  served(async (node) => {
    const { json } = await register(node, boastingAgent());
    assert.equal(json.status, "refused");
    assert.equal(json.findings[0].capability, "text.count");
    const shown = await node.ask("GET", "/api/v1/agents/line-counter/2.0.0");
    assert.equal(shown.json.status, "refused");
    const checked = await node.ask("POST", "/api/v1/agents/line-counter/2.0.0/check");
    assert.equal(checked.status, 200, checked.text);
    assert.equal(checked.json.status, "refused");
    await node.ask("POST", "/api/v1/workflows", { body: { source: COUNTING } });
    const run = await node.ask("POST", "/api/v1/runs", { body: { workflow: "counting" } });
    assert.equal(run.status, 202, run.text);
    const path = `/api/v1/runs/${run.json.runId}/tasks/count`;
    const { assignment } = await until(
      async () => (await node.ask("GET", path)).json,
      ({ assignment }) => assignment !== null,
    );
    assert.equal(assignment.agent, null);
    assert.equal(assignment.deferred.why.code, "NOBODY_CAN");
    assert.deepEqual(assignment.deferred.why.excluded[0], {
      code: "NOT_CHECKED",
      count: 1,
      agents: ["line-counter@2.0.0"],
    });
    assert.equal((await node.ask("GET", path)).json.waitingFor.kind, "agent");
    await node.ask("POST", `/api/v1/runs/${run.json.runId}/cancel`);
    await node.until(run.json.runId, "cancelled");
  }),
);

Deno.test(
  "POST /agents grants no more than it is told, and refuses a body that names no module",
  served(async (node) => {
    const asking = countingAgent("1.0.0", 'permissions: { env: ["HOME"] },');
    const refused = await node.ask("POST", "/api/v1/agents", { body: { source: asking } });
    assert.deepEqual([refused.status, refused.json.code], [422, "AGENT_PERMISSIONS_UNGRANTED"]);
    const granted = await node.ask("POST", "/api/v1/agents", {
      body: { source: asking, grants: { env: ["HOME"] } },
    });
    assert.equal(granted.status, 201, granted.text);
    assert.deepEqual(granted.json.permissions.env, ["HOME"]);
    const bodies: [object, number, string][] = [
      [{}, 400, "REQUEST_INVALID"],
      [{ module: "/x.ts", source: "x" }, 400, "REQUEST_INVALID"],
      [{ module: "relative.ts" }, 400, "REQUEST_INVALID"],
      [{ source: "export default 1", grant: {} }, 400, "REQUEST_INVALID"],
      [{ source: "export default 1;" }, 422, "AGENT_INVALID"],
      [{ source: "export default {" }, 422, "AGENT_SYNTAX"],
      [{ module: "/nowhere/agent.ts" }, 422, "AGENT_MODULE_NOT_FOUND"],
      [{ source: asking, grants: { env: ["HOME"], evn: ["X"] } }, 400, "REQUEST_INVALID"],
    ];
    for (const [body, status, code] of bodies) {
      const answer = await node.ask("POST", "/api/v1/agents", { body });
      assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(body));
    }
  }),
);

Deno.test(
  "agents are read by version and range, with an ETag, and removed one by one",
  served(async (node) => {
    await register(node, countingAgent("1.0.0"));
    await register(node, countingAgent("1.2.0"));
    const latest = await node.ask("GET", "/api/v1/agents/line-counter");
    assert.deepEqual([latest.json.version, latest.json.versions], ["1.2.0", ["1.2.0", "1.0.0"]]);
    const etag = latest.headers.get("etag")!;
    const same = await node.ask("GET", "/api/v1/agents/line-counter", {
      headers: { "if-none-match": etag },
    });
    assert.equal(same.status, 304);
    const ranged = await node.ask("GET", "/api/v1/agents/line-counter/^1");
    assert.equal(ranged.json.version, "1.2.0");
    const listed = await node.ask("GET", "/api/v1/agents?kind=registered&capability=text.measure");
    assert.deepEqual(
      listed.json.items.map(({ ref }: { ref: string }) => ref),
      ["line-counter@1.2.0", "line-counter@1.0.0"],
    );
    assert.deepEqual(
      (await node.ask("GET", "/api/v1/agents?capability=other")).json.items,
      [],
    );
    const gone = await node.ask("DELETE", "/api/v1/agents/line-counter/1.2.0");
    assert.equal(gone.status, 204, gone.text);
    const left = await node.ask("GET", "/api/v1/agents/line-counter");
    assert.deepEqual(left.json.versions, ["1.0.0"]);
    for (const path of ["line-counter/1.2.0", "nobody", "line-counter?workflow=none"]) {
      const { status, json } = await node.ask("GET", `/api/v1/agents/${path}`);
      assert.deepEqual([status, json.code], [404, "AGENT_UNKNOWN"], path);
    }
    const twice = await node.ask("DELETE", "/api/v1/agents/line-counter/1.2.0");
    assert.deepEqual([twice.status, twice.json.code], [404, "AGENT_UNKNOWN"]);
  }),
);

Deno.test(
  "a tenant's agents are its own; shared ones it sees, and cannot remove",
  served(async (node) => {
    const acme = await keyFor(node, { tenant: "acme" });
    const umbrella = await keyFor(node, { tenant: "umbrella" });
    await register(node, countingAgent("1.0.0"));
    await register(node, countingAgent("3.0.0"), acme);
    const refs = async (headers: Record<string, string>) =>
      (await node.ask("GET", "/api/v1/agents", { headers })).json.items
        .map(({ ref }: { ref: string }) => ref);
    assert.deepEqual((await refs(acme)).sort(), ["line-counter@1.0.0", "line-counter@3.0.0"]);
    assert.deepEqual(await refs(umbrella), ["line-counter@1.0.0"]);
    const requests: [string, string, Record<string, string>][] = [
      ["GET", "/api/v1/agents/line-counter/3.0.0", umbrella],
      ["POST", "/api/v1/agents/line-counter/3.0.0/check", umbrella],
      ["DELETE", "/api/v1/agents/line-counter/3.0.0", umbrella],
      ["DELETE", "/api/v1/agents/line-counter/1.0.0", umbrella],
    ];
    for (const [method, path, headers] of requests) {
      const { status, json } = await node.ask(method, path, { headers });
      assert.deepEqual([status, json?.code], [404, "AGENT_UNKNOWN"], `${method} ${path}`);
    }
    assert.equal((await refs(acme)).length, 2);
  }),
);

Deno.test(
  "only whoever may write all agents registers one",
  served(async (node) => {
    const body = { source: countingAgent() };
    const holders: [object, string][] = [
      [{ role: "operator" }, "ROLE_INSUFFICIENT"],
      [{ scopes: ["agents:read"] }, "SCOPE_MISSING"],
      [{ workflows: ["repo-*"] }, "WORKFLOW_NOT_ALLOWED"],
      [{ tags: ["nightly"] }, "TAG_NOT_ALLOWED"],
    ];
    for (const [rights, code] of holders) {
      const headers = await keyFor(node, rights);
      const { status, json } = await node.ask("POST", "/api/v1/agents", { body, headers });
      assert.deepEqual([status, json.code], [403, code], JSON.stringify(rights));
    }
    assert.deepEqual((await node.ask("GET", "/api/v1/agents")).json.items, []);
  }),
);

Deno.test(
  "what an agent did shows in its record, with the task, and in the graph",
  served(async (node) => {
    await register(node, countingAgent());
    await node.ask("POST", "/api/v1/workflows", { body: { source: COUNTING } });
    const run = await node.ask("POST", "/api/v1/runs", { body: { workflow: "counting" } });
    const { runId } = run.json;
    await node.until(runId, "completed");
    const task = (await node.ask("GET", `/api/v1/runs/${runId}/tasks/count`)).json;
    assert.deepEqual(task.output.value, { lines: 3 });
    assert.equal(task.assignment.agent, "line-counter@1.0.0");
    assert.equal(task.assignment.record.capability, "text.measure");
    assert.equal(task.assignment.record.as, "text.count");
    assert.equal(task.attempts[0].assignment.text, task.assignment.text);
    const { records } = await until(
      async () => (await node.ask("GET", "/api/v1/agents/line-counter")).json,
      ({ records }) => records.length === 2,
    );
    assert.deepEqual(
      [records[1].capability, records[1].tasks, records[1].successes],
      ["text.measure", 1, 1],
    );
    assert.ok(records[0].effectiveTasks > 0, "what it did there tells of its kin");
    const stats = (await node.ask("GET", "/api/v1/knowledge")).json;
    assert.equal(stats.facts, 1);
    assert.equal(stats.nodes.agent, 1);
  }),
);

Deno.test(
  "agents of one name are two where tenants are: neither sees or moves the other's record",
  served(async (node) => {
    const admins = {
      acme: await keyFor(node, { tenant: "acme" }),
      umbrella: await keyFor(node, { tenant: "umbrella" }),
    };
    const failing = countingAgent().replace(
      "run: ({ text }) => (",
      'run: ({ text }) => text === "a\\nb" ? { lines: 2 } : (() => { throw new Error("broken"); })() ?? (',
    );
    await register(node, failing, admins.acme);
    await register(node, countingAgent(), admins.umbrella);
    await node.ask("POST", "/api/v1/workflows", { body: { source: COUNTING } });
    for (const [tenant, end] of [["acme", "failed"], ["umbrella", "completed"]] as const) {
      const run = await node.ask("POST", "/api/v1/runs", {
        body: { workflow: "counting" },
        headers: admins[tenant],
      });
      await node.until(run.json.runId, end);
    }
    await until(
      async () => (await node.ask("GET", "/api/v1/knowledge")).json,
      ({ nodes }) => nodes.agent === 2,
    );
    const path = "/api/v1/agents/line-counter/1.0.0";
    const recordFor = async (query: string, headers?: Record<string, string>) => {
      const { status, json, text } = await node.ask("GET", `${path}${query}`, { headers });
      assert.equal(status, 200, text);
      const { capability, tasks, successes } = json.records.at(-1);
      return [json.id, json.tenant, capability, tasks, successes, json.failures > 0];
    };
    const acme = ["acme:line-counter@1.0.0", "acme", "text.measure", 1, 0, true];
    const umbrella = ["umbrella:line-counter@1.0.0", "umbrella", "text.measure", 1, 1, false];
    // What nodes count of the last moment is told a moment later.
    await until(() => recordFor("", admins.acme), (record) => record.at(-1) === acme.at(-1));
    assert.deepEqual(await recordFor("", admins.acme), acme);
    assert.deepEqual(await recordFor("", admins.umbrella), umbrella);
    // Who sees all names whose is meant.
    assert.deepEqual(await recordFor("?tenant=acme"), acme);
    assert.deepEqual(await recordFor("?tenant=umbrella"), umbrella);
    const nodeOf = (tenant: string) =>
      `/api/v1/knowledge/node?id=${encodeURIComponent(`agent:${tenant}:line-counter@1.0.0`)}`;
    const hidden: [string, string][] = [
      [nodeOf("umbrella"), "KNOWLEDGE_NODE_NOT_FOUND"],
      [`${path}?tenant=umbrella`, "AGENT_UNKNOWN"],
      ["/api/v1/agents/line-counter?tenant=umbrella", "AGENT_UNKNOWN"],
      ["/api/v1/agents?tenant=umbrella", "AGENT_UNKNOWN"],
    ];
    for (const [path, code] of hidden) {
      const { status, json } = await node.ask("GET", path, { headers: admins.acme });
      assert.deepEqual([status, json.code], [404, code], path);
    }
    assert.equal((await node.ask("GET", nodeOf("acme"), { headers: admins.acme })).status, 200);
    const removed = await node.ask("DELETE", `${path}?tenant=umbrella`, { headers: admins.acme });
    assert.deepEqual([removed.status, removed.json.code], [404, "AGENT_UNKNOWN"]);
    assert.equal((await node.ask("DELETE", `${path}?tenant=acme`)).status, 204);
    assert.deepEqual(await recordFor("", admins.umbrella), umbrella);
  }),
);
