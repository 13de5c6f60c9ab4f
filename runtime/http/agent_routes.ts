/**
 * Agents: read, registered, checked, removed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { Action } from "../../rules/access/mod.ts";
import type { AgentSource } from "../agents/mod.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { AgentDetail, Caller } from "../control/mod.ts";
import type { App, Exchange } from "./app_env.ts";
import { json, jsonBody, noContent, refusals, reply } from "./answers.ts";
import { hasVersion, OnceByKey, toEntityTag } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import {
  agentDetailSchema,
  agentListSchema,
  agentNameSchema,
  agentOfQuerySchema,
  agentQuerySchema,
  agentTenantQuerySchema,
  agentVersionSchema,
  idempotencyHeaders,
  type RegisterAgent,
  registerAgentSchema,
} from "./schemas/mod.ts";
import { callerOf, seesOf } from "./who_asks.ts";

const TAGS = ["Agents"];
const READ = guarded({ action: "agents:read" });
const WRITE: Action = "agents:write";
const nameParams = z.object({ name: agentNameSchema });
const versionParams = nameParams.extend({ version: agentVersionSchema });
const readHeaders = z.object({
  "if-none-match": z.string().max(500).optional().openapi({
    description: "ETag that was read before",
  }),
});
const ETAG = { ETag: { description: "Names what was read, for If-None-Match" } };
const MADE = { ...ETAG, Location: { description: "Path of the agent" } };
const NOT_MODIFIED = { description: "It is what If-None-Match names", headers: z.object({}) };

const list = createRoute({
  ...READ,
  method: "get",
  path: "/agents",
  operationId: "listAgents",
  tags: TAGS,
  summary: "List registered agents, and those of workflows and recent runs",
  description: "With what is known of each at each of its capabilities.",
  request: { query: agentQuerySchema },
  responses: { 200: json(agentListSchema, "Every agent"), ...refusals() },
});

const register = createRoute({
  // A handshake starts a process and waits for answers of the agent: it has time limits of its own.
  ...guarded({
    action: WRITE,
    group: "submit",
    body: { bytesMax: 16 * 1024 * 1024 },
    isLong: true,
  }),
  method: "post",
  path: "/agents",
  operationId: "registerAgent",
  tags: TAGS,
  summary: "Register an agent, or a version of it",
  description:
    "It is started and asked its own examples. One that does not keep what it claims is " +
    "answered as `refused`, with its findings, and gets no tasks. The same code again answers the " +
    "version that is there, with 200.",
  request: {
    query: agentTenantQuerySchema,
    headers: idempotencyHeaders,
    body: jsonBody(registerAgentSchema),
  },
  responses: {
    200: json(agentDetailSchema, "It was there already", MADE),
    201: json(agentDetailSchema, "It was registered", MADE),
    ...refusals(409, 422),
  },
});

const show = createRoute({
  ...READ,
  method: "get",
  path: "/agents/{name}",
  operationId: "showAgent",
  tags: TAGS,
  summary: "Read the highest version of an agent, or the agent of a workflow",
  request: { params: nameParams, query: agentOfQuerySchema, headers: readHeaders },
  responses: { 200: json(agentDetailSchema, "The agent", ETAG), 304: NOT_MODIFIED, ...refusals() },
});

const version = createRoute({
  ...READ,
  method: "get",
  path: "/agents/{name}/{version}",
  operationId: "showAgentVersion",
  tags: TAGS,
  summary: "Read one version of a registered agent",
  request: { params: versionParams, query: agentTenantQuerySchema, headers: readHeaders },
  responses: { 200: json(agentDetailSchema, "The agent", ETAG), 304: NOT_MODIFIED, ...refusals() },
});

const check = createRoute({
  ...guarded({ action: WRITE, group: "submit", isLong: true }),
  method: "post",
  path: "/agents/{name}/{version}/check",
  operationId: "checkAgent",
  tags: TAGS,
  summary: "Ask an agent its own examples again",
  request: { params: versionParams, query: agentTenantQuerySchema },
  responses: { 200: json(agentDetailSchema, "The agent, with what was found"), ...refusals(422) },
});

const remove = createRoute({
  ...guarded({ action: WRITE, group: "write" }),
  method: "delete",
  path: "/agents/{name}/{version}",
  operationId: "removeAgent",
  tags: TAGS,
  summary: "Forget a version of an agent",
  description: "Its attempts in flight go on; what was learnt of it stays.",
  request: { params: versionParams, query: agentTenantQuerySchema },
  responses: { 204: { description: "It is gone" }, ...refusals() },
});

/** Adds the routes to the app. */
export function addAgentRoutes(app: App): void {
  const once = new OnceByKey<{ agent: AgentDetail; isNew: boolean }>();
  app.openapi(list, async (c) => {
    const { tenant, ...query } = c.req.valid("query");
    const filters = { ...query, sees: seesOf(c) };
    const items = await c.env.services.control.agents.list(actingAs(c, tenant), filters);
    return reply(c, agentListSchema, { items, nextCursor: null });
  });
  app.openapi(show, async (c) => {
    const { name } = c.req.valid("param");
    const { tenant, workflow } = c.req.valid("query");
    const options = { workflow, sees: seesOf(c) };
    return found(c, await c.env.services.control.agents.show(name, actingAs(c, tenant), options));
  });
  app.openapi(version, async (c) => {
    const { name, version } = c.req.valid("param");
    const tenant = actingAs(c, c.req.valid("query").tenant);
    return found(c, await c.env.services.control.agents.show(name, tenant, { version }));
  });
  app.openapi(register, async (c) => {
    await authorize(c);
    const { agents } = c.env.services.control;
    const body = c.req.valid("json");
    const caller = actorOf(c);
    const { agent, isNew } = await once.do(
      keyOf(c),
      JSON.stringify([caller.tenant, await c.req.text()]),
      () => agents.register(sourceOf(body), caller, body),
    );
    return reply(c, agentDetailSchema, agent, {
      status: isNew ? 201 : 200,
      headers: {
        etag: toEntityTag(etagOf(agent)),
        location: `/api/v1/agents/${agent.name}/${encodeURIComponent(agent.version!)}`,
      },
    });
  });
  app.openapi(check, async (c) => {
    await authorize(c);
    const { name, version } = c.req.valid("param");
    const { agents } = c.env.services.control;
    return reply(c, agentDetailSchema, await agents.check(`${name}@${version}`, actorOf(c)));
  });
  app.openapi(remove, async (c) => {
    await authorize(c);
    const { name, version } = c.req.valid("param");
    await c.env.services.control.agents.remove(`${name}@${version}`, actorOf(c));
    return noContent();
  });
}

/** A registered agent is of no workflow: whoever may reach only some may not change it. */
async function authorize(c: Exchange): Promise<void> {
  const principal = c.get("principal");
  const resource = { workflow: null, tags: [], tenant: principal.tenant };
  await c.env.services.access.authorize(principal, WRITE, resource);
}

/**
 * Who belongs to no tenant may act as any; to others no other tenant is there.
 *
 * @throws {InvalidInputError} `AGENT_UNKNOWN`
 */
function actingAs(c: Exchange, wanted: string | undefined): string | null {
  const { tenant } = c.get("principal");
  if (wanted === undefined || wanted === tenant) return tenant;
  if (tenant === null) return wanted;
  throw new InvalidInputError("AGENT_UNKNOWN", {
    message: `Found no agent of tenant "${wanted}"`,
    hint: "Leave `tenant` out: your key belongs to one already",
  });
}

function actorOf(c: Exchange): Caller {
  return { ...callerOf(c), tenant: actingAs(c, c.req.query("tenant")) };
}

function sourceOf({ module, source, files }: RegisterAgent): AgentSource {
  return module === undefined ? { source: source!, files } : { module };
}

/** Everybody has keys of their own. */
function keyOf(c: Exchange): string | undefined {
  const key = c.req.raw.headers.get("idempotency-key");
  return key === null ? undefined : `${c.get("principal").id} ${key}`;
}

function found(c: Exchange, agent: AgentDetail): Response {
  const etag = etagOf(agent);
  const headers = { etag: toEntityTag(etag), "cache-control": "private, no-cache" };
  if (hasVersion(c.req.raw.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  return reply(c, agentDetailSchema, agent, { headers });
}

/** Its record changes with every attempt: the whole names what was read. */
function etagOf(agent: AgentDetail): string {
  return createHash("sha256").update(JSON.stringify(agent)).digest("hex").slice(0, 32);
}
