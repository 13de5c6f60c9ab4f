/**
 * What is used of the package: its own types describe a module that Node and Deno do not see.
 *
 * @module
 */
import type { AbstractGraph } from "graphology-types";

export interface ForceAtlas2Settings {
  barnesHutOptimize?: boolean;
  outboundAttractionDistribution?: boolean;
  gravity?: number;
  scalingRatio?: number;
  slowDown?: number;
}

declare const forceAtlas2: {
  assign(
    graph: AbstractGraph,
    options: { iterations: number; settings: ForceAtlas2Settings },
  ): void;
  inferSettings(order: number): ForceAtlas2Settings;
};
export default forceAtlas2;
