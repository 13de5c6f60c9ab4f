/**
 * Nodes, partitions and how the whole goes.
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

export type NodeStatus = z.infer<typeof nodeStatusSchema>;
export type PartitionStatus = z.infer<typeof partitionStatusSchema>;
export type ClusterStatus = z.infer<typeof clusterStatusSchema>;
export type Overview = z.infer<typeof overviewSchema>;
