/**
 * The form that starts a run, made from the schema of its input.
 *
 * @module
 */
export { StartForm } from "./start_form.tsx";
export type { Schema } from "./schema_shape.ts";
