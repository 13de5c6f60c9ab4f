/**
 * The audit log, read and checked.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import type { App } from "./app_env.ts";
import { json, refusals, reply } from "./answers.ts";
import { nameList, openCursor, sealCursor } from "./exchange/mod.ts";
import { guarded } from "./guard.ts";
import { auditPageSchema, auditQuerySchema, auditVerdictSchema } from "./schemas/mod.ts";

const TAGS = ["Audit"];

const list = createRoute({
  ...guarded({ action: "audit:read" }),
  method: "get",
  path: "/audit",
  operationId: "listAuditEntries",
  tags: TAGS,
  summary: "List entries of the audit log, newest first",
  description: "A page may have fewer items than `limit` though there are more.",
  request: { query: auditQuerySchema },
  responses: { 200: json(auditPageSchema, "A page of entries"), ...refusals() },
});

const verify = createRoute({
  // Walks the whole chain: as dear as a submission.
  ...guarded({ action: "audit:read", group: "submit" }),
  method: "get",
  path: "/audit/verify",
  operationId: "verifyAuditLog",
  tags: TAGS,
  summary: "Check every link of the audit log's chain",
  responses: { 200: json(auditVerdictSchema, "What was found"), ...refusals() },
});

/** Adds the routes to the app. */
export function addAuditRoutes(app: App): void {
  app.openapi(list, async (c) => {
    const { from, limit, cursor, ...filters } = c.req.valid("query");
    const name = nameList("audit", { from, ...filters });
    const page = await c.env.services.control.audit.list(filters, {
      from,
      limit,
      cursor: openCursor(cursor, name),
    });
    const nextCursor = sealCursor(page.nextCursor, name);
    return reply(c, auditPageSchema, { items: page.items, nextCursor });
  });
  app.openapi(verify, async (c) => {
    return reply(c, auditVerdictSchema, await c.env.services.control.audit.verify());
  });
}
