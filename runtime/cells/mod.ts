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
  type ManifestChange,
} from "./cells.ts";
export { type Bundle, bundleAgent, type BundleInput, type BundleOptions } from "./bundle.ts";
export type { AttemptTracer, SettlingFrame } from "./attempt_tracer.ts";
export type { Denial } from "./broker.ts";
export type { AgentInfo } from "./agent_info.ts";
export type { Cell, CellState } from "./cell.ts";
export { KEYS_VARIABLE } from "./cell_process.ts";
export { withEsbuild } from "./esbuild_service.ts";
export { resolveRealPath } from "./real_path.ts";
export { createSeals, type SealedMessage, Seals } from "./boot/seals.ts";
export { type CellEnding, Fleet, type FleetOptions, RECYCLED } from "./fleet.ts";
export type { Flight, Landing, Work } from "./flight.ts";
export type { ModuleHost, Tenant } from "./tenant.ts";
export type { RecallHandler } from "./recall_desk.ts";
export { type Limit, probeLimits } from "./limits.ts";
