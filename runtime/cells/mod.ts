/**
 * Cells: processes in which agents run with exactly the rights they were granted.
 *
 * @module
 */
export {
  type CellEvents,
  type CellInfo,
  type Cells,
  type CellsOptions,
  createCells,
} from "./cells.ts";
export { type Bundle, bundleAgent, type BundleInput, type BundleOptions } from "./bundle.ts";
export type { AgentInfo, CellState } from "./cell.ts";
export { type Limit, probeLimits } from "./limits.ts";
