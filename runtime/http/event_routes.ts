/**
 * What happens, while it happens: server-sent events, and the WebSocket.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { App, Exchange } from "./app_env.ts";
import { json, refusals, reply } from "./answers.ts";
import { HttpError, nameList, openCursor, prefersEvents, sealCursor } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import { runParams } from "./run_routes.ts";
import { eventIdSchema, eventPageSchema, eventQuerySchema } from "./schemas/mod.ts";
import { requireRun } from "./who_asks.ts";

const TAGS = ["Live"];
const EVENTS = "text/event-stream";
const STREAM = guarded({
  action: "runs:read",
  group: "stream",
  produces: [EVENTS, "application/json"],
  isLong: true,
});
const eventStream = z.string().openapi({
  description: "`id`: `<seq>.<n>` of a journalled event; `event`: event, progress, log or end",
  example: 'id: 12.3\nevent: event\ndata: {"runId":"…","type":"event"}\n\n',
});
const resumeHeaders = z.object({
  "last-event-id": z.string().max(64).optional().openapi({
    description: "Id of the last event that came: the stream goes on behind it",
  }),
});

const runEvents = createRoute({
  ...STREAM,
  method: "get",
  path: "/runs/{runId}/events",
  operationId: "followRun",
  tags: TAGS,
  summary: "Follow a run, or read its events by page",
  description: "A stream, from the first event or the one behind `Last-Event-ID`, that ends with " +
    "the run. With `Accept: application/json`: a page of what has happened so far.",
  request: { params: runParams, headers: resumeHeaders, query: eventQuerySchema },
  responses: {
    200: {
      description: "Events in order",
      content: {
        [EVENTS]: { schema: eventStream },
        ...json(eventPageSchema, "A page of events").content,
      },
    },
    ...refusals(),
  },
});

const allEvents = createRoute({
  ...STREAM,
  method: "get",
  path: "/events",
  operationId: "followAllRuns",
  tags: TAGS,
  summary: "Follow what happens to all runs that you may see",
  request: {
    headers: resumeHeaders,
    query: z.strictObject({ lastEventId: eventIdSchema.optional() }),
  },
  responses: {
    200: { description: "Events in order", content: { [EVENTS]: { schema: eventStream } } },
    ...refusals(),
  },
});

/** Adds the routes to the app. */
export function addEventRoutes(app: App): void {
  app.openapi(runEvents, async (c) => {
    const { runId } = c.req.valid("param");
    const query = c.req.valid("query");
    await requireRun(c, "runs:read", runId);
    if (!prefersEvents(c.req.raw.headers.get("accept"))) return await pageOfEvents(c, runId, query);
    return await c.env.services.live.run(runId, feedOptions(c, query));
  });
  app.openapi(allEvents, async (c) => {
    return await c.env.services.live.all(feedOptions(c, c.req.valid("query")));
  });
}

function feedOptions(c: Exchange, { lastEventId }: { lastEventId?: string }) {
  return {
    principal: c.get("principal"),
    lastEventId: c.req.raw.headers.get("last-event-id") ?? lastEventId,
    signal: c.req.raw.signal,
  };
}

async function pageOfEvents(
  c: Exchange,
  runId: string,
  { limit, cursor }: z.output<typeof eventQuerySchema>,
): Promise<Response> {
  const list = nameList(`events ${runId}`, {});
  const after = openCursor(cursor, list) ?? c.req.raw.headers.get("last-event-id") ?? undefined;
  const page = await c.env.services.control.runs.events(runId, { limit, after });
  return reply(c, eventPageSchema, {
    items: page.items.map(({ id, event }) => ({
      id,
      event: event as { type: string; at: number },
    })),
    nextCursor: sealCursor(page.nextCursor, list),
  });
}

/** Adds `/ws`, which no reference of HTTP can describe. */
export function addSocketRoute(root: App): void {
  const { middleware } = guarded({ action: "runs:read", group: "stream", isLong: true });
  root.get("/ws", middleware, (c) => {
    if (!asksForSocket(c.req.raw.headers)) throw upgradeNeeded();
    return c.env.services.live.webSocket(c.req.raw, { principal: c.get("principal") });
  });
}

/** Whether a request begins a WebSocket (RFC 6455 §4.2.1). */
function asksForSocket(headers: Headers): boolean {
  const has = (name: string, wanted: string) =>
    headers.get(name)?.split(",").some((part) => part.trim().toLowerCase() === wanted) === true;
  return has("upgrade", "websocket") && has("connection", "upgrade") &&
    has("sec-websocket-version", "13") && headers.has("sec-websocket-key");
}

function upgradeNeeded(): HttpError {
  return new HttpError(426, "UPGRADE_NEEDED", {
    message: "Cannot talk here but over a WebSocket",
    hint: "Connect with a WebSocket client; for HTTP there is /api/v1/events",
    headers: { upgrade: "websocket", connection: "upgrade" },
  });
}

/** Adds `/metrics`, in Prometheus' text format. */
export function addMetricsRoute(root: App): void {
  const { middleware } = guarded({
    action: "metrics:read",
    produces: ["text/plain", "application/openmetrics-text"],
  });
  root.get("/metrics", middleware, async (c) =>
    new Response(await c.env.services.metrics(), {
      headers: {
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
        "cache-control": "no-store",
      },
    }));
}
