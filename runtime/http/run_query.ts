import type { HonoRequest } from "hono";
import type { z } from "@hono/zod-openapi";
import { invalidRequest } from "./exchange/mod.ts";
import { runQuerySchema } from "./schemas/mod.ts";

type RunQuery = z.output<typeof runQuerySchema>;

/** Queries that were checked, by their text: dashboards and programs send the same over and over. */
const known = new Map<string, Readonly<RunQuery>>();
const KNOWN_MAX = 500;
const CHARS_MAX = 300;

/** @throws {HttpError} 400 `REQUEST_INVALID` */
export function runQuery(request: HonoRequest): Readonly<RunQuery> {
  const { url } = request;
  const at = url.indexOf("?");
  const text = at < 0 ? "" : url.slice(at);
  const found = known.get(text);
  if (found !== undefined) return found;
  const query = parseQuery(request);
  if (text.length <= CHARS_MAX) {
    if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value!);
    known.set(text, query);
  }
  return query;
}

/** What is there twice is a list, and so refused. */
function parseQuery(request: HonoRequest): RunQuery {
  const values = Object.entries(request.queries())
    .map(([name, all]) => [name, all.length === 1 ? all[0] : all] as const);
  const { success, data, error } = runQuerySchema.safeParse(Object.fromEntries(values));
  if (success) return data;
  throw invalidRequest("query", error, Object.keys(runQuerySchema.shape));
}
