import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import fc from "fast-check";
import { MultiDirectedGraph } from "graphology";
import { write as writeGexf } from "graphology-gexf";
import { arbitraryFacts, attemptFact } from "../../tests/attempt_facts.ts";
import { exportGraph, exportInSteps } from "./export_graph.ts";
import { EDGE_ATTRIBUTES, edgeElement, NODE_ATTRIBUTES, nodeElement } from "./graph_elements.ts";
import { KnowledgeGraph } from "./knowledge_graph.ts";

const HOSTILE = '<b a="1">&amp;]]>\u0000\u0007\ud800 \n\t\uffff \'';

function graphOf(texts: readonly string[]): KnowledgeGraph {
  const graph = new KnowledgeGraph();
  texts.forEach((text, at) =>
    graph.add(attemptFact({ runId: `run-${at}`, agent: `${text}@${at}`, text, output: { text } }))
  );
  return graph;
}

function parse(xml: string) {
  assert.equal(XMLValidator.validate(xml), true);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    isArray: (name, _path, _isLeaf, isAttribute) =>
      !isAttribute && ["node", "edge", "key", "data"].includes(name),
  }).parse(xml);
}

for (const format of ["gexf", "graphml"] as const) {
  Deno.test(`exportGraph() writes ${format} that is well-formed, with every node and edge`, () => {
    const graph = graphOf([HOSTILE, "plain"]);
    const { nodes, edges } = graph.toJson();
    const root = parse(exportGraph(graph, format));
    const written = format === "gexf"
      ? {
        nodes: root.gexf.graph.nodes.node,
        edges: root.gexf.graph.edges.edge,
      }
      : { nodes: root.graphml.graph.node, edges: root.graphml.graph.edge };
    assert.equal(written.nodes.length, nodes.length);
    assert.equal(written.edges.length, edges.length);
    const ids = new Set(written.nodes.map(({ id }: { id: string }) => id));
    assert.equal(ids.size, nodes.length);
    for (const { source, target } of written.edges) assert.ok(ids.has(source) && ids.has(target));
  });

  Deno.test(`exportGraph() writes ${format} without a character that XML refuses`, () => {
    const text = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 4 }), (texts) => {
        const xml = exportGraph(graphOf([...texts, "\u0001", "\u0002"]), format);
        // deno-lint-ignore no-control-regex
        assert.doesNotMatch(xml, /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
        assert.ok(xml.isWellFormed());
        assert.equal(XMLValidator.validate(xml), true);
      }),
      { numRuns: 50 },
    );
  });
}

Deno.test("exportGraph() writes GraphML whose data have declared keys and their values", () => {
  const { graphml } = parse(exportGraph(graphOf(["a & b"]), "graphml"));
  const keys = new Map(
    graphml.key.map((key: Record<string, string>) => [key.id, `${key.for} ${key["attr.name"]}`]),
  );
  const solution = graphml.graph.node.find(({ id }: { id: string }) => id.startsWith("solution:"));
  const values = Object.fromEntries(
    solution.data.map((data: Record<string, string>) => [keys.get(data.key!), data["#text"]]),
  );
  assert.equal(values["node text"], "a & b");
  assert.equal(values["node finishedAt"], "1100");
  assert.equal(values["node isKept"], "true");
});

Deno.test("exportGraph() writes JSON that graphology imports", () => {
  const graph = graphOf([HOSTILE, "plain"]);
  const { nodes, edges } = graph.toJson();
  const imported = new MultiDirectedGraph();
  imported.import(JSON.parse(exportGraph(graph, "json")));
  assert.deepEqual([imported.order, imported.size], [nodes.length, edges.length]);
  assert.equal(imported.getNodeAttribute(`agent:${HOSTILE}@0`, "kind"), "agent");
});

Deno.test("exportGraph() leaves out what is not the tenant's, and the oldest of too much", () => {
  const graph = graphOf(["mine"]);
  graph.add(attemptFact({ runId: "other", tenant: "acme", agent: "secret@1", finishedAt: 9_000 }));
  for (const format of ["gexf", "graphml", "json"] as const) {
    assert.doesNotMatch(exportGraph(graph, format, { tenant: null }), /secret|acme/);
    const few = exportGraph(graph, format, { nodesMax: 4 });
    assert.match(few, /secret@1/);
    assert.doesNotMatch(few, /solution:run-0/);
  }
});

Deno.test("exportGraph() writes GEXF that says what graphology-gexf writes of the same graph", () => {
  fc.assert(
    fc.property(arbitraryFacts(12), (facts) => {
      const graph = new KnowledgeGraph();
      for (const fact of facts) graph.add(fact);
      const { nodes, edges } = graph.toJson();
      const theirs = new MultiDirectedGraph();
      for (const { key, attributes } of nodes.map(nodeElement)) theirs.addNode(key, attributes);
      for (const { key, source, target, attributes } of edges.map(edgeElement)) {
        theirs.addEdgeWithKey(key, source!, target!, attributes);
      }
      assert.deepEqual(
        gexfElements(exportGraph(graph, "gexf")),
        gexfElements(writeGexf(theirs, { pretty: false, version: "1.2" })),
      );
    }),
    { numRuns: 50 },
  );
});

/** Nodes and edges of a GEXF file with their values, whatever their order; empty text is left out. */
function gexfElements(xml: string) {
  const { nodes, edges } = parse(xml).gexf.graph;
  type Element = { id: string; attvalues?: { attvalue?: unknown } };
  const plain = (elements: Element[] = []) =>
    elements.map(({ attvalues, ...of }) => ({
      ...of,
      values: Object.fromEntries(
        [attvalues?.attvalue ?? []].flat().map((one) => Object.values(one as object))
          .filter(([, value]) => value !== ""),
      ),
    })).sort((a, b) => a.id < b.id ? -1 : 1);
  return { nodes: plain(nodes?.node), edges: plain(edges?.edge) };
}

Deno.test("exportGraph() declares every attribute that a node or an edge has, with its type", () => {
  fc.assert(
    fc.property(arbitraryFacts(12), (facts) => {
      const graph = new KnowledgeGraph();
      for (const fact of facts) graph.add(fact);
      const { nodes, edges } = graph.toJson();
      for (
        const [elements, declared] of [
          [nodes.map(nodeElement), NODE_ATTRIBUTES],
          [edges.map(edgeElement), EDGE_ATTRIBUTES],
        ] as const
      ) {
        for (const { attributes } of elements) {
          for (const [name, value] of Object.entries(attributes)) {
            const type = Number.isSafeInteger(value) && declared[name] !== "double"
              ? "long"
              : typeof value === "number"
              ? "double"
              : typeof value;
            assert.equal(declared[name], type, name);
          }
        }
      }
    }),
    { numRuns: 50 },
  );
});

for (const format of ["gexf", "graphml", "json"] as const) {
  Deno.test(`exportInSteps() writes ${format} without loose ends while the graph changes`, () => {
    const change = fc.record({ at: fc.nat(300), fact: fc.nat(30), forget: fc.boolean() });
    fc.assert(
      fc.property(arbitraryFacts(), fc.array(change), (facts, changes) => {
        const graph = new KnowledgeGraph();
        const half = facts.length >> 1;
        for (const fact of facts.slice(0, half)) graph.add(fact);
        const first = new Set(graph.toJson().nodes.map(idOf));
        // What comes before the first node is written may still be chosen.
        let chosen = first;
        let [text, step, pieces, forgets] = ["", 0, 0, false];
        for (const piece of exportInSteps(graph, format)) {
          text += piece;
          if (piece !== "") pieces++;
          for (const { fact, forget } of changes.filter(({ at }) => at === step)) {
            const one = facts[(half + fact) % Math.max(facts.length, 1)];
            if (one === undefined) continue;
            forgets ||= forget;
            if (forget) graph.forget(one.runId);
            else graph.add(one);
            if (pieces < 2) chosen = chosen.union(new Set(graph.toJson().nodes.map(idOf)));
          }
          step++;
        }
        const { nodes, edges } = elementsOf(format, text);
        const ids = new Set(nodes.map(idOf));
        for (const { source, target } of edges) assert.ok(ids.has(source) && ids.has(target));
        assert.ok(ids.isSubsetOf(chosen));
        if (!forgets) assert.ok(first.isSubsetOf(ids));
      }),
      { numRuns: 100 },
    );
  });
}

function idOf({ id }: { id: string }): string {
  return id;
}

interface Elements {
  nodes: { id: string }[];
  edges: { source: string; target: string }[];
}

function elementsOf(format: "gexf" | "graphml" | "json", text: string): Elements {
  if (format === "json") {
    const { nodes, edges } = JSON.parse(text);
    return { nodes: nodes.map(({ key }: { key: string }) => ({ id: key })), edges };
  }
  const root = parse(text);
  const { nodes, edges } = format === "gexf"
    ? { nodes: root.gexf.graph.nodes?.node, edges: root.gexf.graph.edges?.edge }
    : { nodes: root.graphml.graph.node, edges: root.graphml.graph.edge };
  return { nodes: nodes ?? [], edges: edges ?? [] };
}
