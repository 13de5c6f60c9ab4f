/**
 * What is going on.
 *
 * @module
 */
export { OverviewPage } from "./overview_page.tsx";
