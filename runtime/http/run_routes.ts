/**
 * Runs, read: lists, details, tasks, logs and files.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { securityHeaders } from "../access/mod.ts";
import type { App } from "./app_env.ts";
import { json, refusals, reply } from "./answers.ts";
import { nameList, openCursor, sealCursor } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  logPageSchema,
  logQuerySchema,
  runDetailSchema,
  runGraphSchema,
  runIdSchema,
  runPageSchema,
  runQuerySchema,
  taskDetailSchema,
  taskIdSchema,
} from "./schemas/mod.ts";
import { requireRun } from "./who_asks.ts";
import { pageOfRuns } from "./run_pages.ts";
import { runQuery } from "./run_query.ts";

const TAGS = ["Runs"];
const READ = guarded({ action: "runs:read" });

/** A run named by the path. */
export const runParams = z.object({ runId: runIdSchema });
/** A task of a run named by the path. */
export const taskParams = runParams.extend({ taskId: taskIdSchema });

const listRuns = createRoute({
  // The store has limits of its own: one more would cost as much as half the answer.
  ...guarded({ action: "runs:read", isLong: true }),
  method: "get",
  path: "/runs",
  operationId: "listRuns",
  tags: TAGS,
  summary: "List runs, newest first",
  description: "A page may have fewer items than `limit`, or none, though there are more.",
  request: { query: runQuerySchema },
  responses: { 200: json(runPageSchema, "A page of runs"), ...refusals() },
});

const showRun = createRoute({
  ...READ,
  method: "get",
  path: "/runs/{runId}",
  operationId: "showRun",
  tags: TAGS,
  summary: "Read a run with its tasks",
  request: {
    params: runParams,
    query: z.strictObject({
      items: z.enum(["true", "false"]).optional().openapi({
        description: "Also each item of a forEach; default true",
      }),
    }),
  },
  responses: { 200: json(runDetailSchema, "The run"), ...refusals() },
});

const showGraph = createRoute({
  ...READ,
  method: "get",
  path: "/runs/{runId}/graph",
  operationId: "showRunGraph",
  tags: TAGS,
  summary: "Read how the tasks of a run hang together",
  request: { params: runParams },
  responses: { 200: json(runGraphSchema, "Tasks, and what they wait for"), ...refusals() },
});

const showTask = createRoute({
  ...READ,
  method: "get",
  path: "/runs/{runId}/tasks/{taskId}",
  operationId: "showTask",
  tags: TAGS,
  summary: "Read all that is known of a task",
  request: { params: taskParams },
  responses: { 200: json(taskDetailSchema, "The task"), ...refusals() },
});

const listLogs = createRoute({
  ...READ,
  method: "get",
  path: "/runs/{runId}/logs",
  operationId: "listRunLogs",
  tags: TAGS,
  summary: "List the lines that agents logged, oldest first",
  request: { params: runParams, query: logQuerySchema },
  responses: { 200: json(logPageSchema, "A page of lines"), ...refusals() },
});

const readFile = createRoute({
  ...guarded({ action: "runs:read", produces: ["application/octet-stream", "application/json"] }),
  method: "get",
  path: "/runs/{runId}/files",
  operationId: "readRunFile",
  tags: TAGS,
  summary: "Read a file that the run's output names",
  description: "Of folders that an agent of the run may write to. Pages run in a sandbox.",
  request: {
    params: runParams,
    query: z.strictObject({
      path: z.string().min(1).max(4096).openapi({ example: "out/report.html" }),
    }),
  },
  responses: {
    200: {
      description: "The file, with the media type of its name",
      content: { "*/*": { schema: z.string().openapi({ format: "binary" }) } },
    },
    ...refusals(422),
  },
});

/** Adds the routes to the app. */
export function addRunRoutes(app: App): void {
  // The list is read more often than all else: its query is not checked again each time.
  app.openAPIRegistry.registerPath(listRuns);
  app.get("/runs", listRuns.middleware, (c) => pageOfRuns(c, runQuery(c.req)));
  app.openapi(showRun, async (c) => {
    const { runId } = c.req.valid("param");
    await requireRun(c, "runs:read", runId);
    const items = c.req.valid("query").items !== "false";
    return reply(c, runDetailSchema, await c.env.services.control.runs.show(runId, { items }));
  });
  app.openapi(showGraph, async (c) => {
    const { runId } = c.req.valid("param");
    await requireRun(c, "runs:read", runId);
    return reply(c, runGraphSchema, await c.env.services.control.runs.graph(runId));
  });
  app.openapi(showTask, async (c) => {
    const { runId, taskId } = c.req.valid("param");
    await requireRun(c, "runs:read", runId);
    return reply(c, taskDetailSchema, await c.env.services.control.runs.task(runId, taskId));
  });
  app.openapi(listLogs, async (c) => {
    const { runId } = c.req.valid("param");
    const { cursor, ...query } = c.req.valid("query");
    await requireRun(c, "runs:read", runId);
    const list = nameList(`logs ${runId}`, query);
    const after = openCursor(cursor, list);
    const page = await c.env.services.logs.read(runId, { ...query, after });
    return reply(c, logPageSchema, {
      items: page.items,
      nextCursor: sealCursor(page.nextCursor, list),
    });
  });
  app.openapi(readFile, async (c) => {
    const { runId } = c.req.valid("param");
    await requireRun(c, "runs:read", runId);
    return fileAnswer(await c.env.services.control.runs.file(runId, c.req.valid("query").path));
  });
}

const FILE_HEADERS = Object.fromEntries(securityHeaders("file"));

/** An agent wrote it: what is shown in a browser may do nothing, and ask for nothing. */
function fileAnswer(file: { bytes: Uint8Array; contentType: string; name: string }): Response {
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `inline; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      ...FILE_HEADERS,
      "cache-control": "no-store",
    },
  });
}
