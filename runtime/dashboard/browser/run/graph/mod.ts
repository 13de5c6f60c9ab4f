/**
 * The graph of a run as a picture.
 *
 * @module
 */
export { DagView } from "./dag_view.tsx";
export type { Spot } from "./find_next.ts";
export { ItemBar } from "./node_element.tsx";
export { StatusShape } from "./status_shape.tsx";
