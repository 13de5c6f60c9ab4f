/**
 * The script of a worker: lays graphs out beside the page, which never stands still for it.
 *
 * @module
 */
import { type GraphShape, layOutGraph } from "./layout/mod.ts";

/** A graph to lay out; the answer carries the same number. */
export interface LayoutRequest {
  id: number;
  shape: GraphShape;
}

addEventListener("message", ({ data }: MessageEvent<LayoutRequest>) => {
  const layout = layOutGraph(data.shape);
  postMessage({ id: data.id, layout });
});
