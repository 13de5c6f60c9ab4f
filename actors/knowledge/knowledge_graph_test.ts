import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttemptFact } from "../../core/assignment.ts";
import { arbitraryFacts, arbitraryReuses, attemptFact } from "../../tests/attempt_facts.ts";
import { CapabilityTree } from "./capability_tree.ts";
import { KnowledgeGraph } from "./knowledge_graph.ts";
import type { KnowledgeView, ReuseFact } from "./queries.ts";

const EVERYTHING = { tenant: undefined };
const DAY_MS = 24 * 60 * 60 * 1_000;

function graphOf(facts: readonly AttemptFact[], limits = {}): KnowledgeGraph {
  const graph = new KnowledgeGraph(limits);
  for (const fact of facts) graph.add(fact);
  return graph;
}

function reuseFact(of: Partial<ReuseFact> = {}): ReuseFact {
  return {
    runId: "run-1",
    task: "measure",
    agent: "counter@1.0.0",
    madeAt: 1_100,
    similarity: 1,
    at: 2_000,
    by: { runId: "run-2", task: "measure", index: 0 },
    ...of,
  };
}

function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}

const edgesOf = ({ edges }: KnowledgeView, kind: string) =>
  edges.filter((edge) => edge.kind === kind);

Deno.test("KnowledgeGraph is the same in any order of facts and uses, and takes each once", () => {
  const drawn = fc.tuple(arbitraryFacts(), arbitraryReuses()).chain(([facts, reuses]) => {
    const all = [
      ...facts.map((fact) => ({ fact })),
      ...reuses.map((reuse) => ({ reuse })),
    ];
    return fc.tuple(shuffled(all), shuffled([...all, ...all]));
  });
  fc.assert(fc.property(drawn, (orders) => {
    const [one, other] = orders.map((order) => {
      const graph = new KnowledgeGraph();
      for (const step of order) {
        if ("fact" in step) graph.add(step.fact);
        else graph.noteReuse(step.reuse);
      }
      return graph;
    });
    assert.deepEqual(one!.toJson(), other!.toJson());
    assert.deepEqual(one!.stats(), other!.stats());
    for (const tenant of [undefined, null, "acme"]) {
      const question = { tenant, limit: 5 };
      assert.deepEqual(
        one!.recall("measure y", question),
        other!.recall("measure y", question),
      );
      assert.deepEqual(
        one!.similar("words of x", question),
        other!.similar("words of x", question),
      );
    }
  }));
});

Deno.test("KnowledgeGraph forgets the same for room in any order", () => {
  const drawn = arbitraryFacts().chain((facts) => fc.tuple(shuffled(facts), shuffled(facts)));
  fc.assert(fc.property(drawn, ([one, other]) => {
    const limits = { factsMax: 6, outputsCharsMax: 30, outputCharsMax: 20 };
    assert.deepEqual(graphOf(one, limits).toJson(), graphOf(other, limits).toJson());
    assert.ok(graphOf(one, limits).stats().facts <= 6);
    assert.ok(graphOf(one, limits).stats().outputChars <= 30);
  }));
});

Deno.test("KnowledgeGraph.forget() leaves the graph as if the run had not been", () => {
  fc.assert(fc.property(arbitraryFacts(), arbitraryReuses(), (facts, reuses) => {
    const graph = graphOf(facts);
    for (const reuse of reuses) graph.noteReuse(reuse);
    graph.forget("r3");
    graph.trim(0);
    const without = graphOf(facts.filter(({ runId }) => runId !== "r3"));
    for (const reuse of reuses) {
      if (reuse.runId !== "r3" && reuse.by.runId !== "r3") without.noteReuse(reuse);
    }
    assert.deepEqual(graph.toJson(), without.toJson());
    assert.deepEqual(graph.stats(), without.stats());
    assert.deepEqual(graph.search("measure", EVERYTHING), without.search("measure", EVERYTHING));
  }));
});

Deno.test("KnowledgeGraph shows a tenant its own and nobody's, as if there were no others", () => {
  fc.assert(fc.property(arbitraryFacts(), (facts) => {
    const own = facts.filter(({ tenant }) => tenant === null || tenant === "acme");
    const [all, alone] = [graphOf(facts), graphOf(own)];
    const tenant = "acme";
    assert.deepEqual(all.toJson({ tenant }), alone.toJson());
    assert.deepEqual(all.stats({ tenant }).nodes, alone.stats().nodes);
    for (const { id } of all.toJson().nodes) {
      assert.deepEqual(all.node(id, { tenant }), alone.node(id, EVERYTHING));
      const around = all.neighbours(id, { tenant, depth: 2 });
      assert.deepEqual(around, alone.neighbours(id, { tenant: undefined, depth: 2 }));
    }
    const question = { tenant, limit: 50 };
    const found = all.recall("measure y", question).map(({ solution }) => solution);
    assert.deepEqual(
      found.toSorted(),
      alone.recall("measure y", question).map(({ solution }) => solution).toSorted(),
    );
  }));
});

Deno.test("KnowledgeGraph.toJson() has every kind of node and edge with counts and times", () => {
  const graph = graphOf([
    attemptFact({ attempt: 1, outcome: "failed", finishedAt: 1_000, output: null }),
    attemptFact({ attempt: 2, finishedAt: 1_100 }),
    attemptFact({ runId: "run-2", agent: "other@2.0.0", finishedAt: 1_200 }),
  ]);
  graph.setCapabilities([
    { from: "code.measure", kind: "isA", to: "code.read" },
    { from: "code.measure", kind: "partOf", to: "audit" },
  ]);
  assert.equal(
    graph.noteReuse(reuseFact({ by: { runId: "run-3", task: "measure", index: 0 } })),
    true,
  );
  assert.equal(
    graph.noteReuse(reuseFact({ by: { runId: "run-3", task: "measure", index: 0 } })),
    false,
  );
  const all = graph.toJson();
  const counts = Map.groupBy(all.nodes, ({ kind }) => kind);
  assert.deepEqual(
    Object.fromEntries([...counts].map(([kind, nodes]) => [kind, nodes.length])),
    { agent: 2, artefact: 1, capability: 3, solution: 2, task: 1 },
  );
  const task = all.nodes.find(({ kind }) => kind === "task")!.id;
  assert.deepEqual(edgesOf(all, "attempted").find(({ source }) => source.includes("counter")), {
    source: "agent:counter@1.0.0",
    target: task,
    kind: "attempted",
    count: 2,
    completed: 1,
    failed: 1,
    firstAt: 1_000,
    lastAt: 1_100,
  });
  assert.deepEqual(edgesOf(all, "asksFor"), [{
    source: task,
    target: "capability:code.measure",
    kind: "asksFor",
    count: 3,
    firstAt: 1_000,
    lastAt: 1_200,
  }]);
  assert.deepEqual(edgesOf(all, "reused"), [{
    source: task,
    target: "solution:run-1/measure/0/2",
    kind: "reused",
    count: 1,
    firstAt: 2_000,
    lastAt: 2_000,
  }]);
  for (const kind of ["solvedBy", "madeBy", "produced", "offers"]) {
    assert.equal(edgesOf(all, kind).length, 2, kind);
  }
  for (const kind of ["isA", "partOf"]) assert.equal(edgesOf(all, kind).length, 1, kind);
});

Deno.test("KnowledgeGraph.setCapabilities() refuses a loop and keeps what it had", () => {
  const graph = new KnowledgeGraph();
  const isA = (from: string, to: string) => ({ from, kind: "isA" as const, to });
  graph.setCapabilities([isA("a", "b")]);
  assert.throws(
    () => graph.setCapabilities([isA("a", "b"), isA("b", "a")]),
    /narrower than itself/,
  );
  assert.equal(graph.tree.isNarrower("a", "b"), true);
});

Deno.test("KnowledgeGraph keeps what was used last when there is no more room", () => {
  const graph = graphOf(
    [1, 2, 3].map((at) => attemptFact({ runId: `run-${at}`, finishedAt: at * 100 })),
    { factsMax: 3 },
  );
  graph.noteReuse(reuseFact({ at: 1_000 }));
  graph.add(attemptFact({ runId: "run-4", finishedAt: 400 }));
  const kept = edgesOf(graph.toJson(), "madeBy").map(({ source }) => source);
  assert.deepEqual(kept, ["1", "3", "4"].map((run) => `solution:run-${run}/measure/0/1`));
  assert.equal(graph.add(attemptFact({ runId: "run-2", finishedAt: 200 })), false);
  assert.equal(graph.stats().forgotten, 2);
});

Deno.test("KnowledgeGraph keeps outputs up to their limits, equal ones once", () => {
  const output = "x".repeat(98);
  const graph = graphOf([
    attemptFact({ runId: "run-1", output, finishedAt: 1 }),
    attemptFact({ runId: "run-2", output, finishedAt: 2 }),
    attemptFact({ runId: "run-3", output: "y".repeat(99), finishedAt: 3 }),
    attemptFact({ runId: "run-4", output: "y".repeat(200), finishedAt: 4 }),
  ], { outputCharsMax: 150, outputsCharsMax: 300 });
  assert.deepEqual([graph.stats().outputs, graph.stats().outputChars], [2, 201]);
  assert.equal(graph.stats().nodes.artefact, 2);
  graph.add(attemptFact({ runId: "run-5", output: "z".repeat(98), finishedAt: 5 }));
  assert.equal(graph.stats().outputs, 2);
  const recalled = graph.recall("measure main.ts", { ...EVERYTHING, limit: 10 });
  assert.deepEqual(
    recalled.map(({ runId, output }) => [runId, output !== undefined]),
    [["run-5", true], ["run-4", false], ["run-3", true], ["run-2", false], ["run-1", false]],
  );
});

Deno.test("KnowledgeGraph keeps the output of the attempt that stays, of two of one instant", () => {
  for (let n = 0; n < 20; n++) {
    const [goes, stays] = ["run-1", "run-2"].map((runId) =>
      attemptFact({ runId, output: `${runId}: ${n}`, finishedAt: 8 })
    );
    const graph = graphOf([stays!, goes!], { factsMax: 1, outputsCharsMax: 20 });
    const recalled = graph.recall("measure main.ts", { ...EVERYTHING, limit: 10 });
    assert.deepEqual(recalled.map(({ runId, output }) => [runId, output]), [
      ["run-2", stays!.output],
    ]);
  }
});

Deno.test("KnowledgeGraph.trim() forgets by whole days what was not used for long", () => {
  const facts = [0, 1, 2].map((day) =>
    attemptFact({ runId: `run-${day}`, finishedAt: day * DAY_MS })
  );
  const graph = graphOf(facts, { ageMaxMs: 10 * DAY_MS });
  assert.equal(graph.trim(12 * DAY_MS - 1), 1);
  assert.equal(graph.add(facts[0]!), false);
  assert.equal(graph.trim(12 * DAY_MS), 1);
  assert.equal(graph.stats().facts, 1);
});

Deno.test("KnowledgeGraph.recall() gives solutions with where they came from", () => {
  const graph = graphOf([
    attemptFact({ text: "count the words of a letter", output: { words: 7 }, index: 4 }),
    attemptFact({ runId: "run-2", text: "count the words of a book", outcome: "failed" }),
    attemptFact({ runId: "run-3", text: "paint a house", capability: "paint" }),
  ]);
  const [best] = graph.recall("words of a letter", { tenant: null, limit: 3 });
  assert.ok(best!.similarity > 0.5 && best!.similarity < 1);
  assert.deepEqual({ ...best, similarity: 0 }, {
    solution: "solution:run-1/measure/4/1",
    text: "count the words of a letter",
    output: { words: 7 },
    outputPreview: '{"words":7}',
    agent: "counter@1.0.0",
    capability: "code.measure",
    workflow: "audit",
    runId: "run-1",
    task: "measure",
    index: 4,
    at: 1_100,
    similarity: 0,
    reused: 0,
  });
  const painted = { tenant: null, capability: "paint", limit: 3 };
  assert.deepEqual(graph.recall("a house", painted).map(({ runId }) => runId), ["run-3"]);
  graph.setCapabilities([{ from: "paint", kind: "isA", to: "decorate" }]);
  assert.equal(graph.recall("a house", { ...painted, capability: "decorate" }).length, 1);
});

Deno.test("KnowledgeGraph.similar() counts what came of tasks with the same words", () => {
  const graph = graphOf([
    attemptFact({ attempt: 1, outcome: "failed", finishedAt: 1 }),
    attemptFact({ attempt: 2, finishedAt: 2 }),
    attemptFact({ runId: "run-2", inputHash: "2f", text: "measure other.ts", finishedAt: 3 }),
  ]);
  const [first, second] = graph.similar("measure main.ts", { tenant: null, limit: 5 });
  assert.deepEqual([first!.similarity, first!.completed, first!.failed, first!.lastAt], [
    1,
    1,
    1,
    2,
  ]);
  assert.equal(second!.text, "measure other.ts");
  assert.ok(second!.similarity < 1);
});

Deno.test("KnowledgeGraph.reusable() takes the newest result of the same code and input", () => {
  const query = {
    agents: [{ id: "counter@1.0.0", codeHash: "c0de" }],
    capability: "code.measure",
    inputHash: "1f",
    text: "measure main.ts",
    tenant: null,
    now: 5_000,
    maxAgeMs: 4_500,
    minSimilarity: 1,
  };
  const graph = graphOf([
    attemptFact({ finishedAt: 100 }),
    attemptFact({ runId: "run-2", finishedAt: 1_000, output: { lines: 2 }, index: 3 }),
    attemptFact({ runId: "run-3", finishedAt: 2_000, codeHash: "other" }),
    attemptFact({ runId: "run-4", finishedAt: 2_100, agent: "other@1.0.0" }),
    attemptFact({ runId: "run-5", finishedAt: 2_200, tenant: "acme" }),
    attemptFact({ runId: "run-6", finishedAt: 2_300, outcome: "failed" }),
    attemptFact({ runId: "run-7", finishedAt: 2_400, capability: "other" }),
    attemptFact({ runId: "run-8", finishedAt: 6_000 }),
  ]);
  assert.deepEqual(graph.reusable(query), {
    output: { lines: 2 },
    source: {
      runId: "run-2",
      task: "measure",
      index: 3,
      agent: "counter@1.0.0",
      madeAt: 1_000,
      similarity: 1,
    },
  });
  assert.equal(graph.reusable({ ...query, tenant: "acme" })?.source.runId, "run-5");
  assert.equal(graph.reusable({ ...query, maxAgeMs: 3_000 }), null);
  assert.equal(graph.reusable({ ...query, inputHash: "2f" }), null);
  const alike = { ...query, inputHash: "2f", minSimilarity: 0.9 };
  assert.deepEqual(graph.reusable(alike)?.source.similarity, 0.999);
  assert.equal(graph.reusable({ ...alike, text: "measure other.ts" }), null);
});

Deno.test("KnowledgeGraph.reusable() gives null and falsy results as they are", () => {
  const graph = graphOf([attemptFact({ output: null })]);
  const found = graph.reusable({
    agents: [{ id: "counter@1.0.0", codeHash: "c0de" }],
    capability: "code.measure",
    inputHash: "1f",
    text: "",
    tenant: null,
    now: 5_000,
    maxAgeMs: 5_000,
    minSimilarity: 1,
  });
  assert.equal(found?.output, null);
});

Deno.test("KnowledgeGraph.search() finds by id, name, words, a beginning and run", () => {
  const graph = graphOf([
    attemptFact({ text: "summarise quarterly report" }),
    attemptFact({ runId: "run-2", agent: "__proto__", inputHash: "2f" }),
  ]);
  const kindsOf = (question: string) =>
    graph.search(question, EVERYTHING).map(({ kind, label }) => `${kind} ${label}`);
  assert.deepEqual(kindsOf("counter"), ["agent counter@1.0.0"]);
  assert.deepEqual(kindsOf("agent:__proto__"), ["agent __proto__"]);
  assert.deepEqual(kindsOf("quarterly"), ["task summarise quarterly report"]);
  assert.deepEqual(kindsOf("quart"), ["task summarise quarterly report"]);
  assert.deepEqual(kindsOf("run-2"), ["solution run-2 measure#0"]);
  assert.deepEqual(kindsOf("constructor"), []);
  assert.deepEqual(kindsOf("  "), []);
  assert.equal(graph.search("measure", { ...EVERYTHING, kinds: ["capability"] }).length, 1);
});

Deno.test("KnowledgeGraph.neighbours() begins with the node and says when there was more", () => {
  const graph = graphOf(
    Array.from(
      { length: 30 },
      (_, at) => attemptFact({ runId: `run-${at}`, inputHash: `${at}`, finishedAt: at }),
    ),
  );
  const id = "agent:counter@1.0.0";
  const few = graph.neighbours(id, { ...EVERYTHING, limit: 5 })!;
  assert.deepEqual([few.nodes.length, few.nodes[0]!.id, few.truncated], [5, id, true]);
  assert.ok(few.edges.length >= 4);
  const all = graph.neighbours(id, { ...EVERYTHING, limit: 100 })!;
  assert.deepEqual([all.nodes.length, all.truncated], [62, false]);
  assert.equal(graph.neighbours(id, { ...EVERYTHING, depth: 2, limit: 100 })!.nodes.length, 63);
  assert.equal(graph.neighbours("agent:nobody", EVERYTHING), null);
});

Deno.test("KnowledgeGraph.path() is a shortest way along edges of either direction", () => {
  const graph = graphOf([
    attemptFact({ agent: "a@1.0.0", output: "same" }),
    attemptFact({
      runId: "run-2",
      agent: "b@1.0.0",
      capability: "x",
      inputHash: "2",
      output: "same",
    }),
    attemptFact({
      runId: "run-3",
      agent: "c@1.0.0",
      capability: "y",
      inputHash: "3",
      output: "own",
    }),
  ]);
  const path = graph.path("agent:a@1.0.0", "agent:b@1.0.0", EVERYTHING)!;
  assert.deepEqual(
    path.nodes.map(({ kind }) => kind),
    ["agent", "solution", "artefact", "solution", "agent"],
  );
  assert.equal(path.edges.length, 4);
  assert.equal(graph.path("agent:a@1.0.0", "agent:c@1.0.0", EVERYTHING), null);
  assert.equal(graph.path("agent:a@1.0.0", "agent:nobody", EVERYTHING), null);
  assert.equal(graph.path("agent:a@1.0.0", "agent:a@1.0.0", EVERYTHING)!.nodes.length, 1);
});

Deno.test("KnowledgeGraph.path() is as short as a plain search of the whole graph finds", () => {
  fc.assert(fc.property(arbitraryFacts(12), fc.nat(), fc.nat(), (facts, a, b) => {
    const graph = graphOf(facts);
    const all = graph.toJson();
    fc.pre(all.nodes.length > 0);
    const [from, to] = [a, b].map((at) => all.nodes[at % all.nodes.length]!.id);
    const path = graph.path(from!, to!, EVERYTHING);
    assert.equal(path?.nodes.length ?? null, distance(all, from!, to!));
  }));
});

function distance({ edges }: KnowledgeView, from: string, to: string): number | null {
  const steps = new Map([[from, 1]]);
  for (const [id, step] of steps) {
    for (const { source, target } of edges) {
      const other = source === id ? target : target === id ? source : null;
      if (other !== null && !steps.has(other)) steps.set(other, step + 1);
    }
  }
  return steps.get(to) ?? null;
}

Deno.test("KnowledgeGraph.sample() has agents, capabilities and the tasks that come most", () => {
  const graph = graphOf([
    ...[1, 2, 3].map((at) => attemptFact({ runId: `run-${at}`, text: "often" })),
    ...[4, 5].map((at) => attemptFact({ runId: `run-${at}`, inputHash: `${at}`, text: "rare" })),
  ]);
  const { nodes, edges, truncated } = graph.sample({ tenant: undefined, limit: 3 });
  assert.deepEqual(nodes.map(({ label }) => label), ["counter@1.0.0", "code.measure", "often"]);
  assert.deepEqual(edges.map(({ kind }) => kind).sort(), ["asksFor", "attempted", "offers"]);
  assert.equal(truncated, true);
  assert.equal(graph.sample(EVERYTHING).truncated, false);
});

Deno.test("KnowledgeGraph shows a tenant only the capabilities that it may know of", () => {
  const graph = graphOf([attemptFact({ tenant: "beta", capability: "code.measure" })]);
  const edges = [{ from: "code.measure", kind: "isA", to: "acme.secret" }] as const;
  const none = new CapabilityTree();
  const all = new CapabilityTree(edges);
  graph.setCapabilities(all, (tenant) => tenant === "acme" ? all : none);
  assert.equal(graph.node("capability:acme.secret", { tenant: "beta" }), null);
  assert.ok(graph.node("capability:code.measure", { tenant: "beta" }) !== null);
  assert.deepEqual(graph.search("secret", { tenant: "beta" }), []);
  assert.ok(!JSON.stringify(graph.toJson({ tenant: "beta" })).includes("secret"));
  assert.ok(graph.node("capability:acme.secret", EVERYTHING) !== null);
});
