import type { z } from "@hono/zod-openapi";
import type { RunFilters } from "../control/mod.ts";
import type { Exchange } from "./app_env.ts";
import { reply } from "./answers.ts";
import { nameList, openCursor, sealCursor } from "./exchange/mod.ts";
import { type RunPage, runPageSchema, type runQuerySchema } from "./schemas/mod.ts";
import { seesOf } from "./who_asks.ts";

/** Pages as they leave, by the page of the control plane that they were made of. */
const sealed = new WeakMap<object, Map<string, RunPage>>();

/**
 * A page of runs. The control plane hands out the same page until something changes; it is then
 * written out only once.
 */
export async function pageOfRuns(
  c: Exchange,
  query: z.output<typeof runQuerySchema>,
): Promise<Response> {
  const { limit, cursor, since, until, ...rest } = query;
  const list = nameList("runs", query);
  const filters: RunFilters = { ...rest };
  if (since !== undefined) filters.sinceAt = Date.parse(since);
  if (until !== undefined) filters.untilAt = Date.parse(until);
  const page = await c.env.services.control.runs.list(filters, {
    limit,
    cursor: openCursor(cursor, list),
    sees: seesOf(c),
  });
  return reply(c, runPageSchema, seal(page, list));
}

function seal(page: RunPage, list: string): RunPage {
  const byList = sealed.get(page) ?? new Map<string, RunPage>();
  sealed.set(page, byList);
  return byList.getOrInsertComputed(list, () => ({
    items: page.items,
    nextCursor: sealCursor(page.nextCursor, list),
  }));
}
