/**
 * The audit log as the API gives it.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import {
  countSchema,
  epochMsSchema,
  jsonObjectSchema,
  limitSchema,
  pageOf,
  pageQuery,
} from "./values.ts";

/** One link of the chain. */
export const auditEntrySchema = z.object({
  seq: z.int(),
  at: epochMsSchema,
  kind: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  details: jsonObjectSchema.optional(),
  count: z.int(),
  previous: z.string(),
  hash: z.string(),
}).openapi("AuditEntry");

/** Entries, newest first. */
export const auditPageSchema = pageOf("AuditPage", auditEntrySchema);

/** What entries are narrowed to. */
export const auditQuerySchema = z.strictObject({
  from: countSchema(1, Number.MAX_SAFE_INTEGER).optional().openapi({
    description: "Number of the newest entry that is wanted",
  }),
  limit: limitSchema(500, 100),
  cursor: pageQuery.cursor,
  kind: z.string().max(100).optional().openapi({ example: "refusal" }),
  code: z.string().max(100).optional().openapi({ example: "FORBIDDEN" }),
  actor: z.string().max(300).optional().openapi({ description: "Who it was" }),
});

/** What a look at the whole chain found. */
export const auditVerdictSchema = z.object({
  entries: z.int().openapi({ description: "Entries that are whole, from the first on" }),
  broken: z.object({ seq: z.int(), reason: z.string() }).nullable(),
}).openapi("AuditVerdict");

export type AuditEntry = z.infer<typeof auditEntrySchema>;
export type AuditPage = z.infer<typeof auditPageSchema>;
export type AuditVerdict = z.infer<typeof auditVerdictSchema>;
