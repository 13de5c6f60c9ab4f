import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { ADMIN, agentSource, counter, RegistryHarness } from "./registry_kit.ts";

/** Code that the promise rejects with. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

Deno.test("register() keeps an agent that keeps what it claims, and it can be assigned", async () => {
  await using node = await RegistryHarness.start();
  const { registry, cells } = node;
  const { agent, isNew } = await registry.register({ source: counter() }, ADMIN);
  assert.deepEqual([agent.ref, agent.status, agent.findings, isNew], [
    "counter@1.0.0",
    "ready",
    [],
    true,
  ]);
  const { input, output, ...rest } = agent.capabilities["words.count"]!;
  assert.deepEqual(rest, { isA: ["count"], partOf: ["audit"], examples: 2 });
  assert.equal(input?.type, "object");
  assert.equal(output?.type, "number");
  const { roster } = registry;
  for (const capability of ["words.count", "count"]) {
    const [offer] = roster.offering(capability, null);
    assert.equal(offer?.agent.ref, "counter@1.0.0");
    assert.equal(offer.capability, "words.count");
    assert.equal(offer.distance, capability === "count" ? 1 : 0);
  }
  assert.deepEqual(roster.offering("audit", null), []);
  const { agentKey, accepts } = await roster.ensure("counter@1.0.0", null).then((found) => ({
    agentKey: found.agentKey!,
    accepts: (value: number | string) => found.checkOf("words.count")({ text: value }),
  }));
  assert.deepEqual([accepts("x"), accepts(1)], [true, false]);
  assert.equal(cells.capacity(agentKey), 2);
  assert.deepEqual(await node.audited("counter@1.0.0"), ["REGISTERED", "CHECKED"]);
  const again = await registry.register({ source: counter() }, ADMIN);
  assert.deepEqual([again.isNew, again.agent.checkedAt], [false, agent.checkedAt]);
});

Deno.test("register() keeps versions side by side, and one meaning of each", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  for (const version of ["1.0.0", "1.2.0", "2.0.0"]) {
    await registry.register({ source: counter(version) }, ADMIN);
  }
  const other = registry.register({ source: counter("1.2.0", "description: 'x',") }, ADMIN);
  assert.equal(await codeOf(other), "AGENT_VERSION_EXISTS");
  const found = (reference: string) => registry.roster.resolve(reference, null)?.ref;
  assert.equal(found("counter"), "counter@2.0.0");
  assert.equal(found("counter@^1"), "counter@1.2.0");
  assert.equal(found("counter@1.0.0"), "counter@1.0.0");
  assert.equal(found("counter@^3"), undefined);
  assert.deepEqual((await registry.show("counter@^1", null)).versions, ["2.0.0", "1.2.0", "1.0.0"]);
  const first = await registry.list(null, { limit: 2 });
  const second = await registry.list(null, { limit: 2, cursor: first.nextCursor! });
  assert.deepEqual([...first.items, ...second.items].map(({ version }) => version), [
    "2.0.0",
    "1.2.0",
    "1.0.0",
  ]);
  assert.equal(second.nextCursor, null);
  assert.deepEqual(await registry.remove("counter@1.0.0", ADMIN), ["counter@1.0.0"]);
  assert.deepEqual(await registry.remove("counter", ADMIN), ["counter@2.0.0", "counter@1.2.0"]);
  assert.equal(await codeOf(registry.show("counter", null)), "AGENT_UNKNOWN");
  assert.deepEqual(registry.roster.all(), []);
});

Deno.test("register() says which claims an agent does not keep, and refuses it", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  const source = agentSource(
    "boaster",
    "1.0.0",
    `capabilities: {
      "a.wrong": { examples: [{ input: 1, output: { n: 1, m: 2 } }] },
      "b.missing": { input: z.number(), examples: [{ input: 1 }] },
      "c.schema": { output: z.string(), examples: [{ input: 1 }] },
      "d.input": { input: z.string(), examples: [{ input: 1 }] },
      "e.good": { examples: [{ input: 1, output: { m: 2, n: 1 } }] },
    },
    run(input, ctx) {
      if (ctx.capability === "b.missing") throw new Error("I cannot");
      return ctx.capability === "e.good" ? { n: 1, m: 2 } : { n: 2 };
    },`,
  );
  const { agent } = await registry.register({ source }, ADMIN);
  assert.equal(agent.status, "refused");
  assert.deepEqual(agent.findings.map(({ capability, code }) => [capability, code]), [
    ["a.wrong", "OUTPUT_DIFFERS"],
    ["b.missing", "FAILED"],
    ["c.schema", "INVALID_OUTPUT"],
    ["d.input", "INVALID_INPUT"],
  ]);
  assert.match(agent.findings[0]!.message, /gave \{"n":2\} instead of/);
  assert.match(agent.findings[1]!.message, /I cannot/);
  assert.equal(registry.roster.resolve("boaster", null), null);
  assert.equal(registry.roster.offering("e.good", null)[0]!.agent.status, "refused");
  assert.equal((await registry.check("boaster", ADMIN)).status, "refused");
});

Deno.test("register() loads a module from a file, and one with neighbours from text", async () => {
  await using node = await RegistryHarness.start();
  const { registry, dataDir } = node;
  const words = "export const count = (text: string) => text.split(' ').length;";
  const source = agentSource(
    "split",
    "1.0.0",
    `capabilities: { "words.count": { examples: [{ input: "a b", output: 2 }] } }, run: count,`,
    'import { count } from "./lib/words.ts";',
  );
  const files = { "lib/words.ts": words };
  const { agent } = await registry.register({ source, files }, ADMIN);
  assert.deepEqual([agent.status, agent.module], ["ready", "agent.ts"]);
  await Deno.mkdir(`${dataDir}/lib`);
  await Deno.writeTextFile(`${dataDir}/lib/words.ts`, words);
  await Deno.writeTextFile(`${dataDir}/agent.ts`, source);
  const again = await registry.register({ module: `${dataDir}/agent.ts` }, ADMIN);
  assert.equal(again.agent.codeHash, agent.codeHash);
  assert.equal(await codeOf(registry.register({ source }, ADMIN)), "AGENT_MODULE_NOT_FOUND");
  for (const path of ["../x.ts", "/etc/x.ts", "a//b.ts", "a\\b.ts", "__proto__/../x"]) {
    const wrong = registry.register({ source, files: { [path]: "" } }, ADMIN);
    assert.equal(await codeOf(wrong), "AGENT_FILES_WRONG", path);
  }
  const folders = [...Deno.readDirSync(`${dataDir}/registry`)];
  assert.deepEqual(folders, []);
});

Deno.test("register() grants nothing that was not said, and names what is missing", async () => {
  await using node = await RegistryHarness.start();
  const { registry, dataDir } = node;
  const file = `${await Deno.realPath(dataDir)}/words.txt`;
  await Deno.writeTextFile(file, "hello");
  const source = agentSource(
    "reader",
    "1.0.0",
    `permissions: { read: [${JSON.stringify(file)}], net: ["example.org:443"] },
    capabilities: { "file.read": { examples: [{ input: null, output: "hello" }] } },
    run: () => Deno.readTextFile(${JSON.stringify(file)}),`,
  );
  const register = (grants: Record<string, string[]>, grantsAll = false) =>
    registry.register({ source }, ADMIN, { grants, grantsAll });
  await assert.rejects(register({ read: [dataDir] }), (error: Error & { hint: string }) => {
    assert.equal((error as unknown as { code: string }).code, "AGENT_PERMISSIONS_UNGRANTED");
    assert.match(error.hint, /--grant net=example.org:443,? or all/);
    return true;
  });
  assert.equal(await codeOf(register({ fly: ["high"] })), "INVALID_PERMISSION");
  const { agent } = await register({ read: [dataDir], net: ["example.org"] });
  assert.deepEqual([agent.status, agent.permissions.net], ["ready", ["example.org"]]);
  // The same content with other grants is the same version, held to its claims anew.
  const all = await register({}, true);
  assert.deepEqual([all.isNew, all.agent.permissions.net], [false, ["example.org:443"]]);
  assert.deepEqual(all.agent.permissions.read, [file]);
  assert.equal(all.agent.status, "ready");
});

Deno.test("register() refuses a ring of isA over all agents", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  const narrow = (name: string, capability: string, isA: string) =>
    agentSource(
      name,
      "1.0.0",
      `capabilities: { "${capability}": { isA: "${isA}" } }, run: () => 1,`,
    );
  await registry.register({ source: narrow("one", "a", "b") }, ADMIN);
  await registry.register({ source: narrow("two", "b", "c") }, ADMIN);
  const ring = registry.register({ source: narrow("three", "c", "a") }, ADMIN);
  assert.equal(await codeOf(ring), "CAPABILITY_LOOP");
  assert.deepEqual(registry.roster.offering("c", null).map(({ agent }) => agent.name), [
    "two",
    "one",
  ]);
  assert.ok(registry.roster.tree.isNarrower("a", "c"));
});

Deno.test("tenants see their own agents and shared ones, and change only their own", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  const acme = { by: "key:acme", tenant: "acme" };
  const beta = { by: "key:beta", tenant: "beta" };
  await registry.register({ source: counter() }, ADMIN);
  await registry.register({ source: counter("1.0.0", "description: 'own',") }, acme);
  const names = (tenant: string | null) =>
    registry.roster.offering("count", tenant).map(({ agent }) => agent.tenant);
  // One of the same name and version hides the shared one.
  assert.deepEqual(names("acme"), ["acme"]);
  assert.deepEqual(names("beta"), [null]);
  assert.deepEqual(names(null), [null]);
  assert.equal(registry.roster.find("counter@1.0.0", "acme")?.description, "own");
  assert.equal(registry.roster.find("counter@1.0.0", "beta")?.description, null);
  assert.equal((await registry.list(null)).items.length, 2);
  assert.equal((await registry.list("beta")).items.length, 1);
  assert.equal(await codeOf(registry.remove("counter", beta)), "AGENT_UNKNOWN");
  assert.equal(await codeOf(registry.check("counter", beta)), "AGENT_UNKNOWN");
  assert.deepEqual(await registry.remove("counter", acme), ["counter@1.0.0"]);
  assert.deepEqual(names("acme"), [null]);
});

Deno.test("who sees all tenants' agents says whose is to be removed", async () => {
  await using node = await RegistryHarness.start();
  const { registry } = node;
  for (const tenant of ["acme", "beta"]) {
    await registry.register({ source: counter() }, { by: `key:${tenant}`, tenant });
  }
  await registry.register({ source: counter("2.0.0") }, { by: "key:beta", tenant: "beta" });
  for (const reference of ["counter", "counter@1.0.0"]) {
    assert.equal(await codeOf(registry.remove(reference, ADMIN)), "AGENT_AMBIGUOUS", reference);
  }
  assert.equal((await registry.list(null)).items.length, 3);
  assert.deepEqual(await registry.remove("counter@2.0.0", ADMIN), ["counter@2.0.0"]);
  assert.deepEqual(await registry.remove("counter", { ...ADMIN, tenant: "acme" }), [
    "counter@1.0.0",
  ]);
  assert.deepEqual((await registry.list(null)).items.map(({ tenant }) => tenant), ["beta"]);
  assert.deepEqual(await registry.remove("counter", ADMIN), ["counter@1.0.0"]);
});

Deno.test("a key that nobody reads is refused, with the one that was meant", async () => {
  await using node = await RegistryHarness.start();
  const refused: [string, RegExp][] = [
    ["costUSD: 1,", /unknown key "costUSD" at "\/": did you mean "costUsd"\?/],
    ["owner: 'me',", /unknown key "owner" at "\/": it may have: name, version,/],
    ["bids() { return null; },", /did you mean "bid"\?/],
    ["permissions: { reed: ['/'] },", /unknown key "reed" \(did you mean "read"\?\) at "\/perm/],
  ];
  for (const [more, message] of refused) {
    const source = counter("1.0.0", more);
    await assert.rejects(node.registry.register({ source }, ADMIN), (error) => {
      assert.equal((error as { code?: string }).code, "AGENT_MANIFEST_INVALID", more);
      assert.match((error as Error).message, message);
      return true;
    });
  }
  const wrong = counter().replace("isA:", "isa:");
  await assert.rejects(node.registry.register({ source: wrong }, ADMIN), {
    message: /unknown key "isa" at "\/capabilities\/words.count": did you mean "isA"\?/,
  });
  const { agent } = await node.registry.register(
    { source: counter("1.0.0", "split(text) { return text; },") },
    ADMIN,
  );
  assert.equal(agent.status, "ready");
});

Deno.test("what is no schema is refused, though it looks like JSON Schema", async () => {
  await using node = await RegistryHarness.start();
  for (const schema of ["{ type: 'object' }", "null", "'text'", "{ '~standard': {} }"]) {
    const source = agentSource(
      "plain",
      "1.0.0",
      `capabilities: { "words.count": { output: ${schema} } }, run: () => 1,`,
    );
    await assert.rejects(node.registry.register({ source }, ADMIN), {
      code: "AGENT_MANIFEST_INVALID",
      message: /for the output of "words.count" something that is no schema: write it with zod/,
    }, schema);
  }
});

Deno.test("another node has what this one registers, and its code", async () => {
  await using one = await RegistryHarness.start();
  await using two = await RegistryHarness.start({ beside: one });
  const changed = Promise.withResolvers<void>();
  const end = two.registry.roster.onChange(() => {
    if (two.registry.roster.resolve("counter", null) !== null) changed.resolve();
  });
  await one.registry.register({ source: counter() }, ADMIN);
  await changed.promise;
  end();
  const { agentKey } = await two.registry.roster.ensure("counter@1.0.0", null);
  const { capabilities } = await two.cells.describe(agentKey!);
  assert.deepEqual(capabilities, ["words.count"]);
  assert.equal(await codeOf(two.registry.roster.ensure("nobody@1.0.0", null)), "AGENT_UNKNOWN");
});

Deno.test("a handshake whose node was killed is begun anew by another node", async () => {
  await using one = await RegistryHarness.start();
  const { agent } = await one.registry.register({ source: counter() }, ADMIN);
  await one.audit.flush();
  // As it stands in the store when the process is gone in the middle of it.
  const key = "agent/-/counter/1.0.0";
  const { value, version } = (await one.stores.documents.get("agents", key))!;
  const left = { ...value as Record<string, unknown>, status: "checking", checkedAt: null };
  await one.stores.documents.put("agents", key, { ...left, checkingSince: 0 } as never, {
    ifVersion: version,
  });
  await one.stores.documents.put("agents", "change", crypto.randomUUID());
  await using other = await RegistryHarness.start({ beside: one, abandonedMs: 100 });
  let status = (await other.registry.show(agent.ref, null)).status;
  for (let tries = 0; status === "checking" && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    status = (await other.registry.show(agent.ref, null)).status;
  }
  assert.equal(status, "ready");
  assert.deepEqual(await other.audited(agent.ref), ["REGISTERED", "CHECKED", "CHECKED"]);
});

Deno.test("a tenant's isA neither refuses nor tells others, and shared agents come before", async () => {
  await using node = await RegistryHarness.start();
  const kin = (name: string, from: string, to: string) =>
    agentSource(name, "1.0.0", `capabilities: { "${from}": { isA: "${to}" } }, run: () => null`);
  const acme = { by: "key:acme", tenant: "acme" };
  const beta = { by: "key:beta", tenant: "beta" };
  await node.registry.register({ source: kin("one", "plan", "acme.secret") }, acme);
  const other = await node.registry.register({ source: kin("two", "acme.secret", "plan") }, beta);
  const shared = await node.registry.register(
    { source: kin("three", "acme.secret", "plan") },
    ADMIN,
  );
  assert.deepEqual([other.agent.status, shared.agent.status], ["ready", "ready"]);
  const { roster } = node.registry;
  assert.ok(roster.tree.isNarrower("acme.secret", "plan"));
  const offering = (tenant: string | null) =>
    roster.offering("plan", tenant).map(({ agent }) => agent.name).sort();
  assert.deepEqual(offering("acme"), ["one", "three"]);
  assert.deepEqual(offering("beta"), ["three", "two"]);
  assert.deepEqual(roster.treeSeenBy("gamma").edges, roster.treeSeenBy(null).edges);
  assert.deepEqual(roster.treeSeenBy("gamma").wider("acme.secret"), ["acme.secret", "plan"]);
  const again = { source: kin("four", "plan", "acme.secret") };
  assert.equal(await codeOf(node.registry.register(again, acme)), "CAPABILITY_LOOP");
});

Deno.test("register() does not tell where the text lay that it was given", async () => {
  await using node = await RegistryHarness.start();
  const reach = 'import text from "../../../secret.json" with { type: "json" };';
  const source = agentSource("reaching", "1.0.0", "run: () => text", reach);
  for (const given of [{ source }, { source: "export default {" }]) {
    await assert.rejects(node.registry.register(given, ADMIN), (error: Error) => {
      const { message, hint, details } = error as Error & { hint?: string; details?: unknown };
      assert.ok(!JSON.stringify({ message, hint, details }).includes(node.dataDir));
      return true;
    });
  }
});

Deno.test("remove() lets the cells go when the last attempt has ended, and not before", async () => {
  await using node = await RegistryHarness.start({ letGoAfterMs: 20 });
  const { registry, cells } = node;
  const source = agentSource(
    "slow",
    "1.0.0",
    `capabilities: { "wait.long": {} },
    run: (input) => new Promise((end) => setTimeout(() => end(1), input.ms)),`,
  );
  await registry.register({ source }, ADMIN);
  const agentKey = (await registry.roster.ensure("slow@1.0.0", null)).agentKey!;
  const attempt = {
    ...{ runId: "r", taskId: "t", index: 0, attempt: 1, agent: "slow@1.0.0", term: 0 },
    ...{ timeoutMs: 30_000, heartbeatMs: 10_000, capability: "wait.long" },
  };
  const outcome = cells.trial(agentKey, { ...attempt, input: { ms: 1_000 } });
  await registry.remove("slow", ADMIN);
  const isThere = () => cells.inspect().some(({ agent }) => agent === "slow@1.0.0");
  for (let look = 0; look < 10; look++) {
    await delay(30);
    await registry.roster.refresh();
    assert.ok(isThere(), "it is at work");
  }
  assert.deepEqual(await outcome, { status: "completed", output: 1 });
  for (const end = Date.now() + 20_000; isThere();) {
    assert.ok(Date.now() < end, "its cell stays");
    await delay(30);
    await registry.roster.refresh();
  }
  assert.equal(cells.letGo(agentKey, 0), true);
  assert.throws(() => cells.capacity(agentKey), { code: "INTERNAL" });

  const { agent } = await registry.register({ source }, ADMIN);
  assert.equal(agent.status, "ready");
  const anew = (await registry.roster.ensure("slow@1.0.0", null)).agentKey!;
  assert.equal(anew, agentKey);
  await delay(50);
  await registry.roster.refresh();
  assert.equal(cells.capacity(anew), 2);
});
