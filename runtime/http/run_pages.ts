import type { Exchange } from "./app_env.ts";
import { reply } from "./answers.ts";
import { openCursor, sealCursor } from "./exchange/mod.ts";
import type { RunQuery } from "./run_query.ts";
import { type RunPage, runPageSchema } from "./schemas/mod.ts";
import { seesOf } from "./who_asks.ts";

/** Pages as they left, by list and place. */
const pages = new Map<string, { items: readonly unknown[]; page: RunPage }>();
const PAGES_MAX = 200;

/**
 * A page of runs. The control plane hands out the same lines until something changes; they are then
 * written out only once.
 */
export async function pageOfRuns(c: Exchange, query: Readonly<RunQuery>): Promise<Response> {
  const { filters, limit, cursor, list } = query;
  const page = await c.env.services.control.runs.list(filters, {
    limit,
    cursor: openCursor(cursor, list),
    sees: seesOf(c),
  });
  return reply(c, runPageSchema, samePage(page, list));
}

/** The page that was made of the same lines before, which has its text already; or a new one. */
function samePage(found: RunPage, list: string): RunPage {
  const { items } = found;
  const key = `${found.nextCursor} ${items.length} ${list}`;
  const known = pages.get(key);
  if (known !== undefined && items.every((item, index) => item === known.items[index])) {
    return known.page;
  }
  const page = { items, nextCursor: sealCursor(found.nextCursor, list) };
  if (pages.size >= PAGES_MAX) pages.delete(pages.keys().next().value!);
  pages.set(key, { items, page });
  return page;
}
