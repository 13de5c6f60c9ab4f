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
  jsonSchema,
  pageOf,
  workflowNameSchema,
} from "./values.ts";

/** A workflow file: its text, or what it holds. */
export const sourceSchema = z.union([z.string().min(1).max(1_000_000), jsonObjectSchema]).openapi({
  description: "The workflow file as YAML or JSON text, or as an object",
  example: { name: "hello", tasks: { greet: { value: "Hello" } } },
});

/** Path of a file, relative to the workflow file. */
const pathSchema = z.string().min(1).max(500);

/** The agents' modules and what they import: text by path. */
export const sourcesSchema = z.record(pathSchema, z.string().max(2_000_000)).openapi({
  description: "Agents' modules and what they import: path relative to the workflow file → text",
  example: { "agents/walker.ts": "export default …" },
});

/** A workflow to be registered or checked. */
export const registerWorkflowSchema = z.strictObject({
  source: sourceSchema,
  files: sourcesSchema.optional(),
}).openapi("RegisterWorkflow");

/** A workflow in a list. */
export const workflowSummarySchema = z.object({
  name: workflowNameSchema,
  version: z.string().nullable(),
  description: z.string().nullable(),
  packageHash: z.string(),
  versions: z.int().openapi({ description: "How many versions are registered" }),
  tasks: z.int(),
  updatedAt: instantSchema,
  updatedBy: z.string().nullable(),
}).openapi("WorkflowSummary");

/** A page of workflows, by name. */
export const workflowPageSchema = pageOf("WorkflowPage", workflowSummarySchema);

/** One version of a workflow. */
export const workflowDetailSchema = z.object({
  name: workflowNameSchema,
  version: z.string().nullable(),
  description: z.string().nullable(),
  packageHash: z.string().openapi({ description: "SHA-256 of the definition and agents' code" }),
  source: z.string().openapi({ description: "The file's text as it was registered" }),
  files: z.record(z.string(), z.string()).openapi({ description: "The agents' modules" }),
  definition: jsonObjectSchema,
  input: jsonSchema.openapi({ description: "JSON Schema of the input; null: any object" }),
  agents: z.array(z.object({
    name: z.string(),
    module: z.string(),
    capabilities: z.array(z.string()),
    permissions: z.record(z.string(), z.array(z.string())),
  })),
  registeredAt: instantSchema,
  registeredBy: z.string().nullable(),
}).openapi("WorkflowDetail");

/** One line of a workflow's history. */
export const workflowVersionSchema = z.object({
  version: z.string().nullable(),
  packageHash: z.string(),
  registeredAt: instantSchema,
  registeredBy: z.string().nullable(),
  isLatest: z.boolean(),
}).openapi("WorkflowVersion");

/** A page of versions, newest first. */
export const versionPageSchema = pageOf("WorkflowVersionPage", workflowVersionSchema);

/** What a check found. */
export const validationSchema = z.object({
  valid: z.boolean(),
  name: z.string().nullable(),
  issues: z.array(issueSchema),
}).openapi("Validation");

export type RegisterWorkflow = z.infer<typeof registerWorkflowSchema>;
export type WorkflowSummary = z.infer<typeof workflowSummarySchema>;
export type WorkflowPage = z.infer<typeof workflowPageSchema>;
export type WorkflowDetail = z.infer<typeof workflowDetailSchema>;
export type WorkflowVersion = z.infer<typeof workflowVersionSchema>;
export type VersionPage = z.infer<typeof versionPageSchema>;
export type Validation = z.infer<typeof validationSchema>;
