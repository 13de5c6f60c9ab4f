/**
 * The scheduler: drives runs of the partitions that this node leads.
 *
 * @module
 */
export {
  type ActiveRun,
  type AgentMarket,
  createActiveRun,
  keyOfAgent,
  type RunNews,
  viewActiveRun,
} from "./active_run.ts";
export {
  Partition,
  type PartitionInCluster,
  type PartitionOptions,
  type Untold,
} from "./partition.ts";
export {
  isClosing,
  type JournalledEvent,
  type PlanLoader,
  readHistory,
  recoverOpenRuns,
  recoverRun,
} from "./recovery.ts";
