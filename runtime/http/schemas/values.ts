/**
 * The small parts that documents of the API are made of.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import type { Json, JsonObject } from "../../../core/json.ts";

/** Any JSON value. What reaches a schema was parsed from JSON, so nothing is left to check. */
export const jsonSchema = z.unknown().openapi({
  description: "Any JSON value",
}) as unknown as z.ZodType<Json>;

/** Any JSON object. */
export const jsonObjectSchema = z.record(z.string(), z.unknown()).openapi({
  description: "Any JSON object",
}) as unknown as z.ZodType<JsonObject>;

/** An instant as documents write it: ISO 8601 in UTC. */
export const instantSchema = z.iso.datetime().openapi({ example: "2026-11-22T09:30:00.000Z" });

/** Epoch milliseconds, as events and actor systems have them. */
export const epochMsSchema = z.number().openapi({ example: 1_795_340_000_000 });

/** Name of a run: a ULID. */
export const runIdSchema = z.string().regex(
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
  "must be the id of a run: 26 digits and capital letters",
).openapi({
  description: "ULID of the run: sorts by time of submission",
  example: "01KAP0V2M3N4P5Q6R7S8T9VWXY",
});

/** Name of a workflow. */
export const workflowNameSchema = z.string().max(100).regex(
  /^[a-z][a-z0-9-]*$/,
  "must begin with a small letter; small letters, digits and hyphens may follow",
).openapi({
  description: "Name of a workflow",
  example: "repo-audit",
});

/** Whose something is. */
export const tenantSchema = z.string().max(64).regex(
  /^[a-z0-9][a-z0-9._-]*$/,
  "must begin with a small letter or digit; small letters, digits and . _ - may follow",
).openapi({
  description: "Whose it is, where several parties share the nodes",
  example: "acme",
});

/** A tag of a run. */
export const tagSchema = z.string().min(1).max(64).regex(
  /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/,
  "must begin with a letter or digit; letters, digits and . _ : / - may follow",
).openapi({
  description: "What it is found by",
  example: "nightly",
});

/** Name of a task: as in the workflow file, with the number of an item in brackets. */
export const taskIdSchema = z.string().max(200).regex(
  /^[^/\s]+$/,
  "must be the name of a task, without slashes and spaces",
).openapi({
  description: "`list`, or `measure[3]` for an item of a forEach",
  example: "greet",
});

/** Name of a signal. */
export const signalNameSchema = z.string().min(1).max(200).regex(
  /^[^/\s]+$/,
  "must be the name of a signal, without slashes and spaces",
).openapi({
  description: "As in `wait: { signal: NAME }`",
  example: "approved",
});

/** The header that makes a creation safe to repeat. */
export const idempotencyHeaders = z.object({
  "idempotency-key": z.string().min(1).max(200).regex(
    /^[\x21-\x7e]+$/,
    "must consist of visible ASCII characters, without spaces",
  ).optional().openapi({
    description: "The same key again, with the same request, does it once",
    example: "order-4711",
  }),
});

/** Where a run stands. */
export const runStatusSchema = z.enum([
  "pending",
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
]).openapi("RunStatus");

/** Where a task stands. */
export const taskStatusSchema = z.enum([...runStatusSchema.options, "skipped"])
  .openapi("TaskStatus");

/** An error as data. */
export const errorDataSchema = z.object({
  code: z.string().openapi({ description: "UPPER_SNAKE; see docs/errors.md", example: "TIMEOUT" }),
  message: z.string(),
  hint: z.string().optional(),
  details: jsonObjectSchema.optional(),
  retryable: z.boolean().optional(),
}).openapi("ErrorData");

/** A value, or `null` beside the size of one that is too large to show. */
export const shownValueSchema = z.object({
  value: jsonSchema,
  truncated: z.literal(true).optional(),
  bytes: z.int().openapi({ description: "Characters of the JSON text" }),
}).openapi("ShownValue");

/** Where a file is wrong, and what to write instead. */
export const issueSchema = z.object({
  code: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  hint: z.string(),
  file: z.string(),
  line: z.int().openapi({ description: "1-based" }),
  column: z.int().openapi({ description: "1-based" }),
  pointer: z.string().openapi({ description: "JSON pointer into the file" }),
}).openapi("Issue");

/** A page of a list. */
export function pageOf<Item extends z.ZodType>(name: string, item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().openapi({
      description: "Give it as `cursor` to get the next page; null on the last",
    }),
  }).openapi(name);
}

/** A whole number in a query or path: digits, and nothing else. */
export function countSchema(minimum: number, maximum: number) {
  return z.string().regex(/^\d{1,16}$/, `must be a number from ${minimum} to ${maximum}`)
    .transform(Number).pipe(z.int().min(minimum).max(maximum))
    .openapi({ type: "integer", minimum, maximum });
}

/** How many items a page has. */
export function limitSchema(maximum: number, usual: number) {
  return countSchema(1, maximum).optional().transform((limit) => limit ?? usual).openapi({
    type: "integer",
    minimum: 1,
    maximum,
    default: usual,
    description: "Items in a page",
  });
}

/** Limit and cursor of a list. */
export const pageQuery = {
  limit: limitSchema(200, 50),
  cursor: z.string().max(500).optional().openapi({
    description: "`nextCursor` of the page before",
  }),
};
