/**
 * Runs, changed: submitted, stopped, paused, retried, forked, told something.
 *
 * @module
 */
import { createRoute, type z } from "@hono/zod-openapi";
import type { Action } from "../../rules/access/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, jsonBody, refusals, reply } from "./answers.ts";
import { submissionTraceparent } from "../telemetry/mod.ts";
import { traceParentOf } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import { runParams, taskParams } from "./run_routes.ts";
import {
  acceptedRunSchema,
  acceptedWishSchema,
  bulkResultSchema,
  bulkSchema,
  cancelSchema,
  forkRunSchema,
  idempotencyHeaders,
  signalNameSchema,
  signalSchema,
  submitRunSchema,
} from "./schemas/mod.ts";
import { callerOf, hideOthers, requireRun, runNotFound } from "./who_asks.ts";

const TAGS = ["Runs"];
const WRITE: Action = "runs:write";
const CHANGE = guarded({ action: WRITE, group: "write", body: {} });
const PACKAGE_BYTES_MAX = 16 * 1024 * 1024;
const LOCATION = { Location: { description: "Path of the run" } };

const submitRun = createRoute({
  ...guarded({ action: WRITE, group: "submit", body: { bytesMax: PACKAGE_BYTES_MAX } }),
  method: "post",
  path: "/runs",
  operationId: "submitRun",
  tags: TAGS,
  summary: "Begin a run of a registered workflow, or of one that comes along",
  description: "Once it is answered the run is durable. The same `Idempotency-Key` again answers " +
    "the same run. A definition that comes along takes the right to register workflows.",
  request: { headers: idempotencyHeaders, body: jsonBody(submitRunSchema) },
  responses: {
    202: json(acceptedRunSchema, "The run was accepted", LOCATION),
    ...refusals(409, 422),
  },
});

const forkRun = createRoute({
  ...guarded({ action: WRITE, group: "submit", body: {} }),
  method: "post",
  path: "/runs/{runId}/fork",
  operationId: "forkRun",
  tags: TAGS,
  summary: "Begin a run of the same package, with other input",
  request: { params: runParams, headers: idempotencyHeaders, body: jsonBody(forkRunSchema, false) },
  responses: {
    202: json(acceptedRunSchema, "The run was accepted", LOCATION),
    ...refusals(409, 422),
  },
});

const bulk = createRoute({
  ...CHANGE,
  method: "post",
  path: "/runs/bulk",
  operationId: "changeRuns",
  tags: TAGS,
  summary: "Cancel or retry many runs, each for itself",
  request: { body: jsonBody(bulkSchema) },
  responses: { 200: json(bulkResultSchema, "What became of each"), ...refusals() },
});

const cancelTask = createRoute({
  ...CHANGE,
  method: "post",
  path: "/runs/{runId}/tasks/{taskId}/cancel",
  operationId: "cancelTask",
  tags: TAGS,
  summary: "End one task; the run then fails, unless the task may fail",
  request: { params: taskParams, body: jsonBody(cancelSchema, false) },
  responses: { 202: json(acceptedWishSchema, "The wish is durable"), ...refusals(409) },
});

const signalRun = createRoute({
  ...CHANGE,
  method: "post",
  path: "/runs/{runId}/signals/{name}",
  operationId: "signalRun",
  tags: TAGS,
  summary: "Give a run news from outside",
  description: "The first task that waits for a signal of that name takes it, now or later.",
  request: {
    params: runParams.extend({ name: signalNameSchema }),
    body: jsonBody(signalSchema, false),
  },
  responses: { 202: json(acceptedWishSchema, "The wish is durable"), ...refusals(409) },
});

const cancelRun = createRoute({
  ...CHANGE,
  method: "post",
  path: "/runs/{runId}/cancel",
  operationId: "cancelRun",
  tags: TAGS,
  summary: "Stop a run",
  request: { params: runParams, body: jsonBody(cancelSchema, false) },
  responses: { 202: json(acceptedWishSchema, "The wish is durable"), ...refusals(409) },
});

/** Wishes that need no words. */
const WISHES = {
  pause: "Start nothing more of a run; what is in flight finishes",
  resume: "Let a paused run go on",
  retry: "Run the failed, cancelled and skipped tasks of a closed run again",
} as const;

type Wish = keyof typeof WISHES;

function wishRoute(wish: Wish) {
  return createRoute({
    ...CHANGE,
    method: "post",
    path: `/runs/{runId}/${wish}` as const,
    operationId: `${wish}Run`,
    tags: TAGS,
    summary: WISHES[wish],
    request: { params: runParams },
    responses: { 202: json(acceptedWishSchema, "The wish is durable"), ...refusals(409) },
  });
}

/** Adds the routes to the app. */
export function addRunActionRoutes(app: App): void {
  addBeginnings(app);
  app.openapi(bulk, async (c) => {
    const { action, ids } = c.req.valid("json");
    const { control, access } = c.env.services;
    const results = await control.runs.bulk(
      action,
      ids,
      (runId, labels) =>
        hideOthers(
          () => access.authorize(c.get("principal"), WRITE, { ...labels, name: `run:${runId}` }),
          () => runNotFound(runId),
        ),
    );
    return reply(c, bulkResultSchema, { results });
  });
  app.openapi(cancelTask, async (c) => {
    const { runId, taskId } = c.req.valid("param");
    await requireRun(c, WRITE, runId);
    await c.env.services.control.runs.cancelTask(runId, taskId, c.req.valid("json").reason);
    return accepted(c, runId);
  });
  app.openapi(signalRun, async (c) => {
    const { runId, name } = c.req.valid("param");
    const { payload, signalId } = c.req.valid("json");
    await requireRun(c, WRITE, runId);
    await c.env.services.control.runs.signal(runId, name, payload, { signalId });
    return accepted(c, runId);
  });
  app.openapi(cancelRun, async (c) => {
    const { runId } = c.req.valid("param");
    await requireRun(c, WRITE, runId);
    await c.env.services.control.runs.cancel(runId, c.req.valid("json").reason);
    return accepted(c, runId);
  });
  for (const wish of Object.keys(WISHES) as Wish[]) {
    app.openapi(wishRoute(wish), async (c) => {
      const { runId } = c.req.valid("param");
      await requireRun(c, WRITE, runId);
      await c.env.services.control.runs[wish](runId);
      return accepted(c, runId);
    });
  }
}

function addBeginnings(app: App): void {
  app.openapi(submitRun, async (c) => {
    const { control, access } = c.env.services;
    const request = c.req.valid("json");
    const principal = c.get("principal");
    // Before its code is looked at.
    if (request.definition !== undefined) await access.authorize(principal, "workflows:write");
    const prepared = await control.runs.prepare({
      ...request,
      idempotencyKey: c.req.valid("header")["idempotency-key"],
      traceparent: traceOf(c, request.workflow ?? "inline"),
    }, callerOf(c));
    await access.authorize(principal, WRITE, prepared.labels);
    return begun(c, await prepared.submit());
  });
  app.openapi(forkRun, async (c) => {
    const { runId } = c.req.valid("param");
    await requireRun(c, WRITE, runId);
    return begun(
      c,
      await c.env.services.control.runs.fork(runId, callerOf(c), {
        input: c.req.valid("json").input,
        idempotencyKey: c.req.valid("header")["idempotency-key"],
        traceparent: traceOf(c, "fork"),
      }),
    );
  });
}

/** The span of this request, where spans are taken; else the trace that whoever asks is in. */
function traceOf(c: Exchange, workflow: string): string | undefined {
  return submissionTraceparent(workflow) ?? traceParentOf(c.req.raw.headers);
}

function begun(c: Exchange, run: z.input<typeof acceptedRunSchema>): Response {
  const headers = { location: `/api/v1/runs/${run.runId}` };
  return reply(c, acceptedRunSchema, run, { status: 202, headers });
}

function accepted(c: Exchange, runId: string): Response {
  return reply(c, acceptedWishSchema, { runId, accepted: true }, { status: 202 });
}
