import {
  api,
  type RunPage,
  type RunsUpdate,
  type StreamState,
  useEvents,
  useLoad,
  useThrottled,
} from "../api/mod.ts";
import { type RunFilters, toApiQuery, writeFilters } from "./run_filters.ts";
import { applyUpdate, type RunRow } from "./run_rows.ts";

const PAGE_SIZE = 50;
/** More changed than a frame holds: the list is loaded anew, this often at most. */
const RELOAD_MS = 2_000;

interface Rows {
  items: RunRow[];
  nextCursor: string | null;
}

export interface Runs {
  loaded: ReturnType<typeof useLoad<Rows>>;
  stream: StreamState;
  loadMore(): Promise<void>;
}

/** Runs that match, newest first, kept up to date. */
export function useRuns(filters: RunFilters): Runs {
  const key = JSON.stringify(writeFilters(filters));
  const load = (cursor: string | null, signal?: AbortSignal) =>
    api.get<RunPage>("/runs", {
      query: { ...toApiQuery(filters, Date.now()), limit: PAGE_SIZE, cursor },
      signal,
    });
  const loaded = useLoad<Rows>((signal) => load(null, signal), [key]);
  const reloadSoon = useThrottled(loaded.reload, RELOAD_MS);

  const stream = useEvents("/events", {
    onEvent(type, data) {
      if (type !== "runs") return;
      const update = data as RunsUpdate;
      loaded.update((rows) => ({ ...rows, items: applyUpdate(rows.items, update, filters) }));
      if (update.more > 0) reloadSoon();
    },
    onGap: loaded.reload,
  });

  async function loadMore(): Promise<void> {
    const { items, nextCursor } = await load(loaded.data?.nextCursor ?? null);
    loaded.update((rows) => {
      const known = new Set(rows.items.map(({ runId }) => runId));
      const added = items.filter(({ runId }) => !known.has(runId));
      return { items: [...rows.items, ...added], nextCursor };
    });
  }
  return { loaded, stream, loadMore };
}
