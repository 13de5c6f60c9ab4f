// @ts-types="./force_atlas2.d.ts"
import forceAtlas2 from "graphology-layout-forceatlas2";
import type { MultiDirectedGraph } from "graphology";

const ITERATIONS = 120;
/** Nodes times iterations of one slice: some milliseconds, so that the page stays at hand. */
const WORK_MAX = 3_000;

/**
 * Lets nodes find their places by ForceAtlas2 (Jacomy et al., PLoS ONE 2014), slice by slice between
 * frames; the same graph ends in the same places.
 *
 * @param options `isSeen`: whether each slice is shown; `onEnd`: called once it is done
 * @returns ends it early
 */
export function settleLayout(
  graph: MultiDirectedGraph,
  options: { isSeen: boolean; onEnd: () => void },
): () => void {
  const order = graph.order;
  // What settles unseen is another graph, whose places are taken over at the end.
  const moved = options.isSeen ? graph : graph.copy();
  const settings = {
    ...forceAtlas2.inferSettings(order),
    barnesHutOptimize: order > 500,
    outboundAttractionDistribution: true,
    gravity: 0.6,
    scalingRatio: 12,
    slowDown: 1 + Math.log(Math.max(2, order)),
  };
  const perSlice = Math.max(
    1,
    Math.min(ITERATIONS / 10, Math.round(WORK_MAX / Math.max(1, order))),
  );
  let left = order < 2 ? 0 : Math.min(ITERATIONS, Math.ceil(200_000 / order));
  let frame = requestAnimationFrame(step);

  function step(): void {
    if (left > 0) {
      const iterations = Math.min(left, perSlice);
      forceAtlas2.assign(moved, { iterations, settings });
      left -= iterations;
      frame = requestAnimationFrame(step);
      return;
    }
    if (moved !== graph) takeOver(graph, moved);
    options.onEnd();
  }
  return () => cancelAnimationFrame(frame);
}

function takeOver(graph: MultiDirectedGraph, moved: MultiDirectedGraph): void {
  graph.updateEachNodeAttributes((id, attributes) => {
    const { x, y } = moved.getNodeAttributes(id);
    return { ...attributes, x, y };
  });
}
