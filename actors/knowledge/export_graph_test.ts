import assert from "node:assert/strict";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import fc from "fast-check";
import { MultiDirectedGraph } from "graphology";
import { attemptFact } from "../../tests/attempt_facts.ts";
import { exportGraph } from "./export_graph.ts";
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
