import type { AttemptId, AttemptReport } from "../../actors/mod.ts";
import type { AuditLog } from "./audit_log.ts";

/** Writes down that an attempt asked the system for something that it was not granted. */
export function recordDenial(
  audit: AuditLog | null,
  { runId, taskId }: AttemptId,
  { permission, value, message }: Extract<AttemptReport, { type: "permission" }>,
): void {
  audit?.record({
    kind: "denial",
    from: `run:${runId}/${taskId}`,
    to: null,
    code: "PERMISSION_DENIED",
    message,
    details: { permission, value },
  });
}
