import type { SystemFence } from "../../core/actor_ports.ts";
import { ConflictError } from "../../core/errors.ts";

/** Somebody else claimed the system first. */
export function systemTaken(system: string): ConflictError {
  return new ConflictError("SYSTEM_TAKEN", {
    message: `Could not claim actor system "${system}": another process was first`,
    hint: "Ask the process that leads it, or choose another data directory",
    details: { system },
  });
}

/** A deposed leader writes nothing. */
export function fenced({ system, term }: SystemFence): ConflictError {
  return new ConflictError("FENCED", {
    message: `Refused a write of term ${term}: another process leads actor system "${system}"`,
    hint: "Nothing was written; the other process goes on with these actors",
    details: { system, term },
  });
}

/** What a failed write left is unknown until the log is read again. */
export function unsettled({ system, term }: SystemFence): ConflictError {
  return new ConflictError("FENCED", {
    message: `Refused a write of term ${term} to actor system "${system}": an earlier one failed`,
    hint: "Nothing was written; claim the system again and recover from its log",
    details: { system, term },
  });
}
