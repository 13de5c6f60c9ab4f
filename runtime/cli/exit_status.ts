import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import type { RunStatus } from "../../workflows/status.ts";
import type { StopSignal } from "./interrupts.ts";

/** Exit statuses, as in the help of the program. */
export const EXIT = {
  completed: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  unavailable: 4,
  /** 128 + SIGINT, as shells expect it. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

/** The status that tells of an error. */
export function statusOfError(error: unknown): number {
  if (error instanceof InvalidInputError) return EXIT.usage;
  return error instanceof UnavailableError ? EXIT.unavailable : EXIT.failed;
}

/** The status that tells of runs: that of the worst one. A run that Ctrl-C cancelled is interrupted. */
export function statusOfRuns(statuses: readonly RunStatus[], signal: StopSignal | null): number {
  if (statuses.includes("failed")) return EXIT.failed;
  if (!statuses.includes("cancelled")) return EXIT.completed;
  return signal === "SIGINT" ? EXIT.interrupted : EXIT.cancelled;
}
