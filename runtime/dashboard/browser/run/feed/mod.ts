/**
 * A run that keeps itself up to date.
 *
 * @module
 */
export { RunFeed, type TaskProgress } from "./run_feed.ts";
