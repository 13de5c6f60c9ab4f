/**
 * Lines as they are kept: those of one run, one writer and one moment share a document of the
 * collection {@linkcode LOGS}.
 *
 * | key | value |
 * | --- | --- |
 * | `RUN/LINE` | {@linkcode StoredLines}; the key names its first line |
 * | `RUN/~WRITER` | {@linkcode StoredGap} |
 * | `total` | bytes that all of them take, about |
 *
 * A line is named `TIME.NODE,PROCESS.NUMBER`, so names are ordered by time, then by writer. A writer is a
 * node, as long as its process lives.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = typeof LOG_LEVELS[number];

/** A line that an agent logged. */
export interface LogLine {
  /** Orders the lines of a run: by time, then by node. */
  id: string;
  /** ISO 8601. */
  at: string;
  level: LogLevel;
  /** `list`, or `measure[3]` for an item of a `forEach`; `null` when it concerns the whole run. */
  task: string | null;
  message: string;
  /** What the agent gave beside the message. */
  fields: JsonObject;
}

/** Where lines are. */
export const LOGS = "logs";

/** Lines of one document are no further apart: whoever looks for a line need not look earlier. */
export const WINDOW_MS = 1_000;

/** A line within its document. */
export type StoredLine = [
  at: number,
  number: number,
  level: LogLevel,
  task: string | null,
  message: string,
  fields?: JsonObject,
];

export type StoredLines = {
  writer: string;
  lines: StoredLine[];
};

/** How many lines a writer has left out, and when it did so last. */
export type StoredGap = {
  leftOut: number;
  at: number;
};

/** Name of a line. */
export function lineId(at: number, writer: string, number: number): string {
  return `${timeText(at)}.${writer}.${number.toString(36).padStart(7, "0")}`;
}

/** Time as names begin with it. */
export function timeText(at: number): string {
  return Math.max(0, Math.floor(at)).toString(36).padStart(9, "0");
}

/** When a line was written, by its name; `null` where the text is none. */
export function timeOf(id: string): number | null {
  const text = /^([0-9a-z]{9})\./.exec(id)?.[1];
  return text === undefined ? null : parseInt(text, 36);
}

export function toLine(writer: string, stored: StoredLine): LogLine {
  const [at, number, level, task, message, fields = {}] = stored;
  return {
    id: lineId(at, writer, number),
    at: new Date(at).toISOString(),
    level,
    task,
    message,
    fields,
  };
}

/** What stands at the end of a log that was cut. */
export function gapLine(name: string, { leftOut, at }: StoredGap): LogLine {
  return {
    id: name,
    at: new Date(at).toISOString(),
    level: "warn",
    task: null,
    message: `${leftOut} more line${leftOut === 1 ? " was" : "s were"} left out: the log is full`,
    fields: { leftOut },
  };
}
