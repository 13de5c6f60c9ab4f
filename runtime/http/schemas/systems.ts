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
  system: systemSummarySchema,
  tree: treeNodeSchema.nullable().openapi({ description: "null before its leader wrote it" }),
}).openapi("SystemTree");

/** Name of a dead letter. */
export const letterIdSchema = z.string().min(1).max(300);

/** A message that was given up: all but its payload. */
export const deadLetterSummarySchema = z.object({
  id: letterIdSchema,
  system: z.string(),
  reason: z.string().openapi({ example: "MAX_ATTEMPTS" }),
  code: z.string().nullable().openapi({ description: "Of the last failure" }),
  from: z.string(),
  to: z.string(),
  type: z.string(),
  attempts: z.int(),
  kills: z.int().openapi({ description: "Attempts that crashed the actor" }),
  at: instantSchema,
}).openapi("DeadLetterSummary");

/** A page of dead letters, newest first. */
export const deadLetterPageSchema = pageOf("DeadLetterPage", deadLetterSummarySchema);

/** A message that was given up. */
export const deadLetterSchema = deadLetterSummarySchema.extend({
  messageId: z.string(),
  sentAt: instantSchema,
  topic: z.string().nullable(),
  payload: jsonSchema,
  isKept: z.boolean().openapi({ description: "Whether there is anything to replay" }),
  history: z.array(z.object({
    at: instantSchema,
    code: z.string(),
    message: z.string(),
    isKill: z.boolean(),
  })),
}).openapi("DeadLetter");

/** What dead letters are narrowed to. */
export const deadLetterQuerySchema = z.strictObject({
  ...pageQuery,
  system: systemNameSchema.optional(),
});

/** What became of a wish for a dead letter. */
export const letterWishSchema = z.object({
  id: z.string(),
  system: z.string(),
  isTaken: z.boolean().openapi({ description: "false: its leader will take it once it lives" }),
}).openapi("LetterWish");

export type SystemSummary = z.infer<typeof systemSummarySchema>;
export type SystemList = z.infer<typeof systemListSchema>;
export type SystemTree = z.infer<typeof systemTreeSchema>;
export type DeadLetterSummary = z.infer<typeof deadLetterSummarySchema>;
export type DeadLetter = z.infer<typeof deadLetterSchema>;
export type DeadLetterPage = z.infer<typeof deadLetterPageSchema>;
export type LetterWish = z.infer<typeof letterWishSchema>;
