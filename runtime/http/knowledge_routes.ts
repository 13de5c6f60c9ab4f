/**
 * The graph of solved tasks: searched, walked, exported.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Action } from "../../rules/access/mod.ts";
import type { KnowledgeFile } from "../control/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, refusals, reply, streamed } from "./answers.ts";
import { hasVersion, toEntityTag } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  jsonObjectSchema,
  knowledgeExportQuerySchema,
  knowledgeHitsSchema,
  knowledgeNeighbourhoodSchema,
  knowledgeNodeQuerySchema,
  knowledgePathQuerySchema,
  knowledgePathSchema,
  knowledgeSampleQuerySchema,
  knowledgeSearchQuerySchema,
  knowledgeStatsSchema,
  knowledgeSubgraphSchema,
} from "./schemas/mod.ts";

const TAGS = ["Knowledge"];
const ACTION: Action = "knowledge:read";
const READ = guarded({ action: ACTION });

const FILE_TYPES = ["application/gexf+xml", "application/graphml+xml", "application/json"];
const XML = { schema: z.string().openapi({ format: "binary" }) };

const stats = createRoute({
  ...READ,
  method: "get",
  path: "/knowledge",
  operationId: "showKnowledge",
  tags: TAGS,
  summary: "Read how large the graph of solved tasks is",
  responses: { 200: json(knowledgeStatsSchema, "Its size"), ...refusals() },
});

const search = createRoute({
  ...READ,
  method: "get",
  path: "/knowledge/search",
  operationId: "searchKnowledge",
  tags: TAGS,
  summary: "Find nodes by their words, the best first",
  request: { query: knowledgeSearchQuerySchema },
  responses: { 200: json(knowledgeHitsSchema, "What was found"), ...refusals() },
});

const node = createRoute({
  ...READ,
  method: "get",
  path: "/knowledge/node",
  operationId: "showKnowledgeNode",
  tags: TAGS,
  summary: "Read a node with what lies around it",
  request: { query: knowledgeNodeQuerySchema },
  responses: {
    200: json(knowledgeNeighbourhoodSchema, "The node and its surroundings"),
    ...refusals(),
  },
});

const sample = createRoute({
  ...READ,
  method: "get",
  path: "/knowledge/sample",
  operationId: "sampleKnowledge",
  tags: TAGS,
  summary: "Read the part of the graph that says most of the whole",
  request: { query: knowledgeSampleQuerySchema },
  responses: { 200: json(knowledgeSubgraphSchema, "A part of the graph"), ...refusals() },
});

const path = createRoute({
  ...READ,
  method: "get",
  path: "/knowledge/path",
  operationId: "findKnowledgePath",
  tags: TAGS,
  summary: "Find a shortest way between two nodes, whichever way the edges point",
  request: { query: knowledgePathQuerySchema },
  responses: { 200: json(knowledgePathSchema, "The way"), ...refusals() },
});

const exported = createRoute({
  ...guarded({ action: ACTION, produces: FILE_TYPES }),
  method: "get",
  path: "/knowledge/export",
  operationId: "exportKnowledge",
  tags: TAGS,
  summary: "Download the graph for another program",
  description:
    "GEXF 1.2 (Gephi), GraphML, or graphology's JSON. Written while it is read: see the " +
    "guide to assignment for what that means while tasks are solved.",
  request: {
    query: knowledgeExportQuerySchema,
    headers: z.object({
      "if-none-match": z.string().max(500).optional().openapi({
        description: "ETag that was read before",
      }),
    }),
  },
  responses: {
    200: {
      description: "The graph as a file",
      content: {
        "application/gexf+xml": XML,
        "application/graphml+xml": XML,
        "application/json": { schema: jsonObjectSchema },
      },
    },
    304: { description: "It is what If-None-Match names", headers: z.object({}) },
    ...refusals(),
  },
});

/** Adds the routes to the app. */
export function addKnowledgeRoutes(app: App): void {
  app.openapi(stats, async (c) => {
    const tenant = await viewerOf(c);
    const { knowledge } = c.env.services.control;
    return reply(c, knowledgeStatsSchema, await knowledge.stats(tenant, lookOf(c)));
  });
  app.openapi(search, async (c) => {
    const tenant = await viewerOf(c);
    const { items } = await c.env.services.control.knowledge.search(tenant, c.req.valid("query"));
    return reply(c, knowledgeHitsSchema, { items, nextCursor: null });
  });
  app.openapi(node, async (c) => {
    const tenant = await viewerOf(c);
    const { id, ...options } = c.req.valid("query");
    const { knowledge } = c.env.services.control;
    return reply(
      c,
      knowledgeNeighbourhoodSchema,
      await knowledge.neighbours(tenant, id, { ...options, ...lookOf(c) }),
    );
  });
  app.openapi(sample, async (c) => {
    const tenant = await viewerOf(c);
    const { knowledge } = c.env.services.control;
    return reply(
      c,
      knowledgeSubgraphSchema,
      await knowledge.sample(tenant, { ...c.req.valid("query"), ...lookOf(c) }),
    );
  });
  app.openapi(path, async (c) => {
    const tenant = await viewerOf(c);
    const { from, to } = c.req.valid("query");
    const { knowledge } = c.env.services.control;
    return reply(c, knowledgePathSchema, await knowledge.path(tenant, from, to, lookOf(c)));
  });
  app.openapi(exported, async (c) => {
    const tenant = await viewerOf(c);
    const { format = "json" } = c.req.valid("query");
    return fileAnswer(c, await c.env.services.control.knowledge.export(tenant, format));
  });
}

/** The graph is of no single workflow or tag: whoever may reach only some does not see it. */
async function viewerOf(c: Exchange): Promise<string | null> {
  const principal = c.get("principal");
  const { tenant } = principal;
  await c.env.services.access.authorize(principal, ACTION, { workflow: null, tags: [], tenant });
  return tenant;
}

/** Nobody looks on for who has gone. */
function lookOf(c: Exchange): { signal: AbortSignal } {
  return { signal: c.req.raw.signal };
}

/** The tag is weak: what happens while the file is written may be in it. */
function fileAnswer(c: Exchange, { contentType, name, version, open }: KnowledgeFile): Response {
  const headers = { etag: `W/${toEntityTag(version)}`, "cache-control": "private, no-cache" };
  if (hasVersion(c.req.raw.headers.get("if-none-match"), version)) {
    return new Response(null, { status: 304, headers });
  }
  return streamed(
    new Response(open(), {
      headers: {
        ...headers,
        "content-type": contentType,
        "content-disposition": `attachment; filename="${name}"`,
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
      },
    }),
  );
}
