/**
 * A piece of work in a cell, from the frame that left to its outcome.
 *
 * @module
 */
import type { AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import type { ErrorData } from "../../core/errors.ts";

/** What a cell works on: an attempt of a task, or a message to an actor. */
export interface Work {
  /** From the moment the frame leaves for a ready worker. */
  timeoutMs: number;
  /** Longest silence of the worker's event loop. */
  heartbeatMs: number;
  /**
   * Whether an answer counts that comes after the time limit: where it changed a state, that has
   * happened. Otherwise the verdict stands, whatever the worker says.
   */
  isLateGood?: boolean;
}

export interface Flight {
  /** Whoever began the flight knows what it is. */
  work: Work;
  /** Names the work in frames of its cell. */
  seq: number;
  /** `performance.now()` at which the frame left. */
  sentAt: number;
  deadlineAt: number;
  /** Decided before an answer came (time limit, cancel): it holds unless the work says otherwise. */
  verdict: ErrorData | null;
  /** When the cell is killed if the work has not ended by then; set with `verdict`. */
  killAt: number;
  /** Denied accesses already reported, with how often each was tried. */
  denials: Map<string, number> | null;
}

/** A flight with what came of it. */
export interface Landing {
  flight: Flight;
  outcome: AttemptOutcome;
}

/** Different denied accesses that are reported of one piece of work. */
export const DENIALS_MAX = 100;

export function newFlight(work: Work, seq: number, now: number): Flight {
  return {
    work,
    seq,
    sentAt: now,
    deadlineAt: now + work.timeoutMs,
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

/**
 * What came of work whose cell ended. Exactly one piece of work in the cell: it is to blame. Of
 * several nobody knows: all are bystanders.
 */
export function landLost(flights: readonly Flight[], reason: ErrorData): Landing[] {
  const open = flights.filter(({ verdict }) => verdict === null);
  const isVerdict = open.length < flights.length;
  return flights.map((flight) => ({
    flight,
    outcome: flight.verdict !== null
      ? { status: "failed", error: flight.verdict }
      : open.length === 1 && !isVerdict
      ? { status: "failed", error: reason }
      : bystander(reason.message),
  }));
}

/** Outcome of work that did nothing wrong: its cell ended for another reason. */
function bystander(reason: string): AttemptOutcome {
  return {
    status: "failed",
    lost: true,
    error: { code: "CRASHED", message: `The cell ended under the attempt: ${reason}` },
  };
}
