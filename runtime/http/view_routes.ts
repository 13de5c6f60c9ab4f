/**
 * Filters that people save, each for themselves.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "./app_env.ts";
import { json, jsonBody, noContent, refusals, reply } from "./answers.ts";
import { guarded } from "./guard.ts";
import { saveViewSchema, viewListSchema, viewNameSchema, viewSchema } from "./schemas/mod.ts";

const TAGS = ["Views"];
const READ = guarded({ action: "views:read" });
const params = z.object({ name: viewNameSchema });

const list = createRoute({
  ...READ,
  method: "get",
  path: "/views",
  operationId: "listViews",
  tags: TAGS,
  summary: "List your saved views",
  responses: { 200: json(viewListSchema, "Your views, by name"), ...refusals() },
});

const show = createRoute({
  ...READ,
  method: "get",
  path: "/views/{name}",
  operationId: "showView",
  tags: TAGS,
  summary: "Read a saved view",
  request: { params },
  responses: { 200: json(viewSchema, "The view"), ...refusals() },
});

const save = createRoute({
  ...guarded({ action: "views:write", group: "write", body: { bytesMax: 64 * 1024 } }),
  method: "put",
  path: "/views/{name}",
  operationId: "saveView",
  tags: TAGS,
  summary: "Save a view, in the place of one of that name",
  request: { params, body: jsonBody(saveViewSchema) },
  responses: { 200: json(viewSchema, "The view"), ...refusals(409) },
});

const remove = createRoute({
  ...guarded({ action: "views:write", group: "write" }),
  method: "delete",
  path: "/views/{name}",
  operationId: "removeView",
  tags: TAGS,
  summary: "Forget a saved view",
  request: { params },
  responses: { 204: { description: "It is gone" }, ...refusals() },
});

/** Adds the routes to the app. */
export function addViewRoutes(app: App): void {
  app.openapi(list, async (c) => {
    const items = await c.env.services.control.views.list(c.get("principal").id);
    return reply(c, viewListSchema, { items, nextCursor: null });
  });
  app.openapi(show, async (c) => {
    const { views } = c.env.services.control;
    const { name } = c.req.valid("param");
    return reply(c, viewSchema, await views.get(c.get("principal").id, name));
  });
  app.openapi(save, async (c) => {
    const { views } = c.env.services.control;
    const { name } = c.req.valid("param");
    const { filters } = c.req.valid("json");
    return reply(c, viewSchema, await views.put(c.get("principal").id, name, filters));
  });
  app.openapi(remove, async (c) => {
    const { views } = c.env.services.control;
    await views.remove(c.get("principal").id, c.req.valid("param").name);
    return noContent();
  });
}
