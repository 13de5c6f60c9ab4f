/**
 * Errors of a system that just moves from one node to another.
 *
 * @module
 */
import { DenizenError, UnavailableError } from "../../../core/errors.ts";

const RETRY_AFTER_MS = 500;

/** This node does not lead the system: nothing was done. */
export function notLeader(system: string): UnavailableError {
  return new UnavailableError("NOT_LEADER", {
    message: `This node does not lead actor system "${system}"`,
    hint: "Look again who leads it",
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/** Nobody leads the system who could be found: nothing was sent. */
export function nobody(system: string, why: string): UnavailableError {
  return new UnavailableError("UNAVAILABLE", {
    message: `Found no node that leads actor system "${system}": ${why}`,
    hint: "Wait until a node has taken it over, then try again",
    details: { retryAfterMs: RETRY_AFTER_MS, isNobody: true },
    retryAfterMs: RETRY_AFTER_MS,
  });
}

/** What who asks or sends is told; `why` is what happened last. */
export function moving(system: string, why: unknown): UnavailableError {
  const reason = why instanceof Error ? why.message : String(why);
  return new UnavailableError("UNAVAILABLE", {
    message: `Actor system "${system}" does not answer now: ${reason}`,
    hint: "It moves to another node, or its node is away: try again",
    details: { retryAfterMs: RETRY_AFTER_MS },
    retryAfterMs: RETRY_AFTER_MS,
    cause: why,
  });
}

/** Whether it is certain that what failed so was not even begun. */
export function isUndone(error: unknown): boolean {
  if (!(error instanceof DenizenError)) return false;
  return error.code === "NOT_LEADER" || error.details?.isNobody === true ||
    (error.code === "NODE_UNREACHABLE" && error.details?.wasSent === false);
}

const MOVING = new Set(["NOT_LEADER", "NODE_UNREACHABLE", "NODE_STOPPED", "SYSTEM_STOPPED"]);

/** Whether the node that led the system went, or stopped to lead it. */
export function isMoving(error: unknown): boolean {
  if (!(error instanceof DenizenError)) return false;
  return MOVING.has(error.code) || error.details?.isNobody === true;
}
