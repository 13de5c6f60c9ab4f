/**
 * The command line: everything between `main.ts` and a node.
 *
 * @module
 */
export { EXIT } from "./exit_status.ts";
export { main } from "./main.ts";
export { openTerminal, type Terminal } from "./terminal.ts";
