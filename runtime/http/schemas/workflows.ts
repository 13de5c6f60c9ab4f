/**
 * Registered workflows as the API takes and gives them.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import {
  instantSchema,
  issueSchema,
  jsonObjectSchema,
  pageOf,
  pageQuery,
  workflowNameSchema,
} from "./values.ts";

/** A workflow file: its text, or what it holds. */
export const sourceSchema = z.union([z.string().min(1).max(1_000_000), jsonObjectSchema]).openapi({
  description: "The workflow file as YAML or JSON text, or as an object",
  example: { name: "hello", tasks: { greet: { value: "Hello" } } },
});

/** The agents' modules and what they import: text by path. */
export const sourcesSchema = z.record(z.string(), z.string().max(2_000_000)).openapi({
  description: "Agents' modules and what they import: path relative to the workflow file → text",
  example: { "agents/walker.ts": "export default …" },
});

/** A workflow to be registered or checked: `definition` is what `POST /runs` calls its source. */
export const registerWorkflowSchema = z.strictObject({
  source: sourceSchema.optional(),
  definition: sourceSchema.optional(),
  files: sourcesSchema.optional(),
}).refine(
  ({ source, definition }) => (source === undefined) !== (definition === undefined),
  { path: ["source"], message: "Give either `source` or `definition`" },
).openapi("RegisterWorkflow", {
  oneOf: [{ required: ["source"] }, { required: ["definition"] }],
});

/** The workflow of such a body. */
export function sourceOf(
  { source, definition, files }: z.infer<typeof registerWorkflowSchema>,
): { source: z.infer<typeof sourceSchema>; files?: z.infer<typeof sourcesSchema> } {
  return { source: (source ?? definition)!, files };
}

/** What does a task. */
export const taskKindSchema = z.enum([
  "agent",
  "capability",
  "value",
  "emit",
  "wait",
  "signal",
]).openapi("TaskKind");

/** One task of a graph. */
export const taskNodeSchema = z.object({
  id: z.string(),
  kind: taskKindSchema,
  agents: z.array(z.string()).openapi({ description: "Agents that may do it, best first" }),
  agent: z.string().nullable(),
  needs: z.array(z.string()),
  forEach: z.string().nullable().openapi({ description: "CEL text of the list it runs over" }),
  if: z.string().nullable(),
  capability: z.string().nullable(),
  contest: z.object({
    way: z.enum(["vote", "judge", "merge"]),
    of: z.int().openapi({ description: "Agents that the file asks for; fewer where fewer can" }),
    by: z.string().nullable().openapi({ description: "Agent that judges or merges" }),
  }).nullable().openapi({ description: "How several agents do it; null where one does" }),
  continueOnError: z.boolean().openapi({ description: "Whether items of it may fail" }),
}).openapi("TaskNode");

/** Names a version: as the file states it, a range, or a content hash. */
export const versionSchema = z.string().min(1).max(100).regex(
  /^[^/\s]+$/,
  "must be a version, without slashes and spaces",
).openapi({
  description: "`1.2.0`, a range such as `^1`, or `sha256:` and the hash's first 8 characters",
  example: "1.2.0",
});

/** One version of a workflow, as lists have it. */
export const workflowVersionSchema = z.object({
  name: workflowNameSchema,
  tenant: z.string().nullable().openapi({ description: "null: every tenant may run it" }),
  version: z.string().nullable(),
  hash: z.string().openapi({ description: "SHA-256 of the definition and agents' code" }),
  registeredAt: instantSchema,
  registeredBy: z.string(),
  isLatest: z.boolean().openapi({ description: "Whether the name alone means this one" }),
}).openapi("WorkflowVersion");

/** A page of versions, the latest first. */
export const versionPageSchema = pageOf("WorkflowVersionPage", workflowVersionSchema);

/** A workflow in a list: its latest version. */
export const workflowSummarySchema = workflowVersionSchema.extend({
  description: z.string().nullable(),
  versions: z.int(),
  tasks: z.int(),
  agents: z.array(z.string()),
}).openapi("WorkflowSummary");

/** A page of workflows, by name. */
export const workflowPageSchema = pageOf("WorkflowPage", workflowSummarySchema);

/** What a list of workflows is narrowed to. */
export const workflowQuerySchema = z.strictObject({
  ...pageQuery,
  q: z.string().max(200).optional().openapi({ description: "Part of the name", example: "audit" }),
});

/** A version with all that is known of it. */
export const workflowDetailSchema = workflowVersionSchema.extend({
  etag: z.string(),
  definition: jsonObjectSchema.openapi({ description: "As it was read: see workflow.schema.json" }),
  source: z.string().openapi({ description: "The file as it was given" }),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  agents: z.record(
    z.string(),
    z.object({ codeHash: z.string(), capabilities: z.array(z.string()) }),
  ),
  graph: z.array(taskNodeSchema),
  warnings: z.array(issueSchema).optional(),
}).openapi("WorkflowDetail");

/** What a check found. */
export const validationSchema = z.object({
  valid: z.boolean(),
  name: z.string().nullable(),
  version: z.string().nullable(),
  issues: z.array(issueSchema),
}).openapi("Validation");

export type RegisterWorkflow = z.infer<typeof registerWorkflowSchema>;
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;
export type WorkflowPage = z.infer<typeof workflowPageSchema>;
export type WorkflowDetail = z.infer<typeof workflowDetailSchema>;
export type WorkflowVersion = z.infer<typeof workflowVersionSchema>;
export type VersionPage = z.infer<typeof versionPageSchema>;
export type Validation = z.infer<typeof validationSchema>;
