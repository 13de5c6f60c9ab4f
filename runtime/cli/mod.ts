/**
 * The command line: everything between `main.ts` and a node.
 *
 * @module
 */
export { main } from "./main.ts";
export { openTerminal, type Terminal } from "./terminal.ts";
