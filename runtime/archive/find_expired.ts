import type { RunEntry, Store } from "../../core/ports.ts";
import { type ClosedRunCounts, type RunEvent, selectExpired } from "../../workflows/mod.ts";
import type { RetentionPolicy, RunStatus } from "../../workflows/mod.ts";
import type { PlanLoader } from "../scheduler/mod.ts";

/** Lines of the run list that are read at once. */
const PAGE = 500;

/**
 * Closed runs of a partition whose time is over, as the files say that they are pinned to. Runs of
 * other partitions are only counted.
 *
 * @param options `isInUse`: whether a run is worked on, though its line says that it has closed
 */
export async function findExpired(
  store: Store<RunEvent>,
  options: {
    partition: number;
    loadPlan: PlanLoader;
    now: number;
    isInUse: (runId: string) => boolean;
  },
): Promise<string[]> {
  const policies = new Policies(options.loadPlan);
  const counts: ClosedRunCounts = new Map();
  const expired: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await store.runs({ limit: PAGE, cursor });
    const closed = page.filter(({ finishedAt }) => finishedAt !== null);
    const runs = await Promise.all(closed.map(async (entry) => ({
      ...entry,
      status: entry.status as RunStatus,
      finishedAt: entry.finishedAt!,
      policy: await policies.of(entry),
    })));
    const own = new Set(
      closed.filter(({ partition }) => partition === options.partition).map(({ runId }) => runId),
    );
    for (const runId of selectExpired(runs, options.now, counts)) {
      if (own.has(runId) && !options.isInUse(runId)) expired.push(runId);
    }
    if (page.length < PAGE) return expired;
    cursor = page.at(-1)!.runId;
  }
}

/** What packages say of their runs, each read once. */
class Policies {
  readonly #loadPlan: PlanLoader;
  readonly #known = new Map<string, Promise<RetentionPolicy | null>>();

  constructor(loadPlan: PlanLoader) {
    this.#loadPlan = loadPlan;
  }

  /** `null` also where the package cannot be read: what nobody understands is kept. */
  of({ packageHash }: RunEntry): Promise<RetentionPolicy | null> {
    if (packageHash === undefined) return Promise.resolve(null);
    return this.#known.getOrInsertComputed(
      packageHash,
      () =>
        this.#loadPlan(packageHash).then(({ definition }) => definition.retain ?? null, () => null),
    );
  }
}
