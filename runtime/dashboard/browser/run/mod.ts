/**
 * The page of one run.
 *
 * @module
 */
export { RunPage } from "./run_page.tsx";
