import type { RunCommand } from "./commands.ts";
import type { RunWish } from "./wishes.ts";

/**
 * What a wish asks of a run that is known; `null` for what only opens a run, and for words of a later
 * version.
 *
 * @param now `at`: epoch milliseconds; `random`: uniform in `[0, 1)`, drawn when it is needed
 */
export function toCommand(
  wish: RunWish,
  { at, random }: { at: number; random: () => number },
): RunCommand | null {
  switch (wish.type) {
    case "cancel":
      return { type: "CancelRun", at, reason: wish.reason ?? "cancelled by a user" };
    case "cancelTask": {
      const { task, index, reason = "cancelled by a user" } = wish;
      return { type: "CancelTask", at, task, index, reason };
    }
    case "pause":
      return { type: "PauseRun", at };
    case "resume":
      return { type: "ResumeRun", at };
    case "retry":
      return { type: "RetryRun", at };
    case "signal": {
      const { name, payload, signalId } = wish;
      return { type: "SignalRun", at, name, payload, signalId };
    }
    case "finish": {
      const { task, index, attempt, outcome } = wish;
      return { type: "FinishAttempt", at, task, index, attempt, outcome, random: random() };
    }
    case "step": {
      const { task, index, attempt, stepId, output } = wish;
      return { type: "RecordStep", at, task, index, attempt, stepId, output };
    }
    case "lose":
      return { type: "LoseAttempts", at, attempts: wish.attempts };
    default:
      return null;
  }
}
