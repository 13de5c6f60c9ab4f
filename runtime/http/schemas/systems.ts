/**
 * Actor systems, their trees and dead letters.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { epochMsSchema, instantSchema, jsonSchema, pageOf, pageQuery } from "./values.ts";

/** Name of an actor system. */
export const systemNameSchema = z.string().min(1).max(200).openapi({ example: "word-index" });

/** An actor system of the store. */
export const systemSummarySchema = z.object({
  system: z.string(),
  term: z.int().openapi({ description: "How often it was started" }),
  pid: z.int().nullable(),
  isLed: z.boolean().openapi({ description: "Whether the process that leads it lives" }),
}).openapi("SystemSummary");

/** Every actor system. */
export const systemListSchema = z.object({
  items: z.array(systemSummarySchema),
  nextCursor: z.null(),
}).openapi("SystemList");

/** A supervisor or actor, with what it supervises. */
export interface TreeNode {
  id: string;
  kind: "supervisor" | "actor" | "dynamic";
  strategy: string | null;
  address: string | null;
  restart: string;
  status: string;
  incarnation: number;
  restarts: number;
  /** `at`: epoch milliseconds. */
  lastExit: { reason: unknown; at: number } | null;
  startedAt: number | null;
  startAt: number | null;
  busyWith: string | null;
  children: TreeNode[];
}

/** A supervisor or actor, with what it supervises. */
export const treeNodeSchema: z.ZodType<TreeNode> = z.object({
  id: z.string(),
  kind: z.enum(["supervisor", "actor", "dynamic"]),
  strategy: z.string().nullable(),
  address: z.string().nullable(),
  restart: z.string(),
  status: z.string(),
  incarnation: z.int(),
  restarts: z.int(),
  lastExit: z.object({ reason: jsonSchema, at: epochMsSchema }).nullable(),
  startedAt: epochMsSchema.nullable(),
  startAt: epochMsSchema.nullable(),
  busyWith: z.string().nullable(),
  get children() {
    return z.array(treeNodeSchema);
  },
}).openapi("TreeNode") as unknown as z.ZodType<TreeNode>;

/** A supervision tree. */
export const systemTreeSchema = z.object({
  system: z.string(),
  tree: treeNodeSchema.nullable().openapi({ description: "null before its leader wrote it" }),
}).openapi("SystemTree");

/** Name of a dead letter. */
export const letterIdSchema = z.string().min(1).max(300);

/** A message that was given up. */
export const deadLetterSchema = z.object({
  id: letterIdSchema,
  system: z.string(),
  to: z.string(),
  from: z.string().nullable(),
  type: z.string(),
  reason: z.string().openapi({ example: "MAX_ATTEMPTS" }),
  attempts: z.int(),
  kills: z.int(),
  at: instantSchema,
  payload: jsonSchema.openapi({ description: "Large values are cut: {truncated, bytes}" }),
  history: z.array(z.object({
    at: instantSchema,
    code: z.string(),
    message: z.string(),
    isKill: z.boolean(),
  })),
}).openapi("DeadLetter");

/** A page of dead letters, newest first. */
export const deadLetterPageSchema = pageOf("DeadLetterPage", deadLetterSchema);

/** What dead letters are narrowed to. */
export const deadLetterQuerySchema = z.strictObject({
  ...pageQuery,
  system: systemNameSchema.optional(),
});

/** What became of a wish for a dead letter. */
export const letterWishSchema = z.object({
  id: z.string(),
  taken: z.boolean().openapi({ description: "false: the system will take it when it is led" }),
}).openapi("LetterWish");

export type SystemSummary = z.infer<typeof systemSummarySchema>;
export type SystemList = z.infer<typeof systemListSchema>;
export type SystemTree = z.infer<typeof systemTreeSchema>;
export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;
export type LetterWish = z.infer<typeof letterWishSchema>;
