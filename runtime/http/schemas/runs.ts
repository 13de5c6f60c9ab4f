/**
 * Runs as the API takes and gives them.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { assignmentRecordSchema, taskAssignmentSchema } from "./assignment.ts";
import {
  errorDataSchema,
  instantSchema,
  jsonObjectSchema,
  jsonSchema,
  limitSchema,
  pageOf,
  pageQuery,
  runIdSchema,
  runStatusSchema,
  shownValueSchema,
  tagSchema,
  taskStatusSchema,
  tenantSchema,
  workflowNameSchema,
} from "./values.ts";
import { sourceSchema, sourcesSchema, taskKindSchema, taskNodeSchema } from "./workflows.ts";

/** One line of the list of runs. */
export const runListItemSchema = z.object({
  runId: runIdSchema,
  workflow: z.string(),
  version: z.string().nullable(),
  status: runStatusSchema,
  isOrphan: z.boolean().openapi({ description: "Its process is gone and nobody works on it" }),
  isShared: z.boolean().openapi({ description: "It belongs to the nodes that serve the store" }),
  tenant: z.string().nullable(),
  tags: z.array(z.string()),
  startedAt: instantSchema,
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable().openapi({ description: "null while it is open" }),
}).openapi("RunListItem");

/** A page of runs, newest first. */
export const runPageSchema = pageOf("RunPage", runListItemSchema);

const oneStatus = `(?:${runStatusSchema.options.join("|")})`;
const statusesPattern = new RegExp(`^${oneStatus}(?:,${oneStatus}){0,6}$`);

/** What a list of runs is narrowed to. */
export const runQuerySchema = z.strictObject({
  ...pageQuery,
  status: z.string().max(100).optional().openapi({
    description: "One or more statuses, with commas between them",
    example: "running,failed",
    pattern: statusesPattern.source,
  }).transform((text) => text?.split(","))
    .pipe(z.array(runStatusSchema).optional()),
  workflow: workflowNameSchema.optional(),
  tag: tagSchema.optional(),
  tenant: tenantSchema.optional(),
  q: z.string().max(200).optional().openapi({
    description: "Part of an id, a workflow's name or a tag",
    example: "audit",
  }),
  since: instantSchema.optional().openapi({ description: "Submitted then or later" }),
  until: instantSchema.optional().openapi({ description: "Submitted before" }),
});

/** A task of a run. */
export const taskViewSchema = z.object({
  id: z.string().openapi({ example: "measure[3]" }),
  status: taskStatusSchema,
  attempts: z.int(),
  agent: z.string().nullable(),
  reason: z.string().nullable().openapi({
    description: "Why it waits, was skipped or went to this agent",
  }),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  error: errorDataSchema.nullable(),
  items: z.object({
    total: z.int(),
    completed: z.int(),
    failed: z.int(),
    running: z.int(),
  }).optional().openapi({ description: "Items of a forEach" }),
}).openapi("TaskView");

/** A run at one moment. */
export const runDetailSchema = z.object({
  runId: runIdSchema,
  workflow: z.string(),
  version: z.string().nullable(),
  status: runStatusSchema,
  input: jsonSchema,
  output: jsonSchema,
  error: errorDataSchema.nullable(),
  tenant: z.string().optional(),
  tags: z.array(z.string()),
  submittedBy: z.string().optional(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  tasks: z.array(taskViewSchema),
  packageHash: z.string().openapi({ description: "SHA-256 of the definition and agents' code" }),
  isShared: z.boolean(),
  leader: z.string().nullable().openapi({ description: "Node that leads the run's partition" }),
  parent: runIdSchema.optional().openapi({ description: "Run that this one was forked from" }),
  truncated: z.record(z.string(), z.int()).optional().openapi({
    description: "Members that were too large to show, with their sizes",
  }),
}).openapi("RunDetail");

/** How a run's tasks hang together. */
export const runGraphSchema = z.object({
  runId: runIdSchema,
  workflow: z.string(),
  version: z.string().nullable(),
  packageHash: z.string(),
  tasks: z.array(taskNodeSchema),
}).openapi("RunGraph");

const attemptSchema = z.object({
  attempt: z.int(),
  index: z.int().optional(),
  contender: z.int().optional().openapi({
    description: "Of a contest: number of the contender; who judges comes behind the last",
  }),
  round: z.int().optional().openapi({
    description: "Which contest for this work, from 1: a retry of the run may hold another",
  }),
  agent: z.string(),
  node: z.string().nullable(),
  status: z.enum(["running", "completed", "failed", "cancelled", "lost", "repeated"]),
  startedAt: instantSchema,
  finishedAt: instantSchema.nullable(),
  error: errorDataSchema.nullable(),
  assignment: z.object({ text: z.string(), record: assignmentRecordSchema }).nullable().openapi({
    description: "Why this agent; null where the workflow names it",
  }),
}).openapi("Attempt");

const stepSchema = z.object({
  stepId: z.string(),
  index: z.int().optional(),
  output: shownValueSchema,
  at: instantSchema,
}).openapi("Step");

const denialSchema = z.object({
  attempt: z.int(),
  index: z.int().optional(),
  permission: z.string(),
  value: z.string().nullable(),
  among: z.int().optional(),
  at: instantSchema,
}).openapi("Denial");

const waitReasonSchema = z.object({
  text: z.string(),
  kind: z.enum(["needs", "worker", "agent", "time", "signal", "paused", "leader", "concurrency"]),
  tasks: z.array(z.string()).openapi({ description: "Tasks that have to end first" }),
  until: z.string().optional(),
  signal: z.string().optional(),
}).openapi("WaitReason");

/** All that is known of one task. */
export const taskDetailSchema = z.object({
  id: z.string(),
  kind: taskKindSchema,
  status: taskStatusSchema,
  reason: z.string().nullable(),
  agent: z.string().nullable(),
  needs: z.array(z.string()),
  if: z.string().nullable(),
  forEach: z.string().nullable(),
  input: shownValueSchema.nullable(),
  output: shownValueSchema.nullable(),
  error: errorDataSchema.nullable(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  attempts: z.array(attemptSchema).openapi({ description: "The last 200, oldest first" }),
  attemptsTotal: z.int(),
  steps: z.array(stepSchema).openapi({ description: "The last 200, oldest first" }),
  stepsTotal: z.int(),
  denials: z.array(denialSchema).openapi({ description: "The last 200, oldest first" }),
  denialsTotal: z.int(),
  waitingFor: waitReasonSchema.nullable(),
  assignment: taskAssignmentSchema.nullable(),
  items: z.object({
    total: z.int(),
    pending: z.int(),
    running: z.int(),
    waiting: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  }).optional(),
}).openapi("TaskDetail");

/** What to run. */
export const submitRunSchema = z.strictObject({
  workflow: z.string().max(200).regex(
    /^[a-z][a-z0-9-]*(@.{1,99})?$/,
    "must be the name of a workflow, or name@range",
  ).optional().openapi({
    description: "Registered workflow, `name` or `name@range`; or give a definition",
    example: "repo-audit@^1",
  }),
  definition: sourceSchema.optional(),
  files: sourcesSchema.optional(),
  input: jsonObjectSchema.default({}).openapi({ example: { path: "." } }),
  tags: z.array(tagSchema).max(20).optional(),
  tenant: tenantSchema.optional(),
  workDir: z.string().max(4096).regex(/^\//, "must be an absolute path").optional().openapi({
    description: "Absolute folder on the node that relative paths begin at",
  }),
}).openapi("SubmitRun");

/** A run was accepted. */
export const acceptedRunSchema = z.object({
  runId: runIdSchema,
  workflow: z.string(),
  version: z.string().nullable(),
  packageHash: z.string(),
  tenant: z.string().nullable(),
  tags: z.array(z.string()),
  status: runStatusSchema,
}).openapi("AcceptedRun");

/** A wish was taken. */
export const acceptedWishSchema = z.object({
  runId: runIdSchema,
  accepted: z.literal(true),
}).openapi("AcceptedWish");

/** Why a run or task is stopped. */
export const cancelSchema = z.strictObject({
  reason: z.string().max(500).optional().openapi({ example: "Wrong input" }),
}).openapi("Cancel");

/** How a fork differs from its run. */
export const forkRunSchema = z.strictObject({
  input: jsonObjectSchema.optional().openapi({
    description: "Merged into the input of the run",
    example: { path: "docs" },
  }),
}).openapi("ForkRun");

/** What comes with a signal. */
export const signalSchema = z.strictObject({
  payload: jsonSchema.optional(),
  signalId: z.string().min(1).max(200).optional().openapi({
    description: "The same one again is not another signal",
  }),
}).openapi("Signal");

/** The same wish for many runs. */
export const bulkSchema = z.strictObject({
  action: z.enum(["cancel", "retry"]),
  ids: z.array(runIdSchema).min(1).max(200),
}).openapi("BulkWish");

/** What became of each of many runs. */
export const bulkResultSchema = z.object({
  results: z.array(z.object({
    runId: runIdSchema,
    ok: z.boolean(),
    error: errorDataSchema.optional(),
  })),
}).openapi("BulkResult");

/** A line that an agent logged. */
export const logLineSchema = z.object({
  id: z.string().openapi({ description: "Orders the lines of a run" }),
  at: instantSchema,
  level: z.enum(["debug", "info", "warn", "error"]),
  task: z.string().nullable(),
  message: z.string(),
  fields: jsonObjectSchema,
}).openapi("LogLine");

/** A page of lines, oldest first. */
export const logPageSchema = pageOf("LogPage", logLineSchema);

/** What lines of a run are narrowed to. */
export const logQuerySchema = z.strictObject({
  ...pageQuery,
  limit: limitSchema(1_000, 200),
  task: z.string().max(200).optional().openapi({ example: "measure[3]" }),
  level: z.enum(["debug", "info", "warn", "error"]).optional().openapi({
    description: "This level and those above it",
  }),
});

/** Name of an event: journal segment, and place in it. */
export const eventIdSchema = z.string().regex(
  /^\d{1,15}\.\d{1,9}$/,
  "must be the id of an event: two numbers with a dot between them",
).openapi({
  description: "Journal segment and place in it: what Last-Event-ID takes",
  example: "12.3",
});

/** An event with its place in the journal. */
export const journalledEventSchema = z.object({
  id: eventIdSchema,
  event: z.looseObject({
    type: z.string().openapi({ example: "TaskCompleted" }),
    at: z.number().openapi({ description: "Epoch milliseconds" }),
  }),
}).openapi("JournalledEvent");

/** What events of a run are narrowed to, and where a stream goes on. */
export const eventQuerySchema = z.strictObject({
  ...pageQuery,
  limit: limitSchema(1_000, 200),
  lastEventId: eventIdSchema.optional().openapi({
    description: "As the header Last-Event-ID, for clients that cannot send it",
  }),
});

/** A page of events, oldest first. */
export const eventPageSchema = pageOf("EventPage", journalledEventSchema);

export type RunListItem = z.infer<typeof runListItemSchema>;
export type RunPage = z.infer<typeof runPageSchema>;
export type RunDetail = z.infer<typeof runDetailSchema>;
export type TaskView = z.infer<typeof taskViewSchema>;
export type RunGraph = z.infer<typeof runGraphSchema>;
export type TaskDetail = z.infer<typeof taskDetailSchema>;
export type SubmitRun = z.infer<typeof submitRunSchema>;
export type AcceptedRun = z.infer<typeof acceptedRunSchema>;
export type AcceptedWish = z.infer<typeof acceptedWishSchema>;
export type BulkWish = z.infer<typeof bulkSchema>;
export type BulkResult = z.infer<typeof bulkResultSchema>;
export type LogLine = z.infer<typeof logLineSchema>;
export type LogPage = z.infer<typeof logPageSchema>;
export type JournalledEvent = z.infer<typeof journalledEventSchema>;
export type EventPage = z.infer<typeof eventPageSchema>;
