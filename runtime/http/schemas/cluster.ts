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
  state: z.enum(["living", "draining", "silent", "gone"]),
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
  queue: z.object({ waiting: z.int() }),
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
    task: z.string().nullable(),
    count: z.int(),
    lastAt: instantSchema,
    runId: runIdSchema,
  })),
}).openapi("Overview");

/** An agent that registered workflows name. */
export const agentStatusSchema = z.object({
  name: z.string(),
  workflow: z.string(),
  version: z.string().nullable(),
  module: z.string(),
  capabilities: z.array(z.string()),
  permissions: z.record(z.string(), z.array(z.string())),
  concurrency: z.int(),
  replicas: z.object({ min: z.int(), max: z.int() }),
  memoryMb: z.number(),
  workers: z.int().openapi({ description: "Workers that run now on the node that answers" }),
  running: z.int().openapi({ description: "Attempts that run now on the node that answers" }),
}).openapi("AgentStatus");

/** Every agent. */
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
