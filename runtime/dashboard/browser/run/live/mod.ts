/**
 * The run that the page holds, kept up to date by its events.
 *
 * @module
 */
export * from "./live_run.ts";
export { foldRun } from "./fold_run.ts";
export { reasonOf, runStatusOf, viewLiveItem, viewLiveRun, viewLiveTask } from "./view_live_run.ts";
