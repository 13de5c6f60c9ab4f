/**
 * Signing in and out, and tokens for programs.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import type { Proof } from "../access/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, jsonBody, noContent, refusals, reply } from "./answers.ts";
import { guarded } from "./guard.ts";
import {
  type Me,
  meSchema,
  refreshSchema,
  sessionSchema,
  signInSchema,
  tokensSchema,
} from "./schemas/mod.ts";

const TAGS = ["Sign-in"];
const BODY = { bytesMax: 8 * 1024 };
/** Nobody is known yet; the address has a budget. */
const ANYBODY = guarded({ group: "auth", body: BODY });
/** Somebody must be known, with whatever rights. */
const SOMEBODY: Record<string, string[]>[] = [{ bearer: [] }, { session: [] }];
const COOKIE = { "Set-Cookie": { description: "The session: HttpOnly, SameSite=Strict" } };

const signIn = createRoute({
  ...ANYBODY,
  method: "post",
  path: "/auth/sign-in",
  operationId: "signIn",
  tags: TAGS,
  summary: "Open a session by a one-time link",
  description: "The link's token counts once, for ten minutes.",
  request: { body: jsonBody(signInSchema) },
  responses: { 200: json(meSchema, "The session is open", COOKIE), ...refusals() },
});

const openSession = createRoute({
  ...ANYBODY,
  method: "post",
  path: "/auth/session",
  operationId: "openSession",
  tags: TAGS,
  summary: "Open a session by an API key",
  request: { body: jsonBody(sessionSchema) },
  responses: { 200: json(meSchema, "The session is open", COOKIE), ...refusals() },
});

const me = createRoute({
  ...guarded({ group: "read" }),
  security: SOMEBODY,
  method: "get",
  path: "/auth/me",
  operationId: "showMe",
  tags: TAGS,
  summary: "Say who you are, and what a browser needs for changes",
  responses: { 200: json(meSchema, "Who asks"), ...refusals() },
});

const signOut = createRoute({
  ...guarded({ group: "read" }),
  security: SOMEBODY,
  method: "post",
  path: "/auth/sign-out",
  operationId: "signOut",
  tags: TAGS,
  summary: "End the session, on every node",
  responses: { 204: { description: "It has ended" }, ...refusals() },
});

const issueTokens = createRoute({
  ...guarded({ group: "auth" }),
  security: [{ bearer: [] }],
  method: "post",
  path: "/auth/token",
  operationId: "issueTokens",
  tags: TAGS,
  summary: "Get tokens for an API key",
  description: "Send the key as bearer. The access token counts fifteen minutes.",
  responses: { 200: json(tokensSchema, "Tokens"), ...refusals() },
});

const refresh = createRoute({
  ...ANYBODY,
  method: "post",
  path: "/auth/refresh",
  operationId: "refreshTokens",
  tags: TAGS,
  summary: "Get the next tokens for a refresh token",
  description:
    "Each refresh token counts once. One that comes twice ends all tokens of its family.",
  request: { body: jsonBody(refreshSchema) },
  responses: { 200: json(tokensSchema, "Tokens"), ...refusals() },
});

const revoke = createRoute({
  ...ANYBODY,
  method: "post",
  path: "/auth/revoke",
  operationId: "revokeTokens",
  tags: TAGS,
  summary: "End all tokens of a refresh token's family",
  description: "A token that nobody knows is answered in the same way (RFC 7009).",
  request: { body: jsonBody(refreshSchema) },
  responses: { 204: { description: "They count no more" }, ...refusals() },
});

/** Adds the routes to the app. */
export function addAuthRoutes(app: App): void {
  app.openapi(signIn, async (c) => {
    const { token } = c.req.valid("json");
    const { signIns } = c.env.services.access;
    const { proof, setCookie } = await signIns.signIn(token, c.req.raw, c.env.remote);
    return reply(c, meSchema, describe(proof), { headers: { "set-cookie": setCookie } });
  });
  app.openapi(openSession, async (c) => {
    const { apiKey } = c.req.valid("json");
    const { signIns } = c.env.services.access;
    const { proof, setCookie } = await signIns.openSession(apiKey, c.req.raw, c.env.remote);
    return reply(c, meSchema, describe(proof), { headers: { "set-cookie": setCookie } });
  });
  app.openapi(me, async (c) => reply(c, meSchema, describe(await whoAsks(c))));
  app.openapi(signOut, async (c) => {
    const proof = await whoAsks(c);
    const { signIns } = c.env.services.access;
    const cookie = await signIns.signOut(proof, c.req.raw, c.env.remote);
    const response = noContent();
    response.headers.set("set-cookie", cookie);
    return response;
  });
  app.openapi(issueTokens, async (c) => {
    const proof = await whoAsks(c);
    const { signIns } = c.env.services.access;
    return reply(c, tokensSchema, await signIns.issueTokens(proof, c.req.raw, c.env.remote));
  });
  app.openapi(refresh, async (c) => {
    const { refreshToken } = c.req.valid("json");
    const { signIns } = c.env.services.access;
    return reply(c, tokensSchema, await signIns.refresh(refreshToken, c.req.raw, c.env.remote));
  });
  app.openapi(revoke, async (c) => {
    const { refreshToken } = c.req.valid("json");
    await c.env.services.access.signIns.revokeTokens(refreshToken, c.req.raw, c.env.remote);
    return noContent();
  });
}

async function whoAsks(c: Exchange): Promise<Proof> {
  const { access } = c.env.services;
  return access.proofOf(await access.authenticate(c.req.raw, c.env.remote));
}

function describe({ principal, csrfToken, expiresAt }: Proof): Me {
  return {
    principal,
    csrfToken,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}
