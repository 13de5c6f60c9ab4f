import assert from "node:assert/strict";
import { ServedNode } from "./served_node.ts";

const HELLO = { name: "hello", tasks: { greet: { value: "Hello" } } };
const WAITING = { name: "waiting", tasks: { hold: { wait: { signal: "go" } } } };
const FAILING = { name: "failing", tasks: { fail: { value: "${{ 1 / 0 }}" } } };

/** A route, as far as it is looked at here. */
interface Described {
  parameters?: { name: string; in: string; schema: { pattern?: string } }[];
}

/** Runs `test` on a node of its own, and finds what failed inside it. */
function served(test: (node: ServedNode) => Promise<void>): () => Promise<void> {
  return async () => {
    await using node = await ServedNode.start();
    await test(node);
    assert.deepEqual(node.faults, []);
  };
}

async function register(node: ServedNode, source: object): Promise<string> {
  const answer = await node.ask("POST", "/api/v1/workflows", { body: { source } });
  assert.equal(answer.status, 201, answer.text);
  return answer.headers.get("etag")!;
}

async function submit(node: ServedNode, body: object): Promise<string> {
  const answer = await node.ask("POST", "/api/v1/runs", { body });
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.headers.get("location"), `/api/v1/runs/${answer.json.runId}`);
  return answer.json.runId;
}

Deno.test(
  "POST /runs begins one run for a key, and refuses the key for another",
  served(async (node) => {
    await register(node, HELLO);
    const headers = { "idempotency-key": "order-1" };
    const body = { workflow: "hello", tags: ["nightly"] };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => node.ask("POST", "/api/v1/runs", { body, headers })),
    );
    assert.deepEqual(answers.map(({ status }) => status), [202, 202, 202, 202, 202]);
    assert.equal(new Set(answers.map(({ json }) => json.runId)).size, 1);
    const other = { workflow: "hello", input: { other: true } };
    const refused = await node.ask("POST", "/api/v1/runs", { body: other, headers });
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json.code, "KEY_MISMATCH");
    assert.equal((await node.ask("GET", "/api/v1/runs")).json.items.length, 1);
  }),
);

Deno.test(
  "GET /runs goes through all runs by cursor, and refuses one that was altered",
  served(async (node) => {
    await register(node, HELLO);
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.push(await submit(node, { workflow: "hello" }));
    for (const id of ids) await node.until(id, "completed");
    const found: string[] = [];
    let cursor = "";
    do {
      const { json } = await node.ask("GET", `/api/v1/runs?limit=3${cursor}`);
      found.push(...json.items.map(({ runId }: { runId: string }) => runId));
      cursor = json.nextCursor === null ? "" : `&cursor=${json.nextCursor}`;
    } while (cursor !== "");
    assert.deepEqual(found, ids.toSorted().reverse());
    const { nextCursor } = (await node.ask("GET", "/api/v1/runs?limit=3")).json;
    for (
      const path of [
        `/api/v1/runs?limit=3&cursor=${nextCursor.slice(0, -1)}`,
        `/api/v1/runs?limit=3&status=failed&cursor=${nextCursor}`,
        `/api/v1/workflows?cursor=${nextCursor}`,
      ]
    ) {
      const { status, json } = await node.ask("GET", path);
      assert.deepEqual([status, json.code], [400, "CURSOR_INVALID"], path);
    }
  }),
);

Deno.test(
  "runs are stopped, signalled, retried and forked by their routes",
  served(async (node) => {
    await register(node, WAITING);
    await register(node, FAILING);
    const runId = await submit(node, { workflow: "waiting" });
    await node.until(runId, "waiting");
    const path = `/api/v1/runs/${runId}`;
    assert.equal((await node.ask("POST", `${path}/pause`)).status, 202);
    await node.until(runId, "paused");
    assert.equal((await node.ask("POST", `${path}/resume`)).status, 202);
    const signal = await node.ask("POST", `${path}/signals/go`, {
      body: { payload: { ok: true } },
    });
    assert.equal(signal.status, 202, signal.text);
    await node.until(runId, "completed");
    const task = await node.ask("GET", `${path}/tasks/hold`);
    assert.deepEqual(task.json.output.value, { ok: true });
    assert.equal((await node.ask("POST", `${path}/cancel`)).status, 409);
    const fork = await node.ask("POST", `${path}/fork`, { body: {} });
    assert.equal(fork.status, 202, fork.text);
    await node.until(fork.json.runId, "waiting");
    const ended = await node.ask("POST", `/api/v1/runs/${fork.json.runId}/tasks/hold/cancel`);
    assert.equal(ended.status, 202, ended.text);
    const failing = await submit(node, { workflow: "failing" });
    await node.until(failing, "failed");
    assert.equal((await node.ask("POST", `/api/v1/runs/${failing}/retry`)).status, 202);
    const bulk = await node.ask("POST", "/api/v1/runs/bulk", {
      body: { action: "cancel", ids: [runId, "01KAP0V2M3N4P5Q6R7S8T9VWXY"] },
    });
    assert.deepEqual(bulk.json.results.map(({ ok }: { ok: boolean }) => ok), [false, false]);
  }),
);

Deno.test(
  "POST /workflows answers the same request alike, and refuses its key for another",
  served(async (node) => {
    const headers = { "idempotency-key": "deploy-1" };
    const post = (source: object) =>
      node.ask("POST", "/api/v1/workflows", { body: { source }, headers });
    const [first, again] = [await post(HELLO), await post(HELLO)];
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.equal(again.text, first.text);
    const other = await post(WAITING);
    assert.deepEqual([other.status, other.json.code], [422, "KEY_MISMATCH"]);
    const keyless = await node.ask("POST", "/api/v1/workflows", { body: { source: HELLO } });
    assert.equal(keyless.status, 200);
  }),
);

Deno.test(
  "definitions change only for who knows what stands there",
  served(async (node) => {
    const etag = await register(node, HELLO);
    const path = "/api/v1/workflows/hello";
    const seen = await node.ask("GET", path, { headers: { "if-none-match": etag } });
    assert.deepEqual([seen.status, seen.text, seen.headers.get("etag")], [304, "", etag]);
    const body = { source: { ...HELLO, version: "2.0.0" } };
    const put = (headers: Record<string, string>) => node.ask("PUT", path, { body, headers });
    assert.equal((await put({})).status, 428);
    assert.equal((await put({ "if-match": '"other"' })).status, 412);
    assert.equal((await put({ "if-match": `W/${etag}` })).status, 412);
    assert.equal((await put({ "if-none-match": "*" })).status, 412);
    const changed = await put({ "if-match": etag });
    assert.equal(changed.status, 201, changed.text);
    assert.notEqual(changed.headers.get("etag"), etag);
    assert.equal((await put({ "if-match": etag })).status, 412);
    assert.equal((await node.ask("GET", `${path}/versions/2.0.0`)).json.version, "2.0.0");
    const gone = await node.ask("DELETE", path, { headers: { "if-match": etag } });
    assert.equal(gone.status, 412);
    assert.equal((await node.ask("DELETE", path)).status, 204);
    assert.equal((await node.ask("GET", path)).status, 404);
  }),
);

Deno.test(
  "a workflow that is wrong is answered with every place in it",
  served(async (node) => {
    const source = "name: wrong\ntasks:\n  a:\n    vlaue: 1\n";
    const refused = await node.ask("POST", "/api/v1/workflows", { body: { source } });
    assert.equal(refused.status, 422, refused.text);
    const [issue] = refused.json.issues;
    assert.equal(issue.line, 4);
    assert.match(issue.hint, /value/);
    const checked = await node.ask("POST", "/api/v1/workflows/validate", { body: { source } });
    assert.deepEqual([checked.status, checked.json.valid], [200, false]);
    assert.equal((await node.ask("GET", "/api/v1/workflows")).json.items.length, 0);
  }),
);

Deno.test(
  "requests that HTTP has an answer for get that one, as a problem",
  served(async (node) => {
    const deep = `{"workflow":"x","input":${'{"a":'.repeat(100)}1${"}".repeat(100)}}`;
    const large = JSON.stringify({ reason: "x".repeat(300_000) });
    const json = { "content-type": "application/json" };
    const run = "/api/v1/runs/01KAP0V2M3N4P5Q6R7S8T9VWXY";
    const cases: [string, string, object, number, string][] = [
      ["GET", "/api/v1/nothing", {}, 404, "PATH_NOT_FOUND"],
      ["GET", run, {}, 404, "RUN_NOT_FOUND"],
      ["GET", "/api/v1/runs/short", {}, 400, "REQUEST_INVALID"],
      ["PATCH", "/api/v1/runs", {}, 405, "METHOD_NOT_ALLOWED"],
      ["DELETE", "/api/v1/runs/bulk", {}, 405, "METHOD_NOT_ALLOWED"],
      ["GET", "/api/v1/runs/bulk", {}, 405, "METHOD_NOT_ALLOWED"],
      ["POST", "/api/v1/runs", { body: "{", headers: json }, 400, "BODY_NOT_JSON"],
      ["POST", "/api/v1/runs", { body: "", headers: json }, 400, "RUN_REQUEST_WRONG"],
      ["POST", "/api/v1/runs", { body: deep, headers: json }, 400, "BODY_TOO_DEEP"],
      ["POST", `${run}/cancel`, { body: large, headers: json }, 413, "BODY_TOO_LARGE"],
      [
        "POST",
        "/api/v1/runs",
        { body: {}, headers: { "content-type": "text/xml" } },
        415,
        "MEDIA_TYPE_WRONG",
      ],
      ["GET", "/api/v1/runs", { headers: { accept: "text/html" } }, 406, "NOT_ACCEPTABLE"],
      ["GET", "/ws", {}, 426, "UPGRADE_NEEDED"],
      ["GET", "/api/v1/runs", { isAnonymous: true }, 401, "AUTHENTICATION_REQUIRED"],
      ["POST", "/api/v1/runs", { body: { workflow: "x", inptu: {} } }, 400, "REQUEST_INVALID"],
    ];
    for (const [method, path, options, status, code] of cases) {
      const answer = await node.ask(method, path, options);
      assert.deepEqual([answer.status, answer.json.code], [status, code], `${method} ${path}`);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.json.instance, answer.headers.get("x-request-id"));
      assert.doesNotMatch(answer.text, /\bat .*\.ts:\d|node_modules/);
      if (status === 405) {
        const allow = path.endsWith("bulk") ? "POST, OPTIONS" : "GET, POST, HEAD, OPTIONS";
        assert.equal(answer.headers.get("allow"), allow);
      }
    }
    const near = await node.ask("POST", "/api/v1/runs", { body: { workflow: "x", inptu: {} } });
    assert.deepEqual(near.json.issues, [
      { pointer: "/inptu", in: "body", message: "is not known", hint: 'Did you mean "input"?' },
    ]);
  }),
);

Deno.test(
  "what a parameter must be is said in words, not as a pattern",
  served(async (node) => {
    const { paths } = (await node.ask("GET", "/openapi.json")).json;
    const refused = new Set<string>();
    for (const [template, item] of Object.entries<Record<string, Described>>(paths)) {
      for (const [method, { parameters = [] }] of Object.entries(item)) {
        for (const parameter of parameters.filter((one) => one.schema.pattern !== undefined)) {
          const { name } = parameter;
          const path = template.replaceAll(/\{([^}]+)\}/g, (_, of) => of === name ? "%20" : "x");
          const query = parameter.in === "query" ? `?${name}=%20` : "";
          const headers = parameter.in === "header" ? { [name]: "\u00e9" } : undefined;
          const answer = await node.ask(method.toUpperCase(), path + query, { headers });
          assert.doesNotMatch(
            answer.text,
            /pattern|Invalid |\/\^|\$\//,
            `${method} ${path}${query}`,
          );
          if (answer.json.code === "REQUEST_INVALID") refused.add(`${parameter.in} ${name}`);
        }
      }
    }
    for (const name of ["path runId", "query status", "query workflow", "path taskId"]) {
      assert.ok(refused.has(name), `${name} was not tried: ${[...refused]}`);
    }
  }),
);

Deno.test(
  "HEAD and OPTIONS are answered for every path, and streams do not stay behind",
  served(async (node) => {
    const { paths } = (await node.ask("GET", "/openapi.json")).json;
    for (const [template, item] of Object.entries<Record<string, unknown>>(paths)) {
      const path = template.replaceAll(/\{[^}]+\}/g, "x");
      const options = await node.ask("OPTIONS", path, { isAnonymous: true });
      assert.equal(options.status, 204, path);
      const allowed = options.headers.get("allow")!.split(", ");
      for (const method of Object.keys(item)) {
        if (method === "parameters") continue;
        assert.ok(allowed.includes(method.toUpperCase()), `${method} ${path}`);
      }
    }
    const head = await node.ask("HEAD", "/api/v1/events");
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.match(head.headers.get("content-type")!, /^text\/event-stream/);
    const { text } = await node.ask("GET", "/api/v1/workflows");
    const list = await node.ask("HEAD", "/api/v1/workflows");
    assert.deepEqual([list.text, list.headers.get("content-length")], ["", String(text.length)]);
  }),
);

Deno.test(
  "GET /ws answers what cannot become a WebSocket, and HEAD never becomes one",
  served(async (node) => {
    const whole = {
      upgrade: "websocket",
      connection: "keep-alive, Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    for (const name of Object.keys(whole)) {
      const headers = Object.fromEntries(Object.entries(whole).filter(([one]) => one !== name));
      const { status, json } = await node.ask("GET", "/ws", { headers });
      assert.deepEqual([status, json.code], [426, "UPGRADE_NEEDED"], name);
    }
    assert.equal((await node.ask("HEAD", "/ws", { headers: whole })).status, 426);
  }),
);

Deno.test(
  "DELETE /workflows/{name} leaves what must not be there",
  served(async (node) => {
    await register(node, HELLO);
    const headers = { "if-none-match": "*" };
    assert.equal((await node.ask("DELETE", "/api/v1/workflows/hello", { headers })).status, 412);
    assert.equal((await node.ask("GET", "/api/v1/workflows/hello")).status, 200);
  }),
);

Deno.test(
  "a wish may come without a body, or with an empty one, over a connection",
  served(async (node) => {
    await register(node, WAITING);
    const runId = await submit(node, { workflow: "waiting" });
    await node.until(runId, "waiting");
    const url = `${node.node.url}/api/v1/runs/${runId}`;
    const authorization = `Bearer ${node.key}`;
    const bare = await fetch(`${url}/signals/other`, {
      method: "POST",
      headers: { authorization },
    });
    assert.equal(bare.status, 202, await bare.text());
    const headers = { authorization, "content-type": "application/json" };
    const empty = await fetch(`${url}/cancel`, { method: "POST", headers, body: "" });
    assert.equal(empty.status, 202, await empty.text());
    await node.until(runId, "cancelled");
    const typeless = await fetch(`${url}/cancel`, {
      method: "POST",
      headers: { authorization },
      body: new TextEncoder().encode("{}"),
    });
    assert.equal(typeless.status, 415, await typeless.text());
  }),
);

Deno.test(
  "every operation names its action, its refusals and an id of its own",
  served(async (node) => {
    const { paths, openapi, tags } = (await node.ask("GET", "/openapi.json")).json;
    const known = tags.map(({ name }: { name: string }) => name);
    const { text: page } = await node.ask("GET", "/docs");
    assert.equal(openapi, "3.1.1");
    const ids = new Set<string>();
    for (const [path, item] of Object.entries<Record<string, Operation>>(paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const name = `${method} ${path}`;
        assert.ok(!ids.has(operation.operationId), name);
        ids.add(operation.operationId);
        assert.ok(operation.tags.length === 1 && known.includes(operation.tags[0]), name);
        assert.ok(page.includes(`id="${operation.operationId}"`), name);
        assert.ok(path.includes("/auth/") || operation["x-action"] !== undefined, name);
        for (const status of ["400", "401", "403", "404", "429", "503"]) {
          assert.ok(status in operation.responses, `${name} ${status}`);
        }
      }
    }
    assert.ok(ids.size >= 50);
  }),
);

interface Operation {
  operationId: string;
  tags: string[];
  "x-action"?: string;
  responses: Record<string, unknown>;
}

Deno.test("too many requests at once are told to come back", async () => {
  await using node = await ServedNode.start({ requestsMax: 2 });
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => node.ask("GET", "/api/v1/cluster")),
  );
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 503, 503, 503, 503]);
  const refused = answers.find(({ status }) => status === 503)!;
  assert.equal(refused.json.code, "TOO_MANY_REQUESTS_AT_ONCE");
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal((await node.ask("GET", "/api/v1/cluster")).status, 200);
});

Deno.test(
  "a request keeps its name and its trace",
  served(async (node) => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const headers = { "x-request-id": "job-7", traceparent };
    const answer = await node.ask("GET", "/api/v1/runs", { headers });
    assert.equal(answer.headers.get("x-request-id"), "job-7");
    assert.equal(answer.headers.get("traceparent"), traceparent);
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }),
);

/** Headers of a key that was just made. */
async function keyOf(node: ServedNode, wish: object): Promise<Record<string, string>> {
  const answer = await node.ask("POST", "/api/v1/keys", { body: { name: "other", ...wish } });
  assert.equal(answer.status, 201, answer.text);
  return { authorization: `Bearer ${answer.json.key}` };
}

Deno.test(
  "a tenant sees the workflows that it may run: shared ones and its own",
  served(async (node) => {
    await register(node, HELLO);
    const acme = await keyOf(node, { role: "admin", tenant: "acme" });
    const globex = await keyOf(node, { role: "viewer", tenant: "globex" });
    const own = { body: { source: WAITING }, headers: acme };
    assert.equal((await node.ask("POST", "/api/v1/workflows", own)).status, 201);
    const namesFor = async (headers: Record<string, string>) =>
      (await node.ask("GET", "/api/v1/workflows", { headers })).json.items
        .map(({ name }: { name: string }) => name);
    assert.deepEqual(await namesFor(acme), ["hello", "waiting"]);
    assert.deepEqual(await namesFor(globex), ["hello"]);
  }),
);

Deno.test(
  "nobody revokes a key that may do more than they",
  served(async (node) => {
    const narrow = await keyOf(node, { role: "admin", workflows: ["repo-*"] });
    const { items } = (await node.ask("GET", "/api/v1/keys")).json;
    const first = items.find(({ name }: { name: string }) => name === "first key");
    const path = `/api/v1/keys/${first.id}`;
    const refused = await node.ask("DELETE", path, { headers: narrow });
    assert.deepEqual([refused.status, refused.json.code], [403, "RIGHTS_EXCEEDED"]);
    assert.equal((await node.ask("GET", "/api/v1/runs")).status, 200);
  }),
);
