/**
 * Registered workflows: made, read, changed, forgotten.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { WorkflowDetail } from "../control/mod.ts";
import type { Action } from "../../rules/access/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, jsonBody, noContent, refusals, reply } from "./answers.ts";
import {
  hasVersion,
  nameList,
  OnceByKey,
  openCursor,
  type Precondition,
  preconditionFailed,
  preconditionRequired,
  readPrecondition,
  sealCursor,
  toEntityTag,
} from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  idempotencyHeaders,
  pageQuery,
  registerWorkflowSchema,
  sourceOf,
  validationSchema,
  versionPageSchema,
  versionSchema,
  workflowDetailSchema,
  workflowNameSchema,
  workflowPageSchema,
  workflowQuerySchema,
} from "./schemas/mod.ts";
import { callerOf, seesOf } from "./who_asks.ts";

const TAGS = ["Workflows"];
const WRITE: Action = "workflows:write";
const READ = guarded({ action: "workflows:read" });
const CHANGE = guarded({
  action: WRITE,
  group: "write",
  body: { bytesMax: 16 * 1024 * 1024 },
});
const nameParams = z.object({ name: workflowNameSchema });
const ETAG = { ETag: { description: "Version of the workflow, for If-Match" } };
const MADE = { ...ETAG, Location: { description: "Path of the workflow" } };

const ifMatch = z.string().max(500).optional().openapi({
  description: "ETag that was read, or *",
});
const changeHeaders = z.object({
  "if-match": ifMatch,
  "if-none-match": z.string().max(500).optional().openapi({
    description: "`*`: only where there is none of the name",
  }),
});
const readHeaders = z.object({
  "if-none-match": z.string().max(500).optional().openapi({
    description: "ETag that was read before",
  }),
});
const NOT_MODIFIED = { description: "It is what If-None-Match names", headers: z.object({}) };

const register = createRoute({
  ...CHANGE,
  method: "post",
  path: "/workflows",
  operationId: "registerWorkflow",
  tags: TAGS,
  summary: "Register a workflow, or a version of it",
  description: "The same content again answers the version that is there, with 200.",
  request: { headers: idempotencyHeaders, body: jsonBody(registerWorkflowSchema) },
  responses: {
    200: json(workflowDetailSchema, "It was there already", MADE),
    201: json(workflowDetailSchema, "It was registered", MADE),
    ...refusals(409, 422),
  },
});

const list = createRoute({
  ...READ,
  method: "get",
  path: "/workflows",
  operationId: "listWorkflows",
  tags: TAGS,
  summary: "List workflows by name",
  request: { query: workflowQuerySchema },
  responses: { 200: json(workflowPageSchema, "A page of workflows"), ...refusals() },
});

const show = createRoute({
  ...READ,
  method: "get",
  path: "/workflows/{name}",
  operationId: "showWorkflow",
  tags: TAGS,
  summary: "Read the latest version of a workflow",
  request: { params: nameParams, headers: readHeaders },
  responses: {
    200: json(workflowDetailSchema, "The workflow", ETAG),
    304: NOT_MODIFIED,
    ...refusals(),
  },
});

const change = createRoute({
  ...CHANGE,
  method: "put",
  path: "/workflows/{name}",
  operationId: "changeWorkflow",
  tags: TAGS,
  summary: "Register a version of the workflow that was read",
  request: { params: nameParams, headers: changeHeaders, body: jsonBody(registerWorkflowSchema) },
  responses: {
    200: json(workflowDetailSchema, "Its latest version is this one", MADE),
    201: json(workflowDetailSchema, "It was registered", MADE),
    ...refusals(409, 412, 422, 428),
  },
});

const remove = createRoute({
  ...guarded({ action: WRITE, group: "write" }),
  method: "delete",
  path: "/workflows/{name}",
  operationId: "removeWorkflow",
  tags: TAGS,
  summary: "Forget a workflow with all its versions",
  description: "Runs of it go on: they have their package.",
  request: { params: nameParams, headers: z.object({ "if-match": ifMatch }) },
  responses: { 204: { description: "It is gone" }, ...refusals(412) },
});

const versions = createRoute({
  ...READ,
  method: "get",
  path: "/workflows/{name}/versions",
  operationId: "listWorkflowVersions",
  tags: TAGS,
  summary: "List the versions of a workflow, the latest first",
  request: { params: nameParams, query: z.strictObject(pageQuery) },
  responses: { 200: json(versionPageSchema, "A page of versions"), ...refusals() },
});

const version = createRoute({
  ...READ,
  method: "get",
  path: "/workflows/{name}/versions/{version}",
  operationId: "showWorkflowVersion",
  tags: TAGS,
  summary: "Read one version of a workflow",
  request: { params: nameParams.extend({ version: versionSchema }), headers: readHeaders },
  responses: {
    200: json(workflowDetailSchema, "The version", ETAG),
    304: NOT_MODIFIED,
    ...refusals(),
  },
});

const validate = createRoute({
  ...guarded({
    // Code that comes along is looked at, and files of the node are that it names: as to register it.
    action: WRITE,
    group: "submit",
    body: { bytesMax: 16 * 1024 * 1024 },
  }),
  method: "post",
  path: "/workflows/validate",
  operationId: "validateWorkflow",
  tags: TAGS,
  summary: "Check a workflow without keeping it",
  request: { body: jsonBody(registerWorkflowSchema) },
  responses: { 200: json(validationSchema, "What was found"), ...refusals(422) },
});

/** Adds the routes to the app. */
export function addWorkflowRoutes(app: App): void {
  const once = new OnceByKey<{ workflow: WorkflowDetail; isNew: boolean }>();
  addReading(app);
  app.openapi(register, async (c) => {
    const source = sourceOf(c.req.valid("json"));
    const { workflows } = c.env.services.control;
    const { workflow, isNew } = await once.do(
      keyOf(c),
      await c.req.text(),
      () =>
        workflows.register(source, callerOf(c), {
          // Its name is known only once it was read.
          authorize: (name) => authorize(c, WRITE, name),
        }),
    );
    return made(c, workflow, isNew);
  });
  app.openapi(change, async (c) => {
    const { name } = c.req.valid("param");
    const wanted = readPrecondition(c.req.raw.headers);
    if (wanted.type === "none") throw preconditionRequired(`workflow "${name}"`);
    const ifVersion = await requireWorkflow(c, name, wanted);
    const { workflows } = c.env.services.control;
    const { workflow, isNew } = await workflows.register(
      sourceOf(c.req.valid("json")),
      callerOf(c),
      {
        ifVersion,
        name,
      },
    );
    return made(c, workflow, isNew);
  });
  app.openapi(remove, async (c) => {
    const { name } = c.req.valid("param");
    const { control } = c.env.services;
    const wanted = readPrecondition(c.req.raw.headers);
    const ifVersion = await requireWorkflow(c, name, wanted);
    if (ifVersion === null) throw preconditionFailed(`workflow "${name}"`);
    await control.workflows.remove(name, callerOf(c), { ifVersion });
    return noContent();
  });
  app.openapi(validate, async (c) => {
    const { workflows } = c.env.services.control;
    return reply(c, validationSchema, await workflows.validate(sourceOf(c.req.valid("json"))));
  });
}

function addReading(app: App): void {
  app.openapi(list, async (c) => {
    const { limit, cursor, q } = c.req.valid("query");
    const name = nameList("workflows", { q });
    const { tenant } = c.get("principal");
    const sees = seesOf(c);
    const page = await c.env.services.control.workflows.list(tenant, {
      limit,
      cursor: openCursor(cursor, name),
      q,
      // What belongs to nobody is everybody's to run.
      sees: sees && ((labels) => sees({ ...labels, tenant: labels.tenant ?? tenant })),
    });
    const nextCursor = sealCursor(page.nextCursor, name);
    return reply(c, workflowPageSchema, { items: page.items, nextCursor });
  });
  app.openapi(show, async (c) => {
    const { name } = c.req.valid("param");
    await authorize(c, "workflows:read", name);
    return found(c, await c.env.services.control.workflows.get(name, tenantOf(c)));
  });
  app.openapi(versions, async (c) => {
    const { name } = c.req.valid("param");
    const { limit, cursor } = c.req.valid("query");
    await authorize(c, "workflows:read", name);
    const listed = nameList(`versions ${name}`, {});
    const page = await c.env.services.control.workflows.versions(name, tenantOf(c), {
      limit,
      cursor: openCursor(cursor, listed),
    });
    const nextCursor = sealCursor(page.nextCursor, listed);
    return reply(c, versionPageSchema, { items: page.items, nextCursor });
  });
  app.openapi(version, async (c) => {
    const { name, version } = c.req.valid("param");
    await authorize(c, "workflows:read", name);
    return found(c, await c.env.services.control.workflows.version(name, version, tenantOf(c)));
  });
}

/** Everybody has keys of their own. */
function keyOf(c: Exchange): string | undefined {
  const key = c.req.raw.headers.get("idempotency-key");
  return key === null ? undefined : `${c.get("principal").id} ${key}`;
}

function tenantOf(c: Exchange): string | null {
  return c.get("principal").tenant;
}

/** The registry itself keeps tenants apart: names are theirs, or shared. */
async function authorize(c: Exchange, action: Action, name: string): Promise<void> {
  await c.env.services.access.authorize(c.get("principal"), action, {
    workflow: name,
    name: `workflow:${name}`,
  });
}

/**
 * Asks for access, and holds a precondition against what stands there.
 *
 * @returns what the registry is to find there: a version, `null` for nothing, or whatever
 */
async function requireWorkflow(
  c: Exchange,
  name: string,
  wanted: Precondition,
): Promise<string | null | undefined> {
  await authorize(c, WRITE, name);
  if (wanted.type === "none") return undefined;
  if (wanted.type === "absent") return null;
  const { etag } = await c.env.services.control.workflows.get(name, tenantOf(c));
  if (wanted.type === "present" || wanted.versions.includes(etag)) return etag;
  throw preconditionFailed(`workflow "${name}"`);
}

function found(c: Exchange, workflow: WorkflowDetail): Response {
  const headers = { etag: toEntityTag(workflow.etag), "cache-control": "private, no-cache" };
  if (hasVersion(c.req.raw.headers.get("if-none-match"), workflow.etag)) {
    return new Response(null, { status: 304, headers });
  }
  return reply(c, workflowDetailSchema, workflow, { headers });
}

function made(c: Exchange, workflow: WorkflowDetail, isNew: boolean): Response {
  return reply(c, workflowDetailSchema, workflow, {
    status: isNew ? 201 : 200,
    headers: {
      etag: toEntityTag(workflow.etag),
      location: `/api/v1/workflows/${workflow.name}`,
    },
  });
}
