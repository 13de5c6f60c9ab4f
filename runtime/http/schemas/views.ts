/**
 * Filters that somebody saved.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema, jsonObjectSchema } from "./values.ts";

/** Name of a view: 1 to 64 characters, none of them a control character. */
export const viewNameSchema = z.string().regex(
  // deno-lint-ignore no-control-regex
  /^[^\u0000-\u001f\u007f-\u009f]{1,64}$/,
  "must have 1 to 64 characters, none of them a control character",
).openapi({
  example: "failed-tonight",
});

/** What a view shows. */
export const saveViewSchema = z.strictObject({
  filters: jsonObjectSchema.openapi({
    description: "What the dashboard makes of it; at most 8 KiB",
    example: { status: "failed", tag: "nightly" },
  }),
}).openapi("SaveView");

/** A saved view. */
export const viewSchema = z.object({
  name: z.string(),
  filters: jsonObjectSchema,
  updatedAt: instantSchema,
}).openapi("View");

/** Every view of the principal. */
export const viewListSchema = z.object({
  items: z.array(viewSchema),
  nextCursor: z.null(),
}).openapi("ViewList");

export type SaveView = z.infer<typeof saveViewSchema>;
export type View = z.infer<typeof viewSchema>;
export type ViewList = z.infer<typeof viewListSchema>;
