/**
 * What cells tell of attempts to whoever traces them. Cells have no exporter and an empty
 * environment: their node makes the spans, from what passes between it and them.
 *
 * @module
 */
import type { Attempt, AttemptOutcome, StepTimes } from "../../actors/attempt.ts";
import type { MessageItem, NodeFrame } from "../../actors/frames.ts";

/** Frames that settle messages of a worker. */
export type SettlingFrame = Extract<NodeFrame, [tag: "sent" | "answers", ...unknown[]]>;

/** Follows attempts; the same object names an attempt from its beginning to its end. */
export interface AttemptTracer {
  /**
   * An attempt was given to the cells.
   *
   * @returns W3C `traceparent` for the worker; `null` when nothing is to be traced below it
   */
  begin(attempt: Attempt): string | null;
  /** It ran a step to its end. */
  step(attempt: Attempt, times: StepTimes): void;
  /** It sends a message, or gives up the answer to one. `cell`: names the worker. */
  call(attempt: Attempt, cell: object, item: MessageItem): void;
  /** Messages of a worker are taken, refused or answered. */
  settle(cell: object, frame: SettlingFrame): void;
  end(attempt: Attempt, outcome: AttemptOutcome): void;
}
