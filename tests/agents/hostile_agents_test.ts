import assert from "node:assert/strict";
import type { Attempt } from "../../actors/attempt.ts";
import type { BidRequest } from "../../actors/bidding.ts";
import { LoopProbe, until } from "../cells/cell_harness.ts";
import { ADMIN, agentSource, counter, RegistryHarness } from "./registry_kit.ts";

/** Members of an agent whose bid is `bid`, with one example. */
function bidder(bid: string): string {
  return `capabilities: { "work": { examples: [{ input: 1 }] } },
    async bid() { ${bid} }, run: () => 1,`;
}

/** Bids that the handshake finds out. */
const BIDS: Record<string, [bid: string, code: string]> = {
  "bids-nan": ["return { costUsd: NaN };", "BID_INVALID"],
  "bids-minus-infinity": ["return { costUsd: -Infinity };", "BID_INVALID"],
  "bids-a-megabyte": ["return { note: 'x'.repeat(1024 * 1024) };", "BID_INVALID"],
  "bids-never": ["await new Promise(() => {});", "BID_TIMEOUT"],
  "bids-in-a-loop": ["for (;;);", "BID_TIMEOUT"],
  "bids-a-throw": ["throw new Proxy({}, { get() { throw 1; } });", "BID_INVALID"],
  "bids-proto": [`return JSON.parse('{"__proto__":{"costUsd":0}}');`, "BID_INVALID"],
  "bids-the-end": ["Deno.exit(0);", "CRASHED"],
};

/** Manifests that never come in. */
const MANIFESTS: Record<string, string> = {
  "ten-thousand": `capabilities: Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => ["c" + n, {}])), run: () => 1,`,
  "proto-capability": `capabilities: { ["__proto__"]: { isA: "x" } }, run: () => 1,`,
  "proto-kin": `capabilities: { work: { isA: ["__proto__"] } }, run: () => 1,`,
  "constructor-capability": `capabilities: { constructor: {} }, run: () => 1,`,
  "large-text": `description: "x".repeat(1024 * 1024), run: () => 1,`,
  "large-schema": `capabilities: { work: { input: { "~standard": { jsonSchema: {
    input: () => ({ title: "x".repeat(100_000) }) } } } } }, run: () => 1,`,
  "large-example": `capabilities: { work: { examples: [{ input: "x".repeat(100_000) }] } },
    run: () => 1,`,
  "many-examples": `capabilities: { work: { examples: Array(21).fill({ input: 1 }) } },
    run: () => 1,`,
  "negative-cost": `costUsd: -1, run: () => 1,`,
};

/** Does attempts of an honest agent until it is told to stop; how long each took. */
async function workOn(node: RegistryHarness, isOver: () => boolean): Promise<number[]> {
  const { agentKey } = await node.registry.roster.ensure("counter@1.0.0", null);
  const times: number[] = [];
  while (!isOver()) {
    const attempt: Attempt = {
      ...{ runId: "run", taskId: "count", index: times.length, attempt: 1, agent: "counter@1.0.0" },
      ...{ capability: "words.count", input: { text: "a b c" }, term: 1 },
      ...{ timeoutMs: 30_000, heartbeatMs: 30_000 },
    };
    const startedAt = performance.now();
    const outcome = await node.cells.trial(agentKey!, attempt);
    assert.deepEqual(outcome, { status: "completed", output: 3 });
    times.push(performance.now() - startedAt);
  }
  return times;
}

Deno.test("hostile bids are refused at the handshake, and others work on", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  await registry.register({ source: counter() }, ADMIN);
  let isOver = false;
  const working = workOn(node, () => isOver);
  using probe = new LoopProbe();
  const found = await Promise.all(
    Object.entries(BIDS).map(async ([name, [bid]]) => {
      const source = agentSource(name, "1.0.0", bidder(bid));
      const { agent } = await registry.register({ source }, ADMIN);
      return [name, agent.status, agent.findings.map(({ code }) => code)];
    }),
  );
  isOver = true;
  const expected = Object.entries(BIDS).map(([name, [, code]]) => [name, "refused", [code]]);
  assert.deepEqual(found, expected);
  for (const [name, [, code]] of Object.entries(BIDS)) {
    assert.deepEqual(await node.audited(`${name}@1.0.0`), ["REGISTERED", code]);
  }
  const times = (await working).sort((a, b) => a - b);
  // A machine with two cores that starts sixteen processes meanwhile: how many come through depends
  // on how soon these are done.
  assert.ok(times.length > 10, `only ${times.length} attempts came through`);
  assert.ok(times[Math.floor(times.length / 2)]! < 250, `half took ${times[times.length >> 1]} ms`);
  assert.ok(probe.worstMs < 2_000, `the node stood still for ${probe.worstMs} ms`);
  assert.deepEqual(
    registry.roster.offering("work", null).filter(({ agent }) => agent.status === "ready"),
    [],
  );
});

Deno.test("hostile manifests are refused with a code, and are on the audit log", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  for (const [name, parts] of Object.entries(MANIFESTS)) {
    const source = agentSource(name, "1.0.0", parts);
    await assert.rejects(registry.register({ source }, ADMIN), (error: Error) => {
      assert.equal((error as Error & { code: string }).code, "AGENT_MANIFEST_INVALID", name);
      assert.ok(error.message.length < 1_000);
      return true;
    });
  }
  const audited = await node.audited("agent.ts");
  assert.ok(audited.length > 0 && audited.every((code) => code === "AGENT_MANIFEST_INVALID"));
  const reference = "__proto__";
  assert.equal(registry.roster.find(reference, null), null);
  assert.equal(registry.roster.resolve(reference, null), null);
  assert.deepEqual(registry.roster.offering(reference, null), []);
  assert.deepEqual(registry.roster.all(), []);
  assert.equal(({} as Record<string, unknown>).isA, undefined);
});

Deno.test("an agent called like a part of every object is refused", async () => {
  await using node = await RegistryHarness.start();
  for (const name of ["__proto__", "constructor", "prototype", "", "Upper", "a".repeat(65)]) {
    const source = agentSource(name, "1.0.0", "run: () => 1,");
    await assert.rejects(
      node.registry.register({ source }, ADMIN),
      { code: "AGENT_MANIFEST_INVALID" },
      name,
    );
  }
});

Deno.test("a manifest that changes after the handshake takes its agent out", async () => {
  await using node = await RegistryHarness.start({ idleMs: 50 });
  const { registry, cells, dataDir } = node;
  const flag = `${await Deno.realPath(dataDir)}/turned`;
  const source = agentSource(
    "turncoat",
    "1.0.0",
    `description: isTurned ? "new" : "old",
    capabilities: { work: { examples: [{ input: 1, output: 1 }] } }, run: () => 1,`,
    `let isTurned = false;
     try { Deno.readTextFileSync(${
      JSON.stringify(flag)
    }); isTurned = true; } catch { /* Not yet. */ }`,
  );
  const grants = { read: [flag] };
  const { agent } = await registry.register({ source }, ADMIN, { grants });
  assert.deepEqual([agent.status, agent.findings], ["ready", []]);
  const { agentKey } = await registry.roster.ensure("turncoat@1.0.0", null);
  await until(() => cells.inspect().every(({ agent }) => agent !== "turncoat@1.0.0"));
  await Deno.writeTextFile(flag, "");
  const outcome = await cells.trial(agentKey!, {
    ...{ runId: "run", taskId: "work", index: 0, attempt: 1, agent: "turncoat@1.0.0", term: 1 },
    ...{ capability: "work", input: 1, timeoutMs: 30_000, heartbeatMs: 30_000 },
  });
  assert.equal(outcome.status === "failed" && outcome.error.code, "MANIFEST_CHANGED");
  await until(() => registry.roster.find("turncoat@1.0.0", null)?.status === "refused");
  const { findings } = await registry.show("turncoat", null);
  assert.deepEqual(findings.map(({ code }) => code), ["MANIFEST_CHANGED"]);
  assert.deepEqual(await node.audited("turncoat@1.0.0"), [
    "REGISTERED",
    "CHECKED",
    "MANIFEST_CHANGED",
  ]);
  assert.equal(registry.roster.resolve("turncoat", null), null);
  assert.equal((await registry.check("turncoat", ADMIN)).status, "refused");
  await Deno.remove(flag);
  assert.equal((await registry.check("turncoat", ADMIN)).status, "ready");
});

Deno.test("a manifest of chance does not come through the handshake", async () => {
  await using node = await RegistryHarness.start();
  const source = agentSource(
    "gambler",
    "1.0.0",
    `description: String(Math.random()), run: () => 1,`,
  );
  const { agent } = await node.registry.register({ source }, ADMIN);
  assert.deepEqual([agent.status, agent.findings.map(({ code }) => code)], [
    "refused",
    ["MANIFEST_CHANGED"],
  ]);
});

Deno.test("an agent that bids well at the handshake and badly later is refused then", async () => {
  await using node = await RegistryHarness.start();
  const { registry, cells } = node;
  const source = agentSource(
    "two-faced",
    "1.0.0",
    `capabilities: { work: { examples: [{ input: 1 }] } },
    bid: (input) => input === 1 ? { success: 1 } : { success: Number.NaN }, run: () => 1,`,
  );
  const { agent } = await registry.register({ source }, ADMIN);
  assert.equal(agent.status, "ready");
  const { agentKey } = await registry.roster.ensure(agent.ref, null);
  const place = { runId: "run", taskId: "work", index: 0, capability: "work", timeoutMs: 5_000 };
  const request = (input: number): BidRequest => ({ ...place, input });
  assert.equal((await cells.bid(agentKey!, request(1))).status, "bid");
  const answer = await cells.bid(agentKey!, request(2));
  assert.equal(answer.status === "refused" && answer.code, "BID_INVALID");
});
