/**
 * The audit log as the API gives it.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema, jsonObjectSchema } from "./values.ts";

/** One link of the chain. */
export const auditEntrySchema = z.object({
  seq: z.int(),
  at: instantSchema,
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

/** Entries in order. */
export const auditPageSchema = z.object({
  items: z.array(auditEntrySchema),
  nextFrom: z.int().nullable().openapi({
    description: "Give it as `from` to go on; null at the end of the log",
  }),
}).openapi("AuditPage");

/** What entries are narrowed to. */
export const auditQuerySchema = z.strictObject({
  from: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional().openapi({
    description: "Number of the first entry; left out: the last ones",
  }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
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
