import type { RunCommand, RunWish } from "../../workflows/mod.ts";

/**
 * What a wish asks of a run that is being worked on; `null` for what only opens a run, and for words
 * of a later version.
 */
export function toCommand(
  wish: RunWish,
  { at, random }: { at: number; random: number },
): RunCommand | null {
  switch (wish.type) {
    case "cancel":
      return { type: "CancelRun", at, reason: wish.reason ?? "cancelled by a user" };
    case "pause":
      return { type: "PauseRun", at };
    case "resume":
      return { type: "ResumeRun", at };
    case "signal": {
      const { name, payload, signalId } = wish;
      return { type: "SignalRun", at, name, payload, signalId };
    }
    case "finish": {
      const { task, index, attempt, outcome } = wish;
      return { type: "FinishAttempt", at, task, index, attempt, outcome, random };
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
