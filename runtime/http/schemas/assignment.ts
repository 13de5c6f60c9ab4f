/**
 * Who does a task and why, as the API gives it.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import {
  epochMsSchema,
  errorDataSchema,
  instantSchema,
  runIdSchema,
  shownValueSchema,
  taskStatusSchema,
} from "./values.ts";

/** Agents that did not come into question for one reason. */
const exclusionSchema = z.object({
  code: z.enum([
    "DENIED",
    "NOT_PINNED",
    "INPUT_REFUSED",
    "PERMISSIONS_TOO_WIDE",
    "COST_TOO_HIGH",
    "NOT_CHECKED",
    "CIRCUIT_OPEN",
    "TAKEN",
    "FAILED_HERE",
    "FULL",
    "NO_BID",
    "BID_TOO_HIGH",
  ]),
  count: z.int(),
  agents: z.array(z.string()).openapi({ description: "The first three of them, by name" }),
  reason: z.string().optional().openapi({
    description: "With INPUT_REFUSED, where nobody gets the task: a schema's first complaint",
    example: "good: /text is missing",
  }),
}).openapi("Exclusion");

/** What was thought of a candidate at the moment of a choice. */
const candidateSchema = z.object({
  agent: z.string(),
  score: z.number().openapi({ description: "What was compared: the highest got the task" }),
  success: z.number().openapi({ description: "Expected share of successes, 0 to 1" }),
  low: z.number().openapi({ description: "The share lies above it with 95 %" }),
  high: z.number().openapi({ description: "The share lies below it with 95 %" }),
  tasks: z.number().openapi({ description: "Outcomes that this rests on, weighted" }),
  latencyMs: z.number().nullable().openapi({ description: "Expected time of an attempt" }),
  costUsd: z.number(),
  load: z.number().openapi({ description: "Attempts in flight by places, 0 to 1" }),
}).openapi("CandidateFigures");

const bidSchema = z.object({
  agent: z.string(),
  costUsd: z.number(),
  success: z.number().nullable().openapi({ description: "Share of successes that it promises" }),
  latencyMs: z.number().nullable().openapi({ description: "Time that it promises" }),
}).openapi("Bid");

/** What the journal keeps of a choice. */
export const assignmentRecordSchema = z.object({
  way: z.enum(["evidence", "only", "pin", "probe", "auction"]),
  capability: z.string().openapi({ description: "What the task asks for" }),
  as: z.string().optional().openapi({ description: "What the agent offers, where it is narrower" }),
  codeHash: z.string(),
  inputHash: z.string(),
  text: z.string().openapi({ description: "Words by which tasks are alike" }),
  costUsd: z.number().optional(),
  candidates: z.array(candidateSchema).openapi({
    description: "The chosen one first, then the best of the others: three at most",
  }),
  considered: z.int().openapi({ description: "Agents that were compared" }),
  excluded: z.array(exclusionSchema).optional(),
  bids: z.array(bidSchema).optional().openapi({ description: "Best first, ten at most" }),
}).openapi("AssignmentRecord");

const abstentionSchema = z.object({
  code: z.enum(["NOBODY_OFFERS", "NOBODY_CAN", "ALL_BUSY", "BEST_BUSY", "AUCTION", "AGENT_GONE"]),
  excluded: z.array(exclusionSchema),
  agent: z.string().optional().openapi({
    description: "With BEST_BUSY and AGENT_GONE: who is waited for",
  }),
  askAgainAt: epochMsSchema.optional(),
  misnamed: z.object({
    name: z.string().openapi({ description: "Of an agent or capability that there is not" }),
    meant: z.string().nullable().openapi({ description: "What was probably meant" }),
  }).optional(),
}).openapi("Abstention");

const deferralSchema = z.object({
  text: z.string(),
  why: abstentionSchema,
  at: instantSchema,
  giveUpAt: instantSchema.openapi({ description: "The work fails then" }),
}).openapi("Deferral");

const auctionSchema = z.object({
  attempt: z.int(),
  agents: z.array(z.string()).openapi({ description: "Who is asked for bids" }),
  openedAt: instantSchema,
  closesAt: instantSchema,
  bids: z.array(bidSchema).nullable().openapi({ description: "null while it is open" }),
}).openapi("Auction");

const reuseSchema = z.object({
  text: z.string(),
  runId: runIdSchema,
  task: z.string(),
  index: z.int().optional(),
  agent: z.string(),
  madeAt: instantSchema,
  similarity: z.number().openapi({ description: "0 to 1; 1 for the same input" }),
}).openapi("Reuse");

const contestSchema = z.object({
  way: z.enum(["vote", "judge", "merge"]),
  isSettled: z.boolean(),
  text: z.string(),
  votes: z.array(z.int()).nullable().openapi({
    description: "Of a vote that was settled: how many returned the same, the most first",
  }),
  contenders: z.array(
    z.object({
      contender: z.int(),
      role: z.enum(["contender", "judge"]),
      agent: z.string().nullable(),
      status: taskStatusSchema,
      isWinner: z.boolean(),
      text: z.string().nullable().openapi({ description: "Why this agent" }),
      output: shownValueSchema.nullable(),
      error: errorDataSchema.nullable(),
    }).openapi("Contender"),
  ),
}).openapi("Contest");

/** Who does a task and why, or why nobody does. */
export const taskAssignmentSchema = z.object({
  agent: z.string().nullable().openapi({ description: "Of the newest attempt" }),
  text: z.string().openapi({ description: "In words" }),
  record: assignmentRecordSchema.nullable(),
  deferred: deferralSchema.nullable(),
  auction: auctionSchema.nullable(),
  reused: reuseSchema.nullable(),
  contest: contestSchema.nullable(),
}).openapi("TaskAssignment");

export type AssignmentRecord = z.infer<typeof assignmentRecordSchema>;
export type CandidateFigures = z.infer<typeof candidateSchema>;
export type Bid = z.infer<typeof bidSchema>;
export type Abstention = z.infer<typeof abstentionSchema>;
export type TaskAssignment = z.infer<typeof taskAssignmentSchema>;
