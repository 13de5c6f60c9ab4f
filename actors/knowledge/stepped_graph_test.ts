import assert from "node:assert/strict";
import fc from "fast-check";
import { arbitraryFacts, attemptFact } from "../../tests/attempt_facts.ts";
import { KnowledgeGraph } from "./knowledge_graph.ts";
import type { KnowledgeView } from "./queries.ts";
import { finish, type Steps } from "./steps.ts";

const EVERYTHING = { tenant: undefined };

/** Runs of one task each: `count` agents share tasks with their neighbours alone. */
function chain(count: number): KnowledgeGraph {
  const graph = new KnowledgeGraph();
  for (let at = 0; at < count; at++) {
    for (const task of [at, at + 1]) {
      graph.add(attemptFact({
        runId: `run-${at}-${task}`,
        agent: `agent-${at}`,
        task: `task-${task}`,
        capability: null,
        inputHash: `${task}`,
        output: null,
        outcome: "failed",
      }));
    }
  }
  return graph;
}

Deno.test("SteppedGraph answers without loose ends while the graph forgets and learns", () => {
  const questions: ((graph: KnowledgeGraph, ids: string[]) => Steps<KnowledgeView | null>)[] = [
    (graph, ids) => graph.inSteps.path(ids[0]!, ids.at(-1)!, EVERYTHING),
    (graph, ids) => graph.inSteps.neighbours(ids[0]!, { depth: 3, ...EVERYTHING }),
    (graph) => graph.inSteps.sample(EVERYTHING),
  ];
  const change = fc.record({ at: fc.nat(40), fact: fc.nat(30), forget: fc.boolean() });
  fc.assert(
    fc.property(
      arbitraryFacts().filter(({ length }) => length > 0),
      fc.array(change),
      fc.constantFrom(...questions),
      (facts, changes, ask) => {
        const graph = new KnowledgeGraph();
        for (const fact of facts.slice(0, (facts.length + 1) >> 1)) graph.add(fact);
        const work = ask(graph, graph.toJson().nodes.map(({ id }) => id));
        let next = work.next();
        for (let step = 0; next.done !== true; step++) {
          for (const { fact, forget } of changes.filter(({ at }) => at === step)) {
            const one = facts[fact % facts.length]!;
            if (forget) graph.forget(one.runId);
            else graph.add(one);
          }
          next = work.next();
        }
        const { nodes, edges } = next.value ?? { nodes: [], edges: [] };
        const ids = new Set(nodes.map(({ id }) => id));
        for (const { source, target } of edges) assert.ok(ids.has(source) && ids.has(target));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("SteppedGraph.path() searches anew when a node of its way is forgotten", () => {
  const graph = chain(2_000);
  const work = graph.inSteps.path("agent:agent-0", "agent:agent-1999", EVERYTHING);
  let steps = 0;
  for (let next = work.next();; next = work.next()) {
    if (next.done === true) {
      assert.equal(next.value, null); // the chain is torn
      break;
    }
    if (++steps === 5) {
      graph.forget("run-1-1");
      graph.forget("run-1-2");
    }
  }
  assert.ok(steps > 5);
});

Deno.test("SteppedGraph.stats() counts what was there all the time, and pauses often", () => {
  const graph = chain(4_000);
  const { facts } = graph.stats();
  const work = graph.inSteps.stats({ tenant: "acme" });
  const pauses = [...work].length;
  assert.ok(pauses >= facts / 1_000, `${pauses} pauses for ${facts} attempts`);
  assert.equal(finish(graph.inSteps.stats({ tenant: "acme" })).facts, facts);
});

Deno.test("SteppedGraph.neighbours() pauses also once it has found all that it may", () => {
  const graph = new KnowledgeGraph();
  const attempts = 6_000;
  for (let nth = 0; nth < attempts; nth++) {
    graph.add(attemptFact({ runId: `run-${nth}`, inputHash: "same", outcome: "failed" }));
  }
  const all = { depth: 1, limit: 3, ...EVERYTHING }; // the agent, its capability and its task
  const [agent] = graph.toJson().nodes.filter(({ kind }) => kind === "agent");
  const work = graph.inSteps.neighbours(agent!.id, all);
  const pauses = [...work].length;
  assert.ok(pauses >= 2 * 2 * attempts / 1_000, `${pauses} pauses for ${attempts} attempts`);
});
