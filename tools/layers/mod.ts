/**
 * Who may import whom. `deno task layers` holds the repository against it.
 *
 * @module
 */
export { type Import, readImports } from "./read_imports.ts";
export { findViolations, type Violation } from "./find_violations.ts";
