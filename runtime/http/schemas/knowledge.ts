/**
 * The graph of solved tasks as the API gives it.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { countSchema, instantSchema, jsonObjectSchema, limitSchema } from "./values.ts";

/** What a node of the graph stands for. */
export const knowledgeKindSchema = z.enum(["agent", "capability", "task", "solution", "artefact"])
  .openapi("KnowledgeKind");

/** Id of a node: its kind, and what names it. */
export const knowledgeIdSchema = z.string().min(1).max(1_000).openapi({
  description: "`agent:…`, `capability:…`, `task:…`, `solution:…` or `artefact:…`",
  example: "capability:code.measure",
});

/** A node of the graph. */
export const knowledgeNodeSchema = z.object({
  id: z.string(),
  kind: knowledgeKindSchema,
  label: z.string(),
  attributes: jsonObjectSchema.openapi({ description: "What else is known of it, by name" }),
}).openapi("KnowledgeNode");

/** An edge of the graph. */
export const knowledgeEdgeSchema = z.object({
  source: z.string(),
  target: z.string(),
  kind: z.enum([
    "offers",
    "isA",
    "partOf",
    "asksFor",
    "attempted",
    "solvedBy",
    "madeBy",
    "produced",
    "reused",
  ]),
  count: z.int().openapi({
    description: "How many attempts or uses it stands for; 0 for what is only claimed",
  }),
  firstAt: instantSchema.nullable(),
  lastAt: instantSchema.nullable(),
  completed: z.int().optional().openapi({ description: "Of `attempted`" }),
  failed: z.int().optional().openapi({ description: "Of `attempted`" }),
}).openapi("KnowledgeEdge");

const subgraph = {
  nodes: z.array(knowledgeNodeSchema),
  edges: z.array(knowledgeEdgeSchema).openapi({ description: "Those between the nodes" }),
  truncated: z.boolean().openapi({ description: "Whether there is more than was asked for" }),
};

/** Some nodes with the edges between them. */
export const knowledgeSubgraphSchema = z.object(subgraph).openapi("KnowledgeSubgraph");

/** A node with what lies around it. */
export const knowledgeNeighbourhoodSchema = z.object({
  node: knowledgeNodeSchema,
  depth: z.int(),
  ...subgraph,
}).openapi("KnowledgeNeighbourhood");

/** A shortest way between two nodes. */
export const knowledgePathSchema = z.object({
  from: z.string(),
  to: z.string(),
  hops: z.int().nullable().openapi({ description: "Edges that it has; null: there is no way" }),
  nodes: z.array(knowledgeNodeSchema).openapi({ description: "From the first to the last" }),
  edges: z.array(knowledgeEdgeSchema),
  truncated: z.boolean().openapi({ description: "Whether it would take too long to find" }),
}).openapi("KnowledgePath");

/** What a search found, the best first. */
export const knowledgeHitsSchema = z.object({
  items: z.array(
    knowledgeNodeSchema.extend({
      score: z.number().openapi({
        description: "Higher is better; comparable within one answer only",
      }),
    }).openapi("KnowledgeHit"),
  ),
  nextCursor: z.null(),
}).openapi("KnowledgeHits");

/** How large the graph is. */
export const knowledgeStatsSchema = z.object({
  nodes: z.object({
    agent: z.int(),
    capability: z.int(),
    task: z.int(),
    solution: z.int(),
    artefact: z.int(),
  }),
  facts: z.int().openapi({ description: "Attempts that it is made of" }),
  outputs: z.int().openapi({ description: "Outputs that are kept" }),
  outputChars: z.int().openapi({ description: "Size of them as JSON" }),
  reuses: z.int().openapi({ description: "Results that were used again" }),
  texts: z.int().openapi({ description: "Distinct texts of tasks" }),
  forgotten: z.int().openapi({ description: "Attempts that were forgotten since the start" }),
  oldestAt: instantSchema.nullable(),
  newestAt: instantSchema.nullable(),
}).openapi("KnowledgeStats");

/** What is searched for. */
export const knowledgeSearchQuerySchema = z.strictObject({
  q: z.string().min(1).max(500).openapi({ description: "Words", example: "measure typescript" }),
  kind: knowledgeKindSchema.optional(),
  capability: z.string().min(1).max(200).optional().openapi({ example: "code.measure" }),
  limit: limitSchema(200, 50),
});

/** Around which node, how far, and how much of it. */
export const knowledgeNodeQuerySchema = z.strictObject({
  id: knowledgeIdSchema,
  depth: countSchema(0, 4).optional().transform((depth) => depth ?? 1).openapi({
    type: "integer",
    minimum: 0,
    maximum: 4,
    default: 1,
    description: "Edges from the node",
  }),
  limit: limitSchema(2_000, 200),
});

/** How much of the graph is to be shown at first. */
export const knowledgeSampleQuerySchema = z.strictObject({ limit: limitSchema(2_000, 200) });

/** Between which nodes. */
export const knowledgePathQuerySchema = z.strictObject({
  from: knowledgeIdSchema,
  to: knowledgeIdSchema,
});

/** In which format. */
export const knowledgeExportQuerySchema = z.strictObject({
  format: z.enum(["gexf", "graphml", "json"]).optional().openapi({ default: "json" }),
});

export type KnowledgeKind = z.infer<typeof knowledgeKindSchema>;
export type KnowledgeNode = z.infer<typeof knowledgeNodeSchema>;
export type KnowledgeEdge = z.infer<typeof knowledgeEdgeSchema>;
export type KnowledgeSubgraph = z.infer<typeof knowledgeSubgraphSchema>;
export type KnowledgeNeighbourhood = z.infer<typeof knowledgeNeighbourhoodSchema>;
export type KnowledgePath = z.infer<typeof knowledgePathSchema>;
export type KnowledgeHit = KnowledgeHits["items"][number];
export type KnowledgeHits = z.infer<typeof knowledgeHitsSchema>;
export type KnowledgeStats = z.infer<typeof knowledgeStatsSchema>;
