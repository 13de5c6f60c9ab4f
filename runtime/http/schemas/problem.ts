/**
 * Errors as the API answers them: RFC 9457 problem details.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { jsonObjectSchema } from "./values.ts";

/** One thing that is wrong with a request. */
export const problemIssueSchema = z.object({
  pointer: z.string().openapi({
    description: "JSON pointer into the body, or name of the parameter",
    example: "/input/path",
  }),
  in: z.enum(["body", "query", "path", "header"]).optional(),
  message: z.string(),
  code: z.string().optional(),
  hint: z.string().optional(),
  severity: z.enum(["error", "warning"]).optional(),
  file: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
}).openapi("ProblemIssue");

/** What every refusal and failure is answered with, as `application/problem+json`. */
export const problemSchema = z.object({
  type: z.string().openapi({
    description: "Names the kind of problem, relative to the page of errors",
    example: "/docs#error-RUN_NOT_FOUND",
  }),
  title: z.string().openapi({ example: "Not Found" }),
  status: z.int().min(400).max(599).openapi({ example: 404 }),
  detail: z.string().openapi({ example: 'Found no run "01KAP0V2M3N4P5Q6R7S8T9VWXY"' }),
  code: z.string().openapi({ example: "RUN_NOT_FOUND" }),
  hint: z.string().optional().openapi({ description: "What to do next" }),
  instance: z.string().openapi({
    description: "This request, as `X-Request-Id` and the node's log name it",
    example: "urn:request:5f0c1b7e9d3a4f68",
  }),
  details: jsonObjectSchema.optional(),
  issues: z.array(problemIssueSchema).optional(),
}).openapi("Problem");

/** Body of every refusal and failure. */
export type Problem = z.infer<typeof problemSchema>;
/** One thing that is wrong with a request. */
export type ProblemIssue = z.infer<typeof problemIssueSchema>;
