/**
 * The tasks of a run as a list.
 *
 * @module
 */
export { TaskList } from "./task_list.tsx";
export { countByStatus } from "./task_rows.ts";
export { useRowsSeen } from "./virtual_rows.ts";
