/**
 * One task of a run, and how values and log lines are shown.
 *
 * @module
 */
export { findFiles, isFileName } from "./find_files.ts";
export { JsonTree } from "./json_tree.tsx";
export { LogView } from "./log_view.tsx";
export { TaskPanel } from "./task_panel.tsx";
export { ErrorNotice } from "./task_sections.tsx";
