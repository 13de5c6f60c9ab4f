/**
 * The list of runs.
 *
 * @module
 */
export { RunsPage } from "./runs_page.tsx";
