/**
 * Registered workflows: list, one of them, a new one, and starting a run.
 *
 * @module
 */
export { RegisterPage } from "./register_page.tsx";
export { StartPage } from "./start_page.tsx";
export { WorkflowPage } from "./workflow_page.tsx";
export { WorkflowsPage } from "./workflows_page.tsx";
