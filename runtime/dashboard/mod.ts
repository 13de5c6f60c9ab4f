/**
 * The dashboard: browser code in `browser/`, made into a bundle and served by the node.
 *
 * @module
 */
export { createDashboard, type Dashboard, type DashboardSizes } from "./dashboard.ts";
