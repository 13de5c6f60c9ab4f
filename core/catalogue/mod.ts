/**
 * Every error code of Denizen, in one file an area. `docs/errors.md` is generated from it, and a
 * test holds it against the source: no code without an entry, no entry without a code.
 *
 * @module
 */
export { type CatalogueEntry, type ErrorCategory } from "./entry.ts";
export { ERRORS } from "./areas.ts";
