import assert from "node:assert/strict";
import fc from "fast-check";
import type { GraphLayout, GraphShape } from "./graph_shape.ts";
import { layOutGraph } from "./lay_out_graph.ts";
import { layOutLayers } from "./layered_layout.ts";
import { layOutWithDagre } from "./dagre_layout.ts";

/** Acyclic graphs: every edge leads from a smaller position to a larger one. */
const shapes = fc.integer({ min: 0, max: 60 }).chain((count) =>
  fc.record({
    widths: fc.array(fc.integer({ min: 20, max: 600 }), { minLength: count, maxLength: count }),
    heights: fc.array(fc.integer({ min: 20, max: 900 }), { minLength: count, maxLength: count }),
    pairs: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: count * 3 }),
  })
).map(({ widths, heights, pairs }): GraphShape => {
  const count = widths.length;
  const edges = pairs.map(([a, b]) => [a % count, b % count].sort((p, q) => p - q))
    .filter(([a, b]) => a !== b);
  return {
    widths: Float32Array.from(widths),
    heights: Float32Array.from(heights),
    edges: Uint32Array.from(edges.flat()),
  };
});

function assertReadable(shape: GraphShape, { x, y, width, height }: GraphLayout): void {
  const { widths, heights, edges } = shape;
  const slack = 0.05;
  for (let a = 0; a < widths.length; a++) {
    assert.ok(x[a]! >= -slack && x[a]! + widths[a]! <= width + slack, `node ${a} is outside`);
    assert.ok(y[a]! >= -slack && y[a]! + heights[a]! <= height + slack, `node ${a} is outside`);
    for (let b = a + 1; b < widths.length; b++) {
      const apart = x[a]! + widths[a]! <= x[b]! + slack || x[b]! + widths[b]! <= x[a]! + slack ||
        y[a]! + heights[a]! <= y[b]! + slack || y[b]! + heights[b]! <= y[a]! + slack;
      assert.ok(apart, `nodes ${a} and ${b} overlap`);
    }
  }
  for (let at = 0; at < edges.length; at += 2) {
    const [from, to] = [edges[at]!, edges[at + 1]!];
    assert.ok(x[from]! + widths[from]! <= x[to]! + slack, `edge ${from} to ${to} goes backward`);
  }
}

for (const layOut of [layOutLayers, layOutWithDagre]) {
  Deno.test(`${layOut.name}() keeps nodes apart and leads edges forward`, () => {
    fc.assert(fc.property(shapes, (shape) => assertReadable(shape, layOut(shape))), {
      numRuns: layOut === layOutWithDagre ? 40 : 200,
    });
  });

  Deno.test(`${layOut.name}() gives the same picture for the same graph`, () => {
    fc.assert(fc.property(shapes, (shape) => assert.deepEqual(layOut(shape), layOut(shape))), {
      numRuns: 20,
    });
  });
}

Deno.test("layOutWithDagre() gives each edge its corners", () => {
  // 0 → 1 → 2 and 0 → 2: the long edge has to pass 1.
  const edges = Uint32Array.of(0, 1, 1, 2, 0, 2);
  const sizes = () => Float32Array.of(100, 100, 100);
  const { routes } = layOutWithDagre({ widths: sizes(), heights: sizes(), edges });
  const { starts, points } = routes!;
  assert.equal(starts.length, 4);
  assert.equal(starts[3]! * 2, points.length);
  assert.ok(starts[3]! - starts[2]! >= 1);
});

/** Some layers, each node with up to three needs in the layer before. */
function bigShape(count: number, layerSize: number): GraphShape {
  const edges: number[] = [];
  for (let node = layerSize; node < count; node++) {
    const layer = Math.floor(node / layerSize);
    for (let turn = 0; turn < 3; turn++) {
      edges.push((layer - 1) * layerSize + (node * (7 + turn * 13)) % layerSize, node);
    }
  }
  const fill = (size: number) => new Float32Array(count).fill(size);
  return { widths: fill(200), heights: fill(56), edges: Uint32Array.from(edges) };
}

Deno.test("layOutGraph() lays 20,000 tasks and 57,000 edges out in a picture of decent shape", () => {
  const startedAt = performance.now();
  const { width, height, x, y } = layOutGraph(bigShape(20_000, 1_000));
  const tookMs = performance.now() - startedAt;
  console.log(`layout of 20,000 tasks and 57,000 edges: ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
  assert.ok(width / height < 20 && height / width < 20, `${width} by ${height}`);
  const places = new Set(x.keys().map((node) => `${x[node]} ${y[node]}`));
  assert.equal(places.size, 20_000);
});

Deno.test("layOutGraph() breaks a layer of 20,000 tasks into columns", () => {
  const { width, height } = layOutGraph({ ...bigShape(20_000, 20_000) });
  assert.ok(width / height > 0.5 && width / height < 4, `${width} by ${height}`);
});

Deno.test("layOutGraph() survives rings and nothing at all", () => {
  const sizes = () => Float32Array.from({ length: 300 }, () => 50);
  const ring = { widths: sizes(), heights: sizes(), edges: Uint32Array.of(0, 1, 1, 2, 2, 0) };
  assert.equal(layOutGraph(ring).x.length, 300);
  const none = {
    widths: new Float32Array(),
    heights: new Float32Array(),
    edges: new Uint32Array(),
  };
  assert.equal(layOutGraph(none).width, 0);
});
