import type { JsonObject } from "../../../core/json.ts";
import type { AttemptOutcome } from "../../../core/outcome.ts";
import type { AttemptPlace, RunCommand } from "../../../workflows/mod.ts";

/**
 * What a wish from an inbox asks of an open run; `null` where that is nothing.
 *
 * @param now `at`: epoch milliseconds; `random`: uniform in `[0, 1)`, drawn when it is needed
 */
export function commandOf(
  { type, body }: { type: string; body: JsonObject },
  { at, random }: { at: number; random: () => number },
): RunCommand | null {
  const { task, index, attempt } = body as unknown as AttemptPlace;
  const place = { task, index, attempt };
  const { name, payload, signalId, stepId, output } = body as { [field: string]: string };
  switch (type) {
    case "cancel":
      return { type: "CancelRun", at, reason: "a user" };
    case "pause":
      return { type: "PauseRun", at };
    case "resume":
      return { type: "ResumeRun", at };
    case "retry":
      return { type: "RetryRun", at };
    case "signal":
      return { type: "SignalRun", at, name: name!, payload: payload!, signalId: signalId! };
    case "finish": {
      const outcome = body.outcome as unknown as AttemptOutcome;
      return { type: "FinishAttempt", at, ...place, outcome, random: random() };
    }
    case "step":
      return { type: "RecordStep", at, ...place, stepId: stepId!, output: output! };
    case "lose":
      return { type: "LoseAttempts", at, attempts: body.attempts as unknown as AttemptPlace[] };
    default:
      return null;
  }
}
