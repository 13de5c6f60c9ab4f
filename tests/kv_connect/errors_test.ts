/**
 * What a KV Connect store says when something is wrong with its server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DenizenError } from "../../core/errors.ts";
import { type KvConnectOptions, openKvConnectStores } from "../../runtime/store/kv_connect/mod.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

const test = useDenokv();
const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

/** Code and text of what opening says. */
async function told(url: string, options: KvConnectOptions): Promise<string> {
  try {
    const stores = await openKvConnectStores(url, { openPatienceMs: 100, ...options });
    await stores.close();
    return "nothing";
  } catch (error) {
    assert.ok(error instanceof DenizenError, `${error}`);
    assert.ok(error.hint !== undefined);
    assert.ok(!error.message.includes("s3cret"), error.message);
    return `${error.code}: ${error.message}`;
  }
}

/** A server that gives the same answer to whatever it is asked. */
async function withAnswer(answer: () => Response, work: (url: string) => Promise<void>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await work(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

test("openKvConnectStores() tells a token that is missing or wrong", () =>
  withServer(async ({ url, token }) => {
    assert.equal(await told(url, { token }), "nothing");
    assert.match(
      await told(url, { token: "" }),
      /^STORE_ACCESS_REFUSED: .*without an access token/,
    );
    const wrong = await told(url, { token: "s3cret s3cret" });
    assert.match(wrong, /^STORE_ACCESS_REFUSED: .*refuses the access token: Invalid access token/);
    const named = url.replace("//", "//me:s3cret@");
    assert.equal(await told(named, { token }), "nothing", "what stands before the host is ignored");
  }));

test("openKvConnectStores() tells that no server is there", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://me:s3cret@127.0.0.1:${listener.addr.port}/`;
  listener.close();
  const token = "s3cret";
  assert.match(
    await told(url, { token }),
    /^STORE_UNAVAILABLE: .*127\.0\.0\.1:\d+\/": Connection refused/,
  );
  const nowhere = await told("https://nowhere.invalid", { token });
  assert.match(nowhere, /^STORE_UNAVAILABLE: .*nowhere\.invalid/);
  assert.match(await told("http://me:s3cret@", { token }), /^STORE_URL_WRONG/);
});

test("openKvConnectStores() tells a server that is no KV Connect", async () => {
  const token = "s3cret";
  const body = {
    databaseId: crypto.randomUUID(),
    endpoints: [{ url: "/v2", consistency: "strong" }],
    token,
    expiresAt: new Date(0).toISOString(),
  };
  const cases: [RegExp, () => Response][] = [
    [/^STORE_URL_WRONG: .*of another kind/, () => new Response("<p>Hello</p>")],
    [/^STORE_URL_WRONG: .*of another kind/, () => Response.json({ version: 3 })],
    [/^STORE_URL_WRONG: .*status 404/, () => new Response("", { status: 404 })],
    [/^STORE_VERSION_WRONG: .*version 9/, () => Response.json({ ...body, version: 9 })],
    [/^STORE_VERSION_WRONG: .*too old/, () => new Response("too old", { status: 400 })],
    [
      /^STORE_VERSION_WRONG: .*no strong/,
      () => Response.json({ ...body, version: 3, endpoints: [] }),
    ],
    [/^STORE_UNAVAILABLE: .*503: soon/, () => new Response("soon", { status: 503 })],
    [/^STORE_ACCESS_REFUSED: .*not you/, () => new Response("not you", { status: 403 })],
  ];
  for (const [expected, answer] of cases) {
    await withAnswer(answer, async (url) => assert.match(await told(url, { token }), expected));
  }
});

test("a server that went away is told within the time of patience", () =>
  withServer(async (server) => {
    const { url, token } = server;
    const stores = await openKvConnectStores<{ type: string }, never>(url, {
      token,
      patienceMs: 300,
    });
    const fence = await stores.runs.claim(0, holder, 0);
    const records = [{ runId: "r", events: [{ type: "Tick" }] }];
    await stores.runs.append(fence, { records });
    await server.kill();
    const startedAt = performance.now();
    const isUnknown = { code: "STORE_UNAVAILABLE", message: /whether it was written is unknown/ };
    await assert.rejects(stores.runs.append(fence, { records }), isUnknown);
    await assert.rejects(stores.runs.term(0), { code: "STORE_UNAVAILABLE", message: /refused/ });
    assert.ok(performance.now() - startedAt < 30_000);
    const waiting = stores.runs.term(0);
    await stores.close();
    await assert.rejects(waiting, { code: "STORE_UNAVAILABLE", message: /was closed/ });
    await assert.rejects(stores.runs.term(0), { code: "STORE_UNAVAILABLE", message: /was closed/ });
  }));

test("a server whose database was replaced is told, and nothing is written twice", () =>
  withServer(async (server) => {
    const { url, token } = server;
    const stores = await openKvConnectStores<{ type: string }, never>(url, { token });
    const fence = await stores.runs.claim(0, holder, 0);
    const records = [{ runId: "r", events: [{ type: "Tick" }] }];
    await stores.runs.append(fence, { records });
    await server.kill();
    await server.restart({ isEmpty: true });
    await assert.rejects(stores.runs.append(fence, { records }), {
      code: "STORE_UNAVAILABLE",
      message: /database was replaced/,
    });
    assert.deepEqual(await stores.runs.terms(), []);
    await stores.close();
  }));
