/** How many streams one principal may have open at a node. */
import assert from "node:assert/strict";
import { ServedNode } from "../http/served_node.ts";

const REMOTE = { remoteAddr: { hostname: "127.0.0.1" } };

Deno.test("a principal that has too many streams is answered 429, until it closes one", async () => {
  await using node = await ServedNode.start({ streamsMax: 2 });
  const ask = async (key: string, headers: Record<string, string> = {}, path = "/api/v1/events") =>
    await node.app(
      new Request(`http://127.0.0.1${path}`, {
        headers: { host: "127.0.0.1", authorization: `Bearer ${key}`, ...headers },
      }),
      REMOTE,
    );
  const open = [await ask(node.key), await ask(node.key)];
  for (const { status } of open) assert.equal(status, 200);
  const socket = {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  for (const refused of [await ask(node.key), await ask(node.key, socket, "/ws")]) {
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "5");
    assert.equal((await refused.json()).code, "TOO_MANY_STREAMS");
  }
  // Another principal is not held up, nor are requests that end at once.
  const viewer = await node.ask("POST", "/api/v1/keys", { body: { name: "v", role: "viewer" } });
  const other = await ask(viewer.json.key);
  assert.equal(other.status, 200);
  assert.equal((await node.ask("GET", "/api/v1/runs")).status, 200);
  await open[0]!.body!.cancel();
  const again = await ask(node.key);
  assert.equal(again.status, 200);
  for (const { body } of [open[1]!, other, again]) await body!.cancel();
});

Deno.test("streams that were refused, or only asked about, do not count", async () => {
  await using node = await ServedNode.start({ streamsMax: 1 });
  const source = { name: "hello", tasks: { greet: { value: "Hello" } } };
  assert.equal((await node.ask("POST", "/api/v1/workflows", { body: { source } })).status, 201);
  const run = await node.ask("POST", "/api/v1/runs", { body: { workflow: "hello" } });
  const path = `/api/v1/runs/${run.json.runId}/events`;
  const accept = { accept: "text/event-stream" };
  for (let n = 0; n < 3; n++) {
    const headers = { ...accept, "last-event-id": "x" };
    const refused = await node.ask("GET", path, { headers });
    assert.equal(refused.json.code, "EVENT_ID_INVALID");
    assert.equal((await node.ask("HEAD", "/api/v1/events")).status, 200);
    // It ends with the run.
    assert.equal((await node.ask("GET", path, { headers: accept })).status, 200);
  }
});
