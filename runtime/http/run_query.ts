import type { HonoRequest } from "hono";
import type { z } from "@hono/zod-openapi";
import type { RunFilters } from "../control/mod.ts";
import { invalidRequest, nameList } from "./exchange/mod.ts";
import { runQuerySchema } from "./schemas/mod.ts";

/** What is asked of the list of runs. */
export interface RunQuery {
  filters: RunFilters;
  limit: number;
  cursor?: string;
  /** Names the list and what it is narrowed to. */
  list: string;
}

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
  const query = toRunQuery(parseQuery(request));
  if (text.length <= CHARS_MAX) {
    if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value!);
    known.set(text, query);
  }
  return query;
}

/** What is there twice is a list, and so refused. */
function parseQuery(request: HonoRequest): z.output<typeof runQuerySchema> {
  const values = Object.entries(request.queries())
    .map(([name, all]) => [name, all.length === 1 ? all[0] : all] as const);
  const { success, data, error } = runQuerySchema.safeParse(Object.fromEntries(values));
  if (success) return data;
  throw invalidRequest("query", error, Object.keys(runQuerySchema.shape));
}

function toRunQuery(query: z.output<typeof runQuerySchema>): RunQuery {
  const { limit, cursor, since, until, ...rest } = query;
  const filters: RunFilters = { ...rest };
  if (since !== undefined) filters.sinceAt = Date.parse(since);
  if (until !== undefined) filters.untilAt = Date.parse(until);
  return { filters, limit, cursor, list: nameList("runs", query) };
}
