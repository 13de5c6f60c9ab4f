/**
 * Actor systems, their supervision trees, and what they gave up.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { App } from "./app_env.ts";
import { json, refusals, reply } from "./answers.ts";
import { nameList, openCursor, sealCursor } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  deadLetterPageSchema,
  deadLetterQuerySchema,
  deadLetterSchema,
  letterIdSchema,
  letterWishSchema,
  systemListSchema,
  systemNameSchema,
  systemTreeSchema,
} from "./schemas/mod.ts";

const TAGS = ["Systems"];
const READ = guarded({ action: "dead-letters:read" });
const CHANGE = guarded({ action: "dead-letters:write", group: "write" });
const letterParams = z.object({ letterId: letterIdSchema });

const systems = createRoute({
  ...guarded({ action: "systems:read" }),
  method: "get",
  path: "/systems",
  operationId: "listSystems",
  tags: TAGS,
  summary: "List the actor systems of the store",
  responses: { 200: json(systemListSchema, "Every system"), ...refusals() },
});

const tree = createRoute({
  ...guarded({ action: "systems:read" }),
  method: "get",
  path: "/systems/{system}/tree",
  operationId: "showSystemTree",
  tags: TAGS,
  summary: "Read the supervision tree of an actor system",
  request: { params: z.object({ system: systemNameSchema }) },
  responses: { 200: json(systemTreeSchema, "As its leader last wrote it"), ...refusals() },
});

const letters = createRoute({
  ...READ,
  method: "get",
  path: "/dead-letters",
  operationId: "listDeadLetters",
  tags: TAGS,
  summary: "List messages that were given up, newest first",
  request: { query: deadLetterQuerySchema },
  responses: { 200: json(deadLetterPageSchema, "A page of dead letters"), ...refusals() },
});

const letter = createRoute({
  ...READ,
  method: "get",
  path: "/dead-letters/{letterId}",
  operationId: "showDeadLetter",
  tags: TAGS,
  summary: "Read a dead letter with its payload",
  request: { params: letterParams },
  responses: { 200: json(deadLetterSchema, "The dead letter"), ...refusals() },
});

const replay = createRoute({
  ...CHANGE,
  method: "post",
  path: "/dead-letters/{letterId}/replay",
  operationId: "replayDeadLetter",
  tags: TAGS,
  summary: "Send the message of a dead letter again",
  request: { params: letterParams },
  responses: { 202: json(letterWishSchema, "The wish is durable"), ...refusals(409) },
});

const discard = createRoute({
  ...CHANGE,
  method: "delete",
  path: "/dead-letters/{letterId}",
  operationId: "discardDeadLetter",
  tags: TAGS,
  summary: "Forget a dead letter",
  request: { params: letterParams },
  responses: { 202: json(letterWishSchema, "The wish is durable"), ...refusals(409) },
});

/** Adds the routes to the app. */
export function addSystemRoutes(app: App): void {
  app.openapi(systems, async (c) => {
    const items = await c.env.services.control.systems.systems();
    return reply(c, systemListSchema, { items, nextCursor: null });
  });
  app.openapi(tree, async (c) => {
    const { system } = c.req.valid("param");
    return reply(c, systemTreeSchema, await c.env.services.control.systems.tree(system));
  });
  app.openapi(letters, async (c) => {
    const { cursor, ...query } = c.req.valid("query");
    const list = nameList("dead-letters", query);
    const page = await c.env.services.control.systems.deadLetters({
      ...query,
      cursor: openCursor(cursor, list),
    });
    const nextCursor = sealCursor(page.nextCursor, list);
    return reply(c, deadLetterPageSchema, { items: page.items, nextCursor });
  });
  addLetterRoutes(app);
}

function addLetterRoutes(app: App): void {
  app.openapi(letter, async (c) => {
    const { letterId } = c.req.valid("param");
    return reply(c, deadLetterSchema, await c.env.services.control.systems.deadLetter(letterId));
  });
  app.openapi(replay, async (c) => {
    const wish = await c.env.services.control.systems.replay(c.req.valid("param").letterId);
    return reply(c, letterWishSchema, wish, { status: 202 });
  });
  app.openapi(discard, async (c) => {
    const wish = await c.env.services.control.systems.discard(c.req.valid("param").letterId);
    return reply(c, letterWishSchema, wish, { status: 202 });
  });
}
