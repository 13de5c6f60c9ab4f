/**
 * Documents of the API: one schema each, that requests are checked with and the reference is made
 * of, and the type that follows from it. Programs that only need the types import them type-only.
 *
 * @module
 */
export * from "./agents.ts";
export * from "./assignment.ts";
export * from "./audit.ts";
export * from "./auth.ts";
export * from "./cluster.ts";
export * from "./knowledge.ts";
export * from "./problem.ts";
export * from "./runs.ts";
export * from "./systems.ts";
export * from "./values.ts";
export * from "./views.ts";
export * from "./workflows.ts";
