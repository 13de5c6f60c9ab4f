/**
 * Filters that somebody saved.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema } from "./values.ts";

/** Name of a view. */
export const viewNameSchema = z.string().min(1).max(60).regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u)
  .openapi({ example: "failed-tonight" });

/** What a view shows. */
export const saveViewSchema = z.strictObject({
  query: z.record(z.string().max(40), z.string().max(200)).openapi({
    description: "Parameters of the list of runs",
    example: { status: "failed", tag: "nightly" },
  }),
}).openapi("SaveView");

/** A saved view. */
export const viewSchema = z.object({
  name: z.string(),
  query: z.record(z.string(), z.string()),
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
