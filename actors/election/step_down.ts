import type { ElectionAction } from "./messages.ts";
import type { PartitionState } from "./state.ts";

/** Leads the partition no more; says so if it had begun to. */
export function stepDown(
  one: PartitionState,
  reason: "deposed" | "fenced",
  actions: ElectionAction[],
): void {
  if (one.stand === "leading" || one.stand === "handingOver") {
    actions.push({ type: "stepDown", partition: one.partition, term: one.ownTerm, reason });
  }
  one.stand = "follower";
  one.rival = null;
  one.clearAt = null;
}
