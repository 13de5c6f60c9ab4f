/**
 * Actor systems as files or as objects in code: what they may say, and what comes of it.
 *
 * @module
 */
export type * from "./definition.ts";
export type * from "./input.ts";
export { defineSystem, InvalidSystemError } from "./define_system.ts";
export {
  isSystemFile,
  type ParsedSystem,
  parseSystem,
  parseSystemValue,
  systemJsonSchema,
} from "./parse_system.ts";
