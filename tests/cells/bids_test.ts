import assert from "node:assert/strict";
import type { BidAnswer, BidRequest } from "../../actors/bidding.ts";
import { CellHarness, codeOf, LoopProbe, until } from "./cell_harness.ts";

/** A module whose agent bids with `bid`, an expression, and runs `run`. */
function bidder(bid: string, run = "return 1;"): string {
  return `export default { name: "test", costUsd: 0.25, capabilities: { work: {} },
    async bid(input, ctx) { ${bid} }, async run(input, ctx) { ${run} } };`;
}

function request(change: Partial<BidRequest> = {}): BidRequest {
  const place = { runId: "run-1", taskId: "task", index: 0 };
  return { ...place, capability: "work", input: { n: 1 }, timeoutMs: 5_000, ...change };
}

function codeOfBid(answer: BidAnswer): string {
  return answer.status === "refused" ? answer.code : answer.status;
}

Deno.test("bid() starts a worker, asks it, and answers with what it offers", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(
    bidder("return { success: input.n / 2, latencyMs: ctx.capability.length };"),
  );
  assert.deepEqual(await fleet.cells.bid(key, request()), {
    status: "bid",
    bid: { costUsd: 0.25, success: 0.5, latencyMs: 4 },
  });
  const none = fleet.register(bidder("return null;"));
  assert.deepEqual(await fleet.cells.bid(none, request()), { status: "none" });
  const silent = fleet.register(
    `export default { name: "x", capabilities: { work: {} }, run() {} };`,
  );
  assert.deepEqual(await fleet.cells.bid(silent, request()), { status: "none" });
});

Deno.test("bid() refuses what is no bid, with a code", async () => {
  await using fleet = new CellHarness();
  const bids = {
    "return { costUsd: NaN }": "BID_INVALID",
    "return { costUsd: -Infinity }": "BID_INVALID",
    "return { success: 2 }": "BID_INVALID",
    "return { note: 'x'.repeat(1024 * 1024) }": "BID_INVALID",
    "throw new Error('no')": "BID_INVALID",
    "throw { get message() { throw 1; } }": "BID_INVALID",
    'return JSON.parse(\'{"__proto__":{"costUsd":1}}\')': "BID_INVALID",
    "return new Proxy({}, { ownKeys() { throw 1; } })": "BID_INVALID",
    "return { toJSON: () => ({ costUsd: -1 }) }": "BID_INVALID",
    "await new Promise(() => {})": "BID_TIMEOUT",
  };
  const answers = await Promise.all(
    Object.keys(bids).map((bid) =>
      fleet.cells.bid(fleet.register(bidder(bid)), request({ timeoutMs: 3_000 }))
    ),
  );
  assert.deepEqual(answers.map(codeOfBid), Object.values(bids));
});

Deno.test("bid() takes no place of an attempt, and leaves the worker when none comes", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(bidder("await new Promise(() => {});"));
  await fleet.cells.describe(key);
  const [pid] = fleet.notePids();
  const bids = Array.from({ length: 200 }, () => fleet.cells.bid(key, request({ timeoutMs: 300 })));
  assert.equal(fleet.cells.capacity(key), 1);
  const [settled] = await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(codeOf(settled!), "completed");
  const codes = (await Promise.all(bids)).map(codeOfBid);
  assert.deepEqual([...new Set(codes)], ["BID_TIMEOUT"]);
  assert.deepEqual(fleet.notePids(), [pid]);
  assert.equal(fleet.cells.inspect()[0]!.inFlight, 0);
  assert.deepEqual([...fleet.cells.attempts()], []);
});

Deno.test("bid() of a worker that loops is given up, and the worker is ended", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(bidder("for (;;);"));
  await fleet.cells.describe(key);
  const [pid] = fleet.notePids();
  using probe = new LoopProbe();
  const answer = await fleet.cells.bid(key, request({ timeoutMs: 300 }));
  assert.equal(codeOfBid(answer), "BID_TIMEOUT");
  await until(() => !fleet.left().includes(pid!));
  assert.ok(probe.worstMs < 500, `the node stood still for ${probe.worstMs} ms`);
});

Deno.test("bid() answers when the worker dies, cannot come up, or the node closes", async () => {
  const fleet = new CellHarness();
  const dying = fleet.register(bidder("self.close(); await new Promise(() => {});"));
  assert.equal(codeOfBid(await fleet.cells.bid(dying, request())), "CRASHED");
  const broken = fleet.register("throw new Error('no module');");
  assert.equal(codeOfBid(await fleet.cells.bid(broken, request())), "AGENT_INVALID");
  const hanging = fleet.register(bidder("await new Promise(() => {});"));
  const asked = fleet.cells.bid(hanging, request());
  await until(() => fleet.cells.inspect().some(({ inFlight }) => inFlight === 1));
  await fleet.cells.close();
  assert.equal(codeOfBid(await asked), "UNAVAILABLE");
  assert.equal(codeOfBid(await fleet.cells.bid(hanging, request())), "UNAVAILABLE");
});

Deno.test("ctx.recall() asks the node, and says so where nobody answers", async () => {
  await using fleet = new CellHarness();
  const body = `try {
    return await ctx.recall(input.query, input.options);
  } catch (error) { return { code: error.code }; }`;
  const ask = async (query: string, options: Record<string, number | string> = {}) => {
    const { outcome } = await fleet.runBody(body, { input: { query, options } });
    return outcome.status === "completed" ? outcome.output : outcome.error.code;
  };
  assert.deepEqual(await ask("walk"), { code: "NOT_SUPPORTED" });
  const asked: unknown[] = [];
  fleet.cells.answerRecalls((attempt, query) => {
    asked.push([attempt.runId, query]);
    const found = { text: "walk", agent: "a@1.0.0", capability: null, runId: "r", task: "t" };
    const place = { index: 0, at: 1, similarity: 1 };
    const sizes = [1, 200 * 1024, 200 * 1024];
    return Promise.resolve(
      sizes.map((size) => ({ ...found, ...place, output: "x".repeat(size) })),
    );
  });
  const answer = await ask("walk", { capability: "files.walk", limit: 3 });
  assert.deepEqual(
    (answer as { output: string | null }[]).map(({ output }) => output?.length ?? null),
    [1, 200 * 1024, null],
  );
  assert.deepEqual(asked, [
    ["run-1", { text: "walk", capability: "files.walk", limit: 3 }],
  ]);
  for (const limit of [0, 21, 1.5]) {
    assert.deepEqual(await ask("walk", { limit }), { code: "INVALID_INPUT" });
  }
  assert.deepEqual(await ask("x".repeat(2_001)), { code: "INVALID_INPUT" });
  fleet.cells.answerRecalls(() => Promise.reject(new Error("disk is gone")));
  assert.deepEqual(await ask("walk"), { code: "UNAVAILABLE" });
});

Deno.test("ctx.recall() is bounded in number, for the honest and for others", async () => {
  await using fleet = new CellHarness();
  let open = 0, most = 0;
  fleet.cells.answerRecalls(async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setTimeout(resolve, 1));
    open--;
    return [];
  });
  const { outcome } = await fleet.runBody(`
    const count = async (tries) => {
      const all = await Promise.allSettled(Array.from({ length: tries }, () => ctx.recall("x")));
      return all.filter((one) => one.status === "rejected")
        .map((one) => one.reason.code).filter((code) => code !== "RATE_LIMITED").length;
    };
    let other = 0;
    for (let n = 0; n < 20; n++) other += await count(20);
    return other;
  `);
  assert.deepEqual(outcome, { status: "completed", output: 0 });
  assert.ok(most <= 16);
});

Deno.test("register() holds a module to what it said of itself", async () => {
  await using fleet = new CellHarness({ idleMs: 1 });
  const changes: string[] = [];
  fleet.cells.onManifestChange(({ agentKey }) => changes.push(agentKey));
  const manifest = {
    name: "test",
    codeHash: "x",
    permissions: { read: [], write: [], net: [], env: [], run: [], sys: [], ffi: [], import: [] },
    concurrency: 1,
    replicas: { min: 0, max: 1 },
    memoryMb: 128,
  };
  const code = `export default { name: "test", description: String(Math.random()),
    capabilities: { work: {} }, run: () => 1 };`;
  const { manifestHash } = await fleet.cells.visit(manifest, code);
  const key = fleet.cells.register({ ...manifest, declarationHash: manifestHash! }, code);
  const [settled] = await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(codeOf(settled!), "MANIFEST_CHANGED");
  assert.deepEqual(changes, [key]);
  const bid = await fleet.cells.bid(key, request());
  assert.equal(codeOfBid(bid), "MANIFEST_CHANGED");
});
