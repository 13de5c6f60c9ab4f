/**
 * Why a task has its agent, or none.
 *
 * @module
 */
export { AssignmentView, titleOf } from "./assignment_view.tsx";
