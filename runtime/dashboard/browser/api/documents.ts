/**
 * Documents of the API, as its reference describes them. Types alone: nothing of the node's code
 * comes into the browser.
 *
 * @module
 */
export type * from "../../../http/schemas/mod.ts";
export type { RunChange, RunsUpdate, TaskCounts } from "../../../live/run_change.ts";
