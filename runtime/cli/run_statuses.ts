import type { RunStatus } from "../../workflows/status.ts";

/** Where a run may stand, for options that name it. */
export const RUN_STATUSES: readonly RunStatus[] = [
  "pending",
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
];
