/**
 * API keys: made, listed, rotated, revoked.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { type KeyActor, type NewKey as MadeKey, toKeyDocument } from "../access/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, jsonBody, refusals, reply } from "./answers.ts";
import { openCursor, sealCursor } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  createKeySchema,
  keyIdSchema,
  keyPageSchema,
  keySchema,
  type NewKey,
  newKeySchema,
  pageQuery,
  rotateKeySchema,
} from "./schemas/mod.ts";

const TAGS = ["Keys"];
const READ = guarded({ action: "keys:read" });
const params = z.object({ keyId: keyIdSchema });
const LOCATION = { Location: { description: "Path of the key" } };
const LIST = "keys";

const list = createRoute({
  ...READ,
  method: "get",
  path: "/keys",
  operationId: "listKeys",
  tags: TAGS,
  summary: "List keys, newest first, those of your tenant",
  request: { query: z.object(pageQuery) },
  responses: { 200: json(keyPageSchema, "Keys without their secrets"), ...refusals() },
});

const create = createRoute({
  ...guarded({ action: "keys:write", group: "auth", body: {} }),
  method: "post",
  path: "/keys",
  operationId: "createKey",
  tags: TAGS,
  summary: "Make a key that may no more than you",
  description: "The answer has the key's text; it is never shown again.",
  request: { body: jsonBody(createKeySchema) },
  responses: { 201: json(newKeySchema, "The key", LOCATION), ...refusals() },
});

const show = createRoute({
  ...READ,
  method: "get",
  path: "/keys/{keyId}",
  operationId: "showKey",
  tags: TAGS,
  summary: "Read a key, without its secret",
  request: { params },
  responses: { 200: json(keySchema, "The key"), ...refusals() },
});

const rotate = createRoute({
  ...guarded({ action: "keys:write", group: "auth", body: {} }),
  method: "post",
  path: "/keys/{keyId}/rotate",
  operationId: "rotateKey",
  tags: TAGS,
  summary: "Give a key another secret",
  description: "Sessions and tokens that were made with the secret before end with it.",
  request: { params, body: jsonBody(rotateKeySchema, false) },
  responses: { 200: json(newKeySchema, "The key with its new text"), ...refusals(409) },
});

const revoke = createRoute({
  ...guarded({ action: "keys:write", group: "auth" }),
  method: "delete",
  path: "/keys/{keyId}",
  operationId: "revokeKey",
  tags: TAGS,
  summary: "Revoke a key, its sessions and its tokens, for good",
  request: { params },
  responses: { 200: json(keySchema, "The key, which counts no more"), ...refusals(409) },
});

/** Adds the routes to the app. */
export function addKeyRoutes(app: App): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const after = openCursor(cursor, LIST);
    const page = await c.env.services.access.keys.list(c.get("principal"), { limit, after });
    const nextCursor = sealCursor(page.nextCursor, LIST);
    return reply(c, keyPageSchema, { items: page.items.map(toKeyDocument), nextCursor });
  });
  app.openapi(create, async (c) => {
    const { expiresAt, ...request } = c.req.valid("json");
    const made = await c.env.services.access.keys.create(
      { ...request, expiresAt: expiresAt == null ? null : Date.parse(expiresAt) },
      actorOf(c),
    );
    const headers = { location: `/api/v1/keys/${made.key.id}` };
    return reply(c, newKeySchema, describeNew(made), { status: 201, headers });
  });
  app.openapi(show, async (c) => {
    const { keyId } = c.req.valid("param");
    return reply(
      c,
      keySchema,
      toKeyDocument(await c.env.services.access.keys.get(keyId, actorOf(c))),
    );
  });
  app.openapi(rotate, async (c) => {
    const { keyId } = c.req.valid("param");
    const { graceMs } = c.req.valid("json");
    const made = await c.env.services.access.keys.rotate(keyId, actorOf(c), graceMs);
    return reply(c, newKeySchema, describeNew(made));
  });
  app.openapi(revoke, async (c) => {
    const { keyId } = c.req.valid("param");
    const key = await c.env.services.access.keys.revoke(keyId, actorOf(c));
    return reply(c, keySchema, toKeyDocument(key));
  });
}

function actorOf(c: Exchange): KeyActor {
  const principal = c.get("principal");
  return { principal, place: c.env.services.access.placeOf(principal) };
}

function describeNew({ key, text }: MadeKey): NewKey {
  return { ...toKeyDocument(key), key: text };
}
