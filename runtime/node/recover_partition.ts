import { type ActiveRun, type PlanLoader, recoverOpenRuns } from "../scheduler/mod.ts";
import type { Stores } from "./open_store.ts";

type RecoveredRuns = Awaited<ReturnType<typeof recoverOpenRuns>>;

/** Where a partition is folded from, and what makes its runs ready to go on. */
export interface RecoverPartitionOptions {
  stores: Pick<Stores, "runs" | "archive">;
  loadPlan: PlanLoader;
  activate: (recovered: RecoveredRuns["open"][number]) => Promise<ActiveRun>;
}

/** What a partition holds for who leads it next. */
export interface RecoveredPartition extends Omit<RecoveredRuns, "open"> {
  /** Open runs, ready to go on. */
  runs: ActiveRun[];
}

/**
 * Folds the open runs of a partition and makes them ready. A run that can be neither folded nor made
 * ready is among the broken ones: it keeps no other from going on.
 */
export async function recoverPartition(
  partition: number,
  { stores: { runs: store, archive }, loadPlan, activate }: RecoverPartitionOptions,
): Promise<RecoveredPartition> {
  const { open, broken, ...rest } = await recoverOpenRuns(store, partition, loadPlan, archive);
  const runs: ActiveRun[] = [];
  for (const recovered of open) {
    try {
      runs.push(await activate(recovered));
    } catch (error) {
      broken.push({ runId: recovered.state.runId, error });
    }
  }
  return { ...rest, runs, broken };
}
