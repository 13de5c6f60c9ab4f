/**
 * Nodes, partitions, agents and how the whole goes.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { instantSchema, runIdSchema } from "./values.ts";

/** A node, and whether it lives. */
export const nodeStatusSchema = z.object({
  nodeId: z.string(),
  state: z.enum(["living", "draining", "gone"]),
  isSelf: z.boolean().openapi({ description: "Whether it is the one that answers" }),
  url: z.string().nullable(),
  partitions: z.array(z.int()),
  runs: z.int(),
  version: z.string(),
  host: z.string(),
  pid: z.int(),
  startedAt: instantSchema,
}).openapi("NodeStatus");

/** A partition that the nodes share. */
export const partitionStatusSchema = z.object({
  partition: z.int(),
  term: z.int(),
  leader: z.string().nullable(),
  waiting: z.int().openapi({ description: "Wishes that wait; 100 stands for more as well" }),
}).openapi("PartitionStatus");

/** The nodes of the store and what they lead. */
export const clusterStatusSchema = z.object({
  nodes: z.array(nodeStatusSchema),
  partitions: z.array(partitionStatusSchema),
}).openapi("ClusterStatus");

/** How the whole goes. */
export const overviewSchema = z.object({
  at: instantSchema,
  runs: z.object({
    running: z.int(),
    waiting: z.int(),
    paused: z.int(),
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  }),
  throughput: z.array(z.object({
    at: instantSchema,
    completed: z.int(),
    failed: z.int(),
    cancelled: z.int(),
  })).openapi({ description: "The last hour in buckets of ten seconds" }),
  queue: z.object({ waiting: z.int(), wishes: z.int() }),
  nodes: z.array(nodeStatusSchema),
  partitions: z.array(partitionStatusSchema),
  slowestTasks: z.array(z.object({
    workflow: z.string(),
    task: z.string(),
    count: z.int(),
    p50Ms: z.number(),
    p95Ms: z.number(),
    maxMs: z.number(),
  })),
  failures: z.array(z.object({
    code: z.string(),
    workflow: z.string(),
    task: z.string(),
    count: z.int(),
    lastAt: instantSchema,
    runId: runIdSchema,
  })),
  missing: z.array(z.string()).openapi({ description: "Living nodes that did not answer in time" }),
}).openapi("Overview");

/** What an agent may reach; anything not listed is denied. */
export const permissionsSchema = z.object({
  read: z.array(z.string()).optional(),
  write: z.array(z.string()).optional(),
  net: z.array(z.string()).optional(),
  env: z.array(z.string()).optional(),
  run: z.array(z.string()).optional(),
  sys: z.array(z.string()).optional(),
  ffi: z.array(z.string()).optional(),
  import: z.array(z.string()).optional(),
}).openapi("Permissions");

/** An agent that registered workflows name. */
export const agentStatusSchema = z.object({
  name: z.string(),
  workflow: z.string(),
  version: z.string().nullable(),
  tenant: z.string().nullable(),
  packageHash: z.string(),
  isRegistered: z.boolean(),
  module: z.string(),
  codeHash: z.string(),
  capabilities: z.array(z.string()),
  permissions: permissionsSchema,
  concurrency: z.int(),
  replicas: z.object({ min: z.int(), max: z.int() }),
  memoryMb: z.number(),
  attempts: z.int().openapi({ description: "Of the last hour" }),
  failures: z.int().openapi({ description: "Of the last hour" }),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  cells: z.int().openapi({ description: "Processes of this node that have it loaded" }),
  inFlight: z.int(),
}).openapi("AgentStatus");

/** Every agent, by workflow and name. */
export const agentListSchema = z.object({
  items: z.array(agentStatusSchema),
  nextCursor: z.null(),
}).openapi("AgentList");

export type NodeStatus = z.infer<typeof nodeStatusSchema>;
export type PartitionStatus = z.infer<typeof partitionStatusSchema>;
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;
export type Overview = z.infer<typeof overviewSchema>;
export type AgentStatus = z.infer<typeof agentStatusSchema>;
export type AgentList = z.infer<typeof agentListSchema>;
