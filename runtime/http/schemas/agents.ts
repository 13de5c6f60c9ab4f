/**
 * Agents as the API takes and gives them.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema, jsonObjectSchema, tenantSchema, workflowNameSchema } from "./values.ts";
import { sourcesSchema } from "./workflows.ts";

const strings = z.array(z.string());

/** What an agent may reach; anything not listed is denied. */
export const permissionsSchema = z.object({
  read: strings.optional(),
  write: strings.optional(),
  net: strings.optional(),
  env: strings.optional(),
  run: strings.optional(),
  sys: strings.optional(),
  ffi: strings.optional(),
  import: strings.optional(),
}).openapi("Permissions");

/** What is known of an agent at tasks of one capability. */
export const capabilityRecordSchema = z.object({
  capability: z.string(),
  isA: strings.openapi({ description: "Wider capabilities that it stands for as well" }),
  partOf: strings.openapi({ description: "Capabilities that it is a part of" }),
  tasks: z.int().openapi({ description: "Outcomes that are remembered" }),
  successes: z.int(),
  outvoted: z.int().openapi({
    description: "Results that lost to another's, by a vote or a judge (`OUTVOTED`): they count " +
      "as not good, though their attempts did not fail",
  }),
  success: z.number().openapi({ description: "Expected share of successes, 0 to 1" }),
  low: z.number().openapi({ description: "The share lies above it with 95 %" }),
  high: z.number().openapi({ description: "The share lies below it with 95 %" }),
  effectiveTasks: z.number().openapi({
    description: "Outcomes that this rests on, weighted by age and likeness",
  }),
  latencyMs: z.number().nullable().openapi({ description: "Expected time of an attempt" }),
  costUsd: z.number().openapi({ description: "Mean cost of an attempt" }),
  drift: z.number().openapi({
    description: "How surely it changed lately, by its own outcomes, 0 to 1",
  }),
  breaker: z.enum(["closed", "open", "half-open"]).openapi({
    description:
      "`open`: it gets no tasks until `retryAt`; `half-open`: it is tried with one at a time, " +
      "with `standIns` only where it did better before than they do",
  }),
  retryAt: instantSchema.nullable().openapi({
    description: "Sooner where none of `standIns` can take the task",
  }),
  standIns: strings.openapi({
    description: "Unless `closed`: agents that can take its tasks, three at most",
  }),
  bidding: z.object({
    bids: z.int().openapi({ description: "Bids that promised a share of success" }),
    standing: z.number().openapi({ description: "What its promises are worth, 0 to 1" }),
  }).nullable().openapi({ description: "null without a promise of success" }),
}).openapi("CapabilityRecord");

const findingSchema = z.object({
  capability: z.string().nullable(),
  code: z.string(),
  message: z.string(),
}).openapi("AgentFinding");

const count = z.int();

/** An agent of a workflow, or a registered one. */
export const agentStatusSchema = z.object({
  kind: z.enum(["workflow", "registered"]),
  id: z.string().openapi({
    description:
      "What your tenant learnt of it is kept under this, and the graph of solved tasks " +
      "names it so: its `ref`, with the tenant before it where there is one",
  }),
  ref: z.string().openapi({ description: "`workflow/name`, or `name@version`" }),
  name: z.string(),
  workflow: z.string().nullable().openapi({ description: "Whose file names it" }),
  version: z.string().nullable(),
  versions: strings.openapi({ description: "Every version that is kept, the highest first" }),
  tenant: z.string().nullable(),
  description: z.string().nullable(),
  status: z.enum(["ready", "refused", "checking"]).openapi({
    description: "Only ready ones get tasks",
  }),
  findings: z.array(findingSchema).openapi({ description: "What it claims and does not keep" }),
  packageHash: z.string().nullable(),
  isRegistered: z.boolean().openapi({ description: "Whether it, or its workflow, is registered" }),
  module: z.string(),
  codeHash: z.string(),
  capabilities: strings,
  records: z.array(capabilityRecordSchema).openapi({
    description: "One for each capability, and each wider one that tasks asked for",
  }),
  permissions: permissionsSchema,
  concurrency: count,
  replicas: z.object({ min: count, max: count }),
  memoryMb: z.number(),
  costUsd: z.number().openapi({ description: "What an attempt costs" }),
  bids: z.boolean().openapi({ description: "Whether it bids in auctions" }),
  attempts: count.openapi({ description: "Of the last hour" }),
  failures: count.openapi({ description: "Of the last hour" }),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  cells: count.openapi({ description: "Processes of this node that have it loaded" }),
  inFlight: count,
  load: z.number().openapi({ description: "Attempts in flight by places of this node" }),
  registeredAt: instantSchema.nullable(),
  registeredBy: z.string().nullable(),
  checkedAt: instantSchema.nullable(),
}).openapi("AgentStatus");

/** Every agent: registered ones first, by name; then by workflow and name. */
export const agentListSchema = z.object({
  items: z.array(agentStatusSchema),
  nextCursor: z.null(),
}).openapi("AgentList");

/** An agent with all that is known of it. */
export const agentDetailSchema = agentStatusSchema.extend({
  offers: z.array(
    z.object({
      capability: z.string(),
      input: jsonObjectSchema.nullable().openapi({ description: "JSON Schema" }),
      output: jsonObjectSchema.nullable().openapi({ description: "JSON Schema" }),
      examples: count,
    }).openapi("CapabilityOffer"),
  ).openapi({ description: "Of registered agents" }),
}).openapi("AgentDetail");

/** Name of an agent. */
export const agentNameSchema = z.string().max(100).regex(
  /^[^/\s@]+$/,
  "must be the name of an agent, without slashes, spaces and @",
).openapi({
  description: "Name of an agent",
  example: "measurer",
});

/** Version of a registered agent. */
export const agentVersionSchema = z.string().max(100).regex(
  /^[^/\s]+$/,
  "must be a version, without slashes and spaces",
).openapi({
  description: "`1.2.0`, or a range such as `^1`",
  example: "1.2.0",
});

const tenantOf = {
  tenant: tenantSchema.optional().openapi({
    description: "As this tenant sees it, for those who belong to none",
  }),
};

/** As which tenant an agent is looked at. */
export const agentTenantQuerySchema = z.strictObject(tenantOf);

/** Which agents are listed. */
export const agentQuerySchema = z.strictObject({
  ...tenantOf,
  kind: z.enum(["workflow", "registered"]).optional(),
  capability: z.string().min(1).max(200).optional().openapi({ example: "code.measure" }),
});

/** Whose agent of that name is meant. */
export const agentOfQuerySchema = z.strictObject({
  ...tenantOf,
  workflow: workflowNameSchema.optional().openapi({
    description: "The agent of this workflow, not a registered one",
  }),
});

/** An agent to be registered. */
export const registerAgentSchema = z.strictObject({
  module: z.string().max(4_096).regex(/^\//, "must be an absolute path").optional().openapi({
    description: "Absolute path of the module on the node; or give its source",
    example: "/srv/agents/measurer.ts",
  }),
  source: z.string().min(1).max(2_000_000).optional().openapi({
    description: "Text of the module",
    example: "export default …",
  }),
  files: sourcesSchema.optional(),
  grants: z.strictObject(permissionsSchema.shape).optional().openapi({
    description: "What it may reach, whatever else it asks for",
  }),
  grantsAll: z.boolean().optional().openapi({ description: "It may reach all that it asks for" }),
  replicas: z.strictObject({ min: z.int().min(0).max(100), max: z.int().min(1).max(100) })
    .optional().openapi({ description: "Workers on each node" }),
  memoryMb: z.int().min(16).max(65_536).optional(),
  concurrency: z.int().min(1).max(10_000).optional().openapi({
    description: "Attempts at once in one worker",
  }),
}).refine(({ module, source }) => (module === undefined) !== (source === undefined), {
  path: ["source"],
  message: "Give either `source` or `module`",
}).openapi("RegisterAgent", { oneOf: [{ required: ["source"] }, { required: ["module"] }] });

export type AgentStatus = z.infer<typeof agentStatusSchema>;
export type AgentList = z.infer<typeof agentListSchema>;
export type AgentDetail = z.infer<typeof agentDetailSchema>;
export type CapabilityRecord = z.infer<typeof capabilityRecordSchema>;
export type RegisterAgent = z.infer<typeof registerAgentSchema>;
