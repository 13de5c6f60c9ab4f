import assert from "node:assert/strict";
import { TenantEvidence } from "../../actors/assignment/mod.ts";
import { KnowledgeGraph } from "../../actors/knowledge/mod.ts";
import { noPermissions } from "../../actors/permissions.ts";
import { agentIdOf, type AttemptFact } from "../../core/assignment.ts";
import { explainAbstention } from "../../core/explain_assignment.ts";
import { definitionOf } from "../../tests/decider_kit.ts";
import type { AssignmentRequest, AssignSpec, ReuseSpec, RunEvent } from "../../workflows/mod.ts";
import { type AgentHead, type AgentRecord, AgentRecords } from "../agents/agent_records.ts";
import { NodeRoster } from "../agents/node_roster.ts";
import { openMemoryDocumentStore, openMemoryStore } from "../store/mod.ts";
import { AgentMarkets } from "./agent_markets.ts";
import type { RunMarket } from "./agent_market.ts";

const MEASURE = "code.measure";
const NOW = 1_000_000;

interface Registration {
  tenant?: string | null;
  status?: AgentHead["status"];
  costUsd?: number;
  input?: Record<string, string>;
  isA?: string[];
  capability?: string;
}

/** A node's agents and what is known of them, on stores in memory. */
class Bench {
  readonly evidence = new TenantEvidence();
  readonly graph = new KnowledgeGraph();
  readonly documents = openMemoryDocumentStore();
  readonly blobs = openMemoryStore<RunEvent>();
  readonly records = new AgentRecords(this.documents, this.blobs);
  readonly errors: unknown[] = [];
  readonly roster: NodeRoster;
  readonly markets: AgentMarkets;
  /** Free places by name; of those not named one. */
  readonly free = new Map<string, number>();
  wakeUps = 0;
  /** While it is set, nothing can be read or begun. */
  outage: Error | null = null;
  /** Resolves once texts can be compared. */
  readonly texts = Promise.withResolvers<void>();

  constructor() {
    const onError = (error: unknown) => void this.errors.push(error);
    const getBlob = this.blobs.getBlob.bind(this.blobs);
    this.blobs.getBlob = async (hash) => {
      if (this.outage !== null) throw this.outage;
      return await getBlob(hash);
    };
    const keyOf = ({ name }: { name: string }) => `key:${name}`;
    const cells = { register: keyOf, keyOf, letGo: () => true };
    this.roster = new NodeRoster({ records: this.records, cells, onError });
    const knowledge = {
      graph: this.graph,
      evidence: this.evidence,
      setTree: () => {},
      ready: async () => {
        if (this.outage !== null) throw this.outage;
        return await Promise.resolve();
      },
      readyForTexts: () => this.texts.promise,
    };
    this.markets = new AgentMarkets({
      registry: { roster: this.roster },
      knowledge,
      onChange: () => void this.wakeUps++,
      onError,
    });
  }

  async register(name: string, options: Registration = {}): Promise<void> {
    const { tenant = null, status = "ready", costUsd = 0, input, isA = [] } = options;
    const { capability = MEASURE } = options;
    const record: AgentRecord = {
      module: `${name}.ts`,
      declaration: {
        ...{ name, version: "1.0.0", description: null, permissions: null, concurrency: null },
        ...{ costUsd, bids: false },
        capabilities: [{
          ...{ name: capability, output: null, isA, partOf: [], examples: [] },
          input: input === undefined
            ? null
            : { type: "object", required: Object.keys(input), properties: {} },
        }],
      },
      permissions: noPermissions(),
      concurrency: 1,
      replicas: { min: 0, max: 1 },
      memoryMb: 64,
    };
    const codeHash = await this.records.putText(`code of ${name}`);
    const recordHash = await this.records.putText(JSON.stringify(record));
    const known = await this.records.head(name, "1.0.0", tenant);
    await this.records.put({
      ...{ name, version: "1.0.0", tenant, status, findings: [], codeHash, recordHash },
      ...{ registeredAt: 1, registeredBy: "test", checkedAt: 1, manifestHash: "m", blobs: [] },
    }, known?.etag ?? null);
    await this.roster.refresh();
  }

  /** Of a run of a file without agents of its own, unless told. */
  async market(
    options: { tenant?: string | null; own?: string[]; named?: string; reuse?: ReuseSpec } = {},
  ): Promise<RunMarket> {
    const { tenant = null, own = [], named, reuse } = options;
    const target = named === undefined
      ? { type: "capability", capability: MEASURE } as const
      : { type: "agent", agent: named } as const;
    const definition = definitionOf([{ id: "m", target, reuse }]);
    definition.agents = definition.agents.filter(({ name }) => own.includes(name));
    const agents = Object.fromEntries(
      own.map((name) => [name, { codeHash: `own-${name}`, capabilities: [MEASURE] }]),
    );
    const market = await this.markets.of({ definition, agents }, { workDir: "/srv", tenant });
    // Reading is over with the next turn.
    await Promise.resolve();
    return market!;
  }

  request(rest: Partial<AssignmentRequest> = {}, spec: Partial<AssignSpec> = {}) {
    return {
      ...{ runId: "r", workflow: "test", tenant: null, task: "m", index: 0, attempt: 1 },
      ...{ at: NOW, waitedMs: 0, capability: MEASURE, input: { file: "a.ts" } },
      spec: { waitMs: 1_000, ...spec },
      ...{ own: [], failed: new Map<string, number>(), taken: new Set<string>() },
      free: (agent: string) => this.free.get(agent) ?? 1,
      ...rest,
    } satisfies AssignmentRequest;
  }

  /** @param delayMs how much later than usual the attempts were made */
  learn(
    agent: string,
    successes: number,
    rest: Partial<AttemptFact> = {},
    delayMs = 0,
  ): void {
    const id = agentIdOf(rest.tenant ?? null, "test", agent);
    for (let at = 0; at < 20; at++) {
      const outcome = at % 10 < successes * 10 ? "completed" : "failed";
      const fact: AttemptFact = {
        ...{ runId: `${agent}-${at}`, task: "m", index: 0, attempt: 1, workflow: "test" },
        ...{ tenant: null, agent: id, capability: MEASURE, codeHash: null, text: "m a.ts" },
        ...{
          inputHash: null,
          startedAt: NOW - 2_000 + at + delayMs,
          finishedAt: NOW - 1_000 + at + delayMs,
        },
        ...{ outcome, code: null, costUsd: 0, output: null, bid: null },
        ...rest,
      };
      this.evidence.add(fact);
      this.graph.add(fact);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.markets.close();
    await this.roster.close();
  }
}

const chosenOf = (choice: ReturnType<RunMarket["choose"]>) =>
  choice.agent === null ? choice.why.code : choice.agent;

Deno.test("RunMarket chooses by evidence among agents of the file and registered ones", async () => {
  await using bench = new Bench();
  await bench.register("far");
  const market = await bench.market({ own: ["a"] });
  bench.learn("a", 0.3);
  bench.learn("far@1.0.0", 0.9);
  const choice = market.choose(bench.request({ own: ["a"] }));
  assert.ok(choice.agent !== null);
  assert.equal(choice.agent, "far@1.0.0");
  const { way, considered, candidates, inputHash, text, codeHash } = choice.record;
  assert.deepEqual({ way, considered, text }, { way: "evidence", considered: 2, text: "m a.ts" });
  assert.deepEqual(candidates.map(({ agent }) => agent), ["far@1.0.0", "a"]);
  assert.match(inputHash, /^[0-9a-f]{32}$/);
  assert.match(codeHash, /^[0-9a-f]{16}$/);
});

Deno.test("RunMarket says what is narrower, and leaves out whose schema refuses the input", async () => {
  await using bench = new Bench();
  await bench.register("narrow", { capability: "code.measure.python", isA: [MEASURE] });
  await bench.register("strict", { input: { lines: "number" } });
  const choice = (await bench.market()).choose(bench.request());
  assert.ok(choice.agent !== null);
  assert.equal(choice.agent, "narrow@1.0.0");
  assert.equal(choice.record.as, "code.measure.python");
  assert.deepEqual(choice.record.excluded, [
    { code: "INPUT_REFUSED", count: 1, agents: ["strict@1.0.0"] },
  ]);
});

Deno.test("RunMarket.hasRegisteredRoom() lets a run be asked that nobody can serve", async () => {
  await using bench = new Bench();
  const market = await bench.market();
  assert.equal(market.hasRegisteredRoom(() => 1), true);
  assert.equal(market.hasRoom(MEASURE, [], () => 0), true);
  assert.equal(chosenOf(market.choose(bench.request())), "NOBODY_OFFERS");
  // An agent of the file that is only busy is waited for.
  const own = await bench.market({ own: ["a"] });
  assert.equal(own.hasRegisteredRoom(() => 1), false);
});

Deno.test("RunMarket takes an agent that is registered while the run waits", async () => {
  await using bench = new Bench();
  const market = await bench.market();
  assert.equal(chosenOf(market.choose(bench.request())), "NOBODY_OFFERS");
  await bench.register("late");
  assert.equal(market.hasRegisteredRoom(() => 1), false);
  const { wakeUps } = bench;
  while (bench.wakeUps === wakeUps) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(market.keyOf("late@1.0.0"), "key:late@1.0.0");
  assert.equal(market.hasRegisteredRoom(() => 1), true);
  assert.equal(chosenOf(market.choose(bench.request())), "late@1.0.0");
});

Deno.test("RunMarket waits for code that is on its way, and says what cannot be brought", async () => {
  await using bench = new Bench();
  const market = await bench.market();
  await bench.register("late");
  bench.outage = new Error("the store is away");
  bench.free.set("late@1.0.0", 0);
  assert.equal(chosenOf(market.choose(bench.request())), "ALL_BUSY");
  assert.equal(market.keyOf("late@1.0.0"), undefined);
  while (bench.errors.length === 0) await new Promise((resolve) => setTimeout(resolve));
  const lost = market.choose(bench.request());
  assert.ok(lost.agent === null);
  assert.equal(lost.why.code, "NOBODY_CAN");
  assert.deepEqual(lost.why.excluded.map(({ code }) => code), ["NOT_CHECKED"]);
  // Nobody asks in the meantime: it is tried again by itself.
  bench.outage = null;
  const { wakeUps } = bench;
  while (market.keyOf("late@1.0.0") === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(bench.wakeUps > wakeUps);
  bench.free.clear();
  assert.equal(chosenOf(market.choose(bench.request())), "late@1.0.0");
});

Deno.test("RunMarket is ready in the end when the journals could not be read at first", async () => {
  await using bench = new Bench();
  bench.outage = new Error("the store is away");
  const market = await bench.market({ own: ["a"] });
  await Promise.resolve();
  assert.equal(market.hasRoom(MEASURE, ["a"], () => 1), false);
  bench.outage = null;
  const until = Date.now() + 20_000;
  while (!market.hasRoom(MEASURE, ["a"], () => 1) && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(market.hasRoom(MEASURE, ["a"], () => 1), true);
  assert.equal(bench.errors.length, 1);
});

Deno.test("RunMarket gives work that failed at one agent to another, bids or none", async () => {
  await using bench = new Bench();
  const market = await bench.market({ own: ["a", "b"] });
  bench.learn("a", 1);
  bench.learn("b", 0.5);
  const own = ["a", "b"];
  assert.equal(chosenOf(market.choose(bench.request({ own }))), "a");
  const failed = new Map([["a", 1]]);
  const other = market.choose(bench.request({ own, failed, attempt: 2 }));
  assert.equal(chosenOf(other), "b");
  assert.deepEqual(other.agent !== null && other.record.excluded, [
    { code: "FAILED_HERE", count: 1, agents: ["a"] },
  ]);
  // Both have failed as often: neither makes way.
  const both = new Map([["a", 1], ["b", 1]]);
  const again = market.choose(bench.request({ own, failed: both, attempt: 3 }));
  assert.deepEqual([chosenOf(again), again.agent !== null && again.record.excluded], [
    "a",
    undefined,
  ]);
  const offer = (agent: string, costUsd: number) =>
    ({ agent, costUsd, success: null, latencyMs: null }) as const;
  const bids = [offer("a", 0), offer("b", 0.05)];
  const auction = { auction: { bidTimeoutMs: 10 } };
  const second = bench.request({ own, failed, attempt: 2, bids }, auction);
  assert.equal(chosenOf(market.choose(second)), "b");
  // It alone wants it still.
  const alone = bench.request({ own, failed, attempt: 2, bids: bids.slice(0, 1) }, auction);
  assert.equal(chosenOf(market.choose(alone)), "a");
});

Deno.test("RunMarket waits for who won the auction, and gives it to nobody above the reserve", async () => {
  await using bench = new Bench();
  const market = await bench.market({ own: ["a", "b"] });
  const own = ["a", "b"];
  const bids = [
    { agent: "a", costUsd: 0.01, success: null, latencyMs: null },
    { agent: "b", costUsd: 9, success: null, latencyMs: null },
  ];
  const spec = { auction: { bidTimeoutMs: 10, reserveUsd: 0.1 } };
  bench.free.set("a", 0);
  assert.equal(chosenOf(market.choose(bench.request({ own, bids }, spec))), "ALL_BUSY");
  bench.free.set("a", 1);
  const won = market.choose(bench.request({ own, bids }, spec));
  assert.ok(won.agent === "a");
  assert.equal(won.record.way, "auction");
  assert.equal(won.record.costUsd, 0.01);
});

Deno.test("RunMarket tells an agent that is pinned from one that is probed", async () => {
  await using bench = new Bench();
  const market = await bench.market({ own: ["a", "b"] });
  const own = ["a", "b"];
  const pinned = market.choose(bench.request({ own }, { pin: ["a"] }));
  assert.equal(pinned.agent === null ? null : pinned.record.way, "pin");
  // Who always failed may have hard work; this one got worse.
  bench.learn("a", 1);
  bench.learn("a", 0, {}, 500);
  const probed = market.choose(bench.request({ own, at: NOW + 600_000 }, { pin: ["a"] }));
  assert.equal(probed.agent === null ? null : probed.record.way, "probe");
});

Deno.test("RunMarket says that a pin matches nobody, also where somebody failed its check", async () => {
  await using bench = new Bench();
  await bench.register("other", { status: "refused" });
  await bench.register("third");
  const choice = (await bench.market()).choose(bench.request({}, { pin: ["reverser@1"] }));
  assert.ok(choice.agent === null);
  assert.deepEqual(choice.why.excluded.map(({ code, count }) => [code, count]), [[
    "NOT_PINNED",
    2,
  ]]);
  assert.match(
    explainAbstention(choice.why, MEASURE),
    /No agent is called "reverser@1", .*register/,
  );
  const checked = (await bench.market()).choose(bench.request({}, { pin: ["other@1"] }));
  assert.ok(checked.agent === null);
  assert.match(explainAbstention(checked.why, MEASURE), /agents check/);
});

Deno.test("RunMarket says what a schema misses in an input that nobody takes", async () => {
  await using bench = new Bench();
  await bench.register("strict", { input: { text: "string" } });
  const market = await bench.market();
  const choice = market.choose(bench.request({ input: { txt: "x" } }));
  assert.ok(choice.agent === null);
  assert.equal(choice.why.excluded[0]!.reason, "strict@1.0.0: /text is missing");
  assert.match(
    explainAbstention(choice.why, MEASURE),
    /does not take this input: strict@1\.0\.0 \(strict@1\.0\.0: \/text is missing\)\. Mend "with"/,
  );
});

Deno.test("RunMarket asks whether a name near to the misspelt one was meant", async () => {
  await using bench = new Bench();
  await bench.register("reverser");
  await bench.register("hidden", { tenant: "acme", capability: "code.measures" });
  const market = await bench.market();
  const adviceOf = (request: AssignmentRequest) => {
    const choice = market.choose(request);
    return choice.agent ?? explainAbstention(choice.why, request.capability).split(". ").at(-1)!;
  };
  assert.match(adviceOf(bench.request({}, { pin: ["revreser@1"] })), /did you mean "reverser"\?$/);
  assert.match(adviceOf(bench.request({}, { pin: ["zebra"] })), /"zebra".* register one/);
  assert.match(adviceOf(bench.request({}, { pin: ["reverser@2"] })), /^None matches/);
  assert.match(
    adviceOf(bench.request({ capability: "code.mesure" })),
    /^Did you mean "code.measure"/,
  );
  assert.match(adviceOf(bench.request({ capability: "web.search" })), /^Add an agent/);
});

Deno.test("RunMarket shows each tenant its own agents and results alone", async () => {
  await using bench = new Bench();
  await bench.register("mine", { tenant: "acme" });
  const [acme, other] = [
    await bench.market({ tenant: "acme" }),
    await bench.market({ tenant: "other" }),
  ];
  const asked = bench.request({ tenant: "acme" });
  const choice = acme.choose(asked);
  assert.ok(choice.agent !== null);
  assert.equal(choice.agent, "mine@1.0.0");
  const { codeHash, inputHash, text } = choice.record;
  assert.equal(chosenOf(other.choose(bench.request({ tenant: "other" }))), "NOBODY_OFFERS");
  assert.equal(other.keyOf("mine@1.0.0"), undefined);
  bench.learn("mine@1.0.0", 1, { tenant: "acme", codeHash, inputHash, text, output: { n: 7 } });
  const spec = { maxAgeMs: 60_000, minSimilarity: 1 };
  assert.deepEqual(acme.reuse(asked, spec)?.output, { n: 7 });
  assert.equal(other.reuse(bench.request({ tenant: "other" }), spec), null);
  await bench.register("mine", { tenant: "other" });
  assert.equal(other.reuse(bench.request({ tenant: "other" }), spec), null);
});

Deno.test("RunMarket learns of a tenant's agents and tasks from that tenant alone", async () => {
  await using bench = new Bench();
  // Both have agents of one name and version, in a workflow of one name, and share one more.
  for (const tenant of ["acme", "other"]) await bench.register("mine", { tenant });
  await bench.register("shared");
  const own = ["a"];
  const ask = async (tenant: string) => {
    const market = await bench.market({ tenant, own });
    return Array.from({ length: 30 }, (_, index) => {
      const choice = market.choose(bench.request({ tenant, own, index, at: NOW + 60_000 }));
      return choice.agent === null ? choice.why : { agent: choice.agent, record: choice.record };
    });
  };
  for (const agent of ["a", "mine@1.0.0", "shared@1.0.0"]) {
    bench.learn(agent, 0.8, { tenant: "other", runId: `before-${agent}` });
  }
  const before = { acme: await ask("acme"), other: await ask("other") };
  for (const agent of ["a", "mine@1.0.0", "shared@1.0.0"]) {
    bench.learn(agent, 0, { tenant: "acme" });
  }
  const after = { acme: await ask("acme"), other: await ask("other") };
  assert.deepEqual(after.other, before.other);
  assert.notDeepEqual(after.acme, before.acme);
});

Deno.test("RunMarket offers a tenant its own agent where a shared one has its name", async () => {
  await using bench = new Bench();
  await bench.register("same", { costUsd: 0.5 });
  await bench.register("same", { tenant: "acme" });
  const costs = async (tenant: string | null) => {
    const choice = (await bench.market({ tenant })).choose(bench.request({ tenant }));
    assert.ok(choice.agent !== null);
    assert.equal(choice.record.considered, 1);
    return choice.record.costUsd ?? 0;
  };
  assert.deepEqual([await costs("acme"), await costs("other"), await costs(null)], [0, 0.5, 0.5]);
});

Deno.test("RunMarket gives the same choice whatever was asked before", async () => {
  await using bench = new Bench();
  for (const name of ["x", "y", "z"]) await bench.register(name);
  const first = await bench.market();
  for (let index = 0; index < 20; index++) first.choose(bench.request({ index }));
  const fresh = await bench.market();
  for (let index = 20; index-- > 0;) {
    const request = bench.request({ index });
    assert.deepEqual(first.choose(request), fresh.choose(request));
  }
});

Deno.test("RunMarket brings agents that are named, also when they are registered anew", async () => {
  await using bench = new Bench();
  await bench.register("named");
  const market = await bench.market({ named: "named@1.0.0" });
  assert.equal(market.keyOf("named@1.0.0"), "key:named@1.0.0");
  await bench.register("named", { costUsd: 0.5 });
  assert.equal(market.keyOf("named@1.0.0"), undefined);
  const { wakeUps } = bench;
  while (bench.wakeUps === wakeUps) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(market.keyOf("named@1.0.0"), "key:named@1.0.0");
  assert.equal(market.isGone("named@1.0.0"), false);
  await bench.records.remove("named", "1.0.0", null);
  await bench.roster.refresh();
  assert.equal(market.isGone("named@1.0.0"), true);
  assert.equal(market.hasRegisteredRoom(() => 0), true);
  // A run that begins now says so itself: it is no trouble of the node.
  assert.equal((await bench.market({ named: "named@1.0.0" })).isGone("named@1.0.0"), true);
  assert.deepEqual(bench.errors, []);
});

Deno.test("RunMarket waits for texts where a result of like work may do, and nowhere else", async () => {
  await using bench = new Bench();
  await bench.register("counter");
  const free = () => 1;
  const same = await bench.market({ tenant: "a", reuse: { maxAgeMs: 1_000, minSimilarity: 1 } });
  const alike = await bench.market({ tenant: "b", reuse: { maxAgeMs: 1_000, minSimilarity: 0.5 } });
  assert.equal(same.hasRoom(MEASURE, [], free), true);
  assert.equal(alike.hasRoom(MEASURE, [], free), false);
  const wakeUps = bench.wakeUps;
  bench.texts.resolve();
  await bench.texts.promise;
  assert.equal(alike.hasRoom(MEASURE, [], free), true);
  assert.equal(bench.wakeUps, wakeUps + 1);
});
