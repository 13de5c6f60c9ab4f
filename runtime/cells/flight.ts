/**
 * An attempt in a cell, from the frame that left to its outcome.
 *
 * @module
 */
import type { Attempt, AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import type { ErrorData } from "../../core/errors.ts";

export interface Flight {
  attempt: Attempt;
  /** Names the attempt in frames of its cell. */
  seq: number;
  /** `performance.now()` at which the frame left. */
  sentAt: number;
  deadlineAt: number;
  /** Decided before an answer came (time limit, cancel): whatever the worker says, this holds. */
  verdict: ErrorData | null;
  /** When the cell is killed if the attempt has not ended by then; set with `verdict`. */
  killAt: number;
  /** Denied accesses already reported, with how often each was tried. */
  denials: Map<string, number> | null;
}

/** An attempt with what came of it. */
export interface Result {
  id: Attempt;
  outcome: AttemptOutcome;
}

/** Different denied accesses that are reported of one attempt. */
export const DENIALS_MAX = 100;

export function newFlight(attempt: Attempt, seq: number, now: number): Flight {
  return {
    attempt,
    seq,
    sentAt: now,
    deadlineAt: now + attempt.timeoutMs,
    verdict: null,
    killAt: Infinity,
    denials: null,
  };
}

/** Whether this denied access is to be told: the first of its kind, and not one too many. */
export function isNewDenial(
  flight: Flight,
  report: Extract<AttemptReport, { type: "permission" }>,
): boolean {
  const denials = flight.denials ??= new Map();
  const key = `${report.permission} ${report.value}`;
  const count = denials.get(key) ?? 0;
  if (count === 0 && denials.size >= DENIALS_MAX) return false;
  denials.set(key, count + 1);
  return count === 0;
}

/** Outcome of an attempt that did nothing wrong: its cell ended for another reason. */
export function bystander(reason: string): AttemptOutcome {
  return {
    status: "failed",
    lost: true,
    error: { code: "CRASHED", message: `The cell ended under the attempt: ${reason}` },
  };
}
