/**
 * What is around every page.
 *
 * @module
 */
export { Shell } from "./shell.tsx";
export { Mark } from "./sidebar.tsx";
