/**
 * Nodes, partitions, and how the whole goes.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import type { App } from "./app_env.ts";
import { json, refusals, reply } from "./answers.ts";
import { guarded } from "./guard.ts";
import { clusterStatusSchema, overviewSchema } from "./schemas/mod.ts";
import { seesOf } from "./who_asks.ts";

const TAGS = ["Cluster"];

const overview = createRoute({
  ...guarded({ action: "overview:read" }),
  method: "get",
  path: "/overview",
  operationId: "showOverview",
  tags: TAGS,
  summary: "Read what all nodes do, and did in the last hour",
  responses: { 200: json(overviewSchema, "The overview"), ...refusals() },
});

const cluster = createRoute({
  ...guarded({ action: "cluster:read" }),
  method: "get",
  path: "/cluster",
  operationId: "showCluster",
  tags: TAGS,
  summary: "Read which nodes there are, and what they lead",
  responses: { 200: json(clusterStatusSchema, "Nodes and partitions"), ...refusals() },
});

/** Adds the routes to the app. */
export function addClusterRoutes(app: App): void {
  app.openapi(overview, async (c) => {
    const { tenant } = c.get("principal");
    const document = await c.env.services.control.overview.read({ sees: seesOf(c), tenant });
    return reply(c, overviewSchema, document);
  });
  app.openapi(cluster, async (c) => {
    return reply(c, clusterStatusSchema, await c.env.services.control.cluster.read());
  });
}
