import { InvalidInputError } from "../../core/errors.ts";

/** Place of an event among those of its run. */
export interface EventId {
  /** Journal segment, from 1. */
  seq: number;
  /** Position among the run's events in that segment, from 0. */
  n: number;
}

/** `<seq>.<n>`. */
export function formatEventId({ seq, n }: EventId): string {
  return `${seq}.${n}`;
}

/**
 * Reads a `Last-Event-ID`.
 *
 * @throws {InvalidInputError} `EVENT_ID_INVALID`
 */
export function parseEventId(text: string): EventId {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(text);
  if (match !== null) return { seq: Number(match[1]), n: Number(match[2]) };
  throw new InvalidInputError("EVENT_ID_INVALID", {
    message: `Cannot resume after "${text.slice(0, 64)}": it is no id of an event`,
    hint: "Send the `id` of a frame that came, or no id to begin at the start",
  });
}

/** Whether `id` comes behind `after`. */
export function isBehind(id: EventId, after: EventId | null): boolean {
  return after === null || id.seq > after.seq || (id.seq === after.seq && id.n > after.n);
}
