/**
 * What is learnt is a function of what is durable: whatever was offered or read, in whichever order,
 * and whoever leads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { TenantEvidence } from "../../actors/assignment/mod.ts";
import { CapabilityTree, KnowledgeGraph } from "../../actors/knowledge/mod.ts";
import type { AttemptFact } from "../../core/assignment.ts";
import {
  type KnowledgeBase,
  type KnowledgeStores,
  openKnowledge,
} from "../../runtime/knowledge/mod.ts";
import { openMemoryArchive, openMemoryStore } from "../../runtime/store/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import { type Commit, JournalWorld } from "./journal_world.ts";

const NOW = 2_000_000;
const tree = new CapabilityTree([{ from: "code.lint", kind: "isA", to: "code.measure" }]);

function memoryStores(): KnowledgeStores {
  const runs = openMemoryStore<RunEvent>();
  return { runs, archive: openMemoryArchive(runs) };
}

/** Knowledge that looks only when it is told to. */
function open(stores: KnowledgeStores, trouble: unknown[] = []): KnowledgeBase {
  const onTrouble = (error: unknown) => void trouble.push(error);
  return openKnowledge({ stores, now: () => NOW, tree, pollMs: 0, onTrouble });
}

type Learnt = Pick<KnowledgeBase, "graph" | "evidence">;

/** What would be known if each fact had come at its time. */
function learnAll(facts: readonly AttemptFact[]): Learnt {
  const graph = new KnowledgeGraph();
  graph.setCapabilities(tree.edges);
  const evidence = new TenantEvidence(tree);
  for (const fact of facts) {
    graph.add(fact);
    evidence.add(fact);
  }
  return { graph, evidence };
}

function assertSame(found: Learnt, facts: readonly AttemptFact[], label: string): void {
  const expected = learnAll(facts);
  assert.equal(found.graph.stats().facts, facts.length, label);
  assert.deepEqual(found.graph.toJson(), expected.graph.toJson(), label);
  const pairs = new Map(facts.map(({ tenant, agent, capability }) => [`${agent} ${capability}`, {
    tenant,
    agent,
    capability: capability!,
  }]));
  for (const { tenant, agent, capability } of pairs.values()) {
    const record = found.evidence.of(tenant).record(agent, capability, NOW);
    assert.deepEqual(record, expected.evidence.of(tenant).record(agent, capability, NOW), label);
  }
}

/** Offers of nodes: whoever is deposed keeps back the last ones of its term, and some come late. */
class Offers {
  readonly #base: KnowledgeBase;
  readonly #random: SeededRandom;
  readonly #commits: Commit[] = [];
  /** Last terms that were deposed, by partition. */
  readonly #deposed = new Map<number, number>();

  constructor(base: KnowledgeBase, random: SeededRandom) {
    this.#base = base;
    this.#random = random;
  }

  add(commit: Commit): void {
    const { partition, term } = commit;
    if (this.#random.chance(0.05)) this.#deposed.set(partition, term);
    if (this.#deposed.get(partition) !== term) this.#commits.push(commit);
    if (this.#random.chance(0.7)) this.handOn();
  }

  handOn(): void {
    for (const { partition, firstSeq, records, term } of this.#commits.splice(0)) {
      // Whoever does not say the term is understood as well.
      this.#base.offer(partition, firstSeq, records, term % 3 === 0 ? undefined : term);
    }
  }
}

Deno.test("openKnowledge() learns what is durable, however it comes to hear of it", async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const stores = memoryStores();
    const world = new JournalWorld(stores, { seed, partitions: 3 });
    const random = new SeededRandom(seed + 1_000);
    const trouble: unknown[] = [];
    const leading = open(stores, trouble);
    const following = open(stores, trouble);
    const offers = new Offers(leading, random);
    /** Nodes that come up amid the work, while journals grow and are moved. */
    const late: KnowledgeBase[] = [];
    for (let step = 0; step < 80; step++) {
      const commit = await world.commit();
      offers.add(commit);
      if (random.chance(0.05)) await world.lead(random.int(0, 2));
      if (random.chance(0.1)) await world.compact(random.int(0, 2));
      if (random.chance(0.1)) await leading.refresh();
      if (random.chance(0.1)) void following.refresh();
      if (random.chance(0.05)) {
        late.push(open(stores, trouble));
        void late.at(-1)!.ready();
      }
      if (random.chance(0.2)) await sleep(0);
    }
    offers.handOn();
    const cold = open(stores, trouble);
    const bases = [leading, following, ...late, cold];
    await Promise.all(bases.map((base) => base.refresh()));
    const facts = world.facts();
    assert.ok(facts.length > 50, "too little happened to learn from");
    for (const [nth, base] of bases.entries()) assertSame(base, facts, `seed ${seed}, base ${nth}`);
    assert.deepEqual(trouble, [], `seed ${seed}`);
    for (const base of bases) await base.close();
  }
});

Deno.test("openKnowledge() forgets deleted runs, and knows then what a new node knows", async () => {
  const stores = memoryStores();
  const world = new JournalWorld(stores, { seed: 7, partitions: 2 });
  for (let step = 0; step < 150; step++) await world.commit();
  const options = { stores, now: () => NOW, tree, pollMs: 0, tidyEveryMs: 0 };
  const base = openKnowledge(options);
  await base.refresh();
  const before = world.facts().length;
  for (const partition of [0, 1]) await world.deleteRuns(partition, 5);
  await base.refresh();
  assert.equal([...base.evidence.learn()].length, 0, "no question has to learn first");
  const facts = world.facts();
  assert.ok(facts.length > 20 && facts.length < before - 5, `${facts.length} of ${before}`);
  assertSame(base, facts, "deleted");
  const cold = openKnowledge(options);
  await cold.refresh();
  assertSame(cold, facts, "cold");
  for (let step = 0; step < 30; step++) await world.commit();
  await base.refresh();
  assertSame(base, world.facts(), "later");
  for (const one of [base, cold]) await one.close();
});

Deno.test("openKnowledge() never knows a result before it is durable", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const stores = memoryStores();
    const world = new JournalWorld(stores, { seed, partitions: 2 });
    const base = open(stores);
    for (let step = 0; step < 60; step++) {
      const before = world.facts();
      const refreshed = base.refresh();
      const commit = await world.commit();
      await refreshed;
      // The look came before the commit or after it, never in between.
      const isIn = base.graph.stats().facts !== before.length;
      assertSame(base, isIn ? world.facts() : before, `seed ${seed}, step ${step}`);
      base.offer(commit.partition, commit.firstSeq, commit.records, commit.term);
    }
    await base.close();
  }
});

Deno.test("openKnowledge().readyForTexts() leaves nothing to prepare, and answers as before", async () => {
  const stores = memoryStores();
  const world = new JournalWorld(stores, { seed: 3, partitions: 2 });
  for (let step = 0; step < 100; step++) await world.commit();
  const base = open(stores);
  await Promise.all([base.readyForTexts(), base.readyForTexts()]);
  const { graph } = learnAll(world.facts());
  const question = { tenant: undefined, limit: 20 };
  const texts = new Set(world.facts().map(({ text }) => text));
  assert.equal(base.graph.inSteps.prepareTexts().next().done, true);
  for (const text of texts) {
    assert.ok(graph.recall(text, question).length > 0, text);
    assert.deepEqual(base.graph.recall(text, question), graph.recall(text, question));
    assert.deepEqual(base.graph.similar(text, question), graph.similar(text, question));
    assert.deepEqual(base.graph.search(text, question), graph.search(text, question));
  }
  await base.close();
  const closed = open(stores);
  const asked = assert.rejects(closed.readyForTexts(), { code: "NODE_STOPPED" });
  await closed.close();
  await asked;
});
