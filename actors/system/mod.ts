/**
 * Actor systems as files: what they may say, and what comes of it.
 *
 * @module
 */
export type * from "./definition.ts";
