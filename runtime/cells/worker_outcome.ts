import type { AttemptOutcome } from "../../actors/attempt.ts";
import { ITEM, toErrorCode, toPlainText, type WorkerItem } from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Flight } from "./flight.ts";

/** A worker says what came of work. */
export type EndItem = Extract<
  WorkerItem,
  [typeof ITEM.COMPLETED | typeof ITEM.FAILED, ...unknown[]]
>;

const DETAILS_CHARS_MAX = 65_536;

/** What came of work by what its worker says, unless the verdict on it was told before. */
export function toOutcome(
  { verdict, work }: Pick<Flight, "verdict" | "work">,
  item: EndItem,
): AttemptOutcome {
  const isTooLate = verdict !== null && !(work.isLateGood && item[0] === ITEM.COMPLETED);
  if (isTooLate) return { status: "failed", error: verdict };
  if (item[0] === ITEM.COMPLETED) return { status: "completed", output: item[2] };
  const [, , code, message, retryable, details] = item;
  const error: ErrorData = { code: toErrorCode(code), message: toPlainText(message) };
  if (retryable !== null) error.retryable = retryable;
  if (details !== null && JSON.stringify(details).length <= DETAILS_CHARS_MAX) {
    error.details = details;
  }
  return { status: "failed", error };
}
