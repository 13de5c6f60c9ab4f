import type { AttemptReport, StepTimes } from "../../actors/attempt.ts";
import {
  ITEM,
  LOG_LEVELS,
  toErrorCode,
  toPlainText,
  type WorkerItem,
} from "../../actors/frames.ts";

/** What a worker says of work that goes on. */
export type ReportItem = Extract<
  WorkerItem,
  [typeof ITEM.PROGRESS | typeof ITEM.LOG | typeof ITEM.STEP, ...unknown[]]
>;

/** A step of traced work threw. */
export type FailedStepItem = Extract<WorkerItem, [typeof ITEM.STEP_FAILED, ...unknown[]]>;

const STEP_ID_CHARS_MAX = 256;
const PROGRESS_CHARS_MAX = 200;

/**
 * A report as tenants get it, its text fit to be shown; `null` when it is not to be told.
 *
 * @param acknowledge tells the worker that a step is durable, by the token that it gave it
 */
export function toReport(
  item: ReportItem,
  acknowledge: (token: number) => void,
): AttemptReport | null {
  switch (item[0]) {
    case ITEM.PROGRESS: {
      const [, , fraction, message] = item;
      return { type: "progress", fraction, message: toPlainText(message, PROGRESS_CHARS_MAX) };
    }
    case ITEM.LOG: {
      const [, , level, text, fields] = item;
      const line = { level: LOG_LEVELS[level]!, message: toPlainText(text) };
      return { type: "log", ...line, ...(fields === null ? {} : { fields }) };
    }
    case ITEM.STEP: {
      const [, , token, stepId, output, at] = item;
      if (stepId.length > STEP_ID_CHARS_MAX) return null;
      const times = at === null ? undefined : { stepId, startedAt: at[0], endedAt: at[1] };
      return { type: "step", stepId, output, acknowledge: () => acknowledge(token), times };
    }
  }
}

/** When a step ran that threw; `null` when it is not to be told. */
export function toFailedStep(
  [, , stepId, code, [startedAt, endedAt]]: FailedStepItem,
): StepTimes | null {
  if (stepId.length > STEP_ID_CHARS_MAX) return null;
  return { stepId, startedAt, endedAt, errorCode: toErrorCode(code) };
}
