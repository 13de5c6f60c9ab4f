/**
 * What a node says while it works: a line an event, as text for people or JSON for programs, to the
 * terminal and, where wanted, to files that are rotated. Secrets that can be told are taken out.
 *
 * @module
 */
import { getRotatingFileSink } from "@logtape/file";
import type { LogLevel as TapeLevel, LogRecord, Sink, TextFormatter } from "@logtape/logtape";
import { redactByField, redactByPattern } from "@logtape/redaction";
import { context, isSpanContextValid, trace } from "@opentelemetry/api";
import { toPlainText } from "../../actors/frames.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { REDACTED, SECRET_FIELDS, SECRET_PATTERNS } from "./redact_text.ts";

/** From the least to the most urgent. */
export const NODE_LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type NodeLogLevel = typeof NODE_LOG_LEVELS[number];

/** What belongs to a line. The names below are the same in every line; others may stand beside. */
export interface NodeLogFields {
  node?: string;
  run?: string;
  task?: string;
  attempt?: number;
  /** Trace id; by default that of the active span. */
  trace?: string;
  [name: string]: unknown;
}

export interface NodeLogOptions {
  format: "text" | "json";
  /** The least urgent that is written. */
  level: NodeLogLevel;
  /** JSON lines. Rotated once it has `maxBytes`: `path.1` is the newest of `keep` older ones. */
  file?: { path: string; maxBytes: number; keep: number };
  /** Stands in every line. */
  node?: string;
  /** Where lines go beside the file; each ends with a newline. Default: standard error. */
  write?: (line: string) => void;
}

export interface NodeLog {
  /** Never throws. */
  log(level: NodeLogLevel, message: string, fields?: NodeLogFields): void;
  /** Resolves when every line is in the file. */
  close(): Promise<void>;
}

/** Lines of a file wait for others so long at most. */
const FLUSH_EVERY_MS = 500;
const BUFFER_CHARS = 8_192;
const MESSAGE_CHARS_MAX = 16_384;
const FIELDS_CHARS_MAX = 32_768;

const TAPE_LEVEL: Record<NodeLogLevel, TapeLevel> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};

/**
 * Opens the log of a node.
 *
 * @throws {InvalidInputError} `LOG_FILE_UNUSABLE` when the file cannot be written
 */
export function openNodeLog(options: NodeLogOptions): NodeLog {
  const { format, level, file, node, write = writeToStderr } = options;
  const json = redactByPattern(toJsonLine, SECRET_PATTERNS);
  const formatter = format === "json" ? json : redactByPattern(toTextLine, SECRET_PATTERNS);
  const sinks: Sink[] = [withoutSecretFields((record) => write(formatter(record)))];
  const rotating = file === undefined ? null : openFile(file, json);
  if (rotating !== null) sinks.push(withoutSecretFields(rotating));
  const least = NODE_LOG_LEVELS.indexOf(level);
  return {
    log(level, message, fields = {}) {
      if (NODE_LOG_LEVELS.indexOf(level) < least) return;
      const properties = { ...(node === undefined ? {} : { node }), ...activeTrace(), ...fields };
      const record = toRecord(level, message, properties);
      for (const sink of sinks) sink(record);
    },
    async close() {
      if (rotating === null) return;
      if (Symbol.asyncDispose in rotating) await rotating[Symbol.asyncDispose]();
      else rotating[Symbol.dispose]();
    },
  };
}

function openFile(
  { path, maxBytes, keep }: NonNullable<NodeLogOptions["file"]>,
  formatter: TextFormatter,
): Sink & (Disposable | AsyncDisposable) {
  try {
    return getRotatingFileSink(path, {
      formatter,
      maxSize: maxBytes,
      maxFiles: keep,
      bufferSize: BUFFER_CHARS,
      flushInterval: FLUSH_EVERY_MS,
      nonBlocking: true,
    });
  } catch (error) {
    throw new InvalidInputError("LOG_FILE_UNUSABLE", {
      message: `Cannot write log file "${path}": ${(error as Error).message}`,
      hint: "Give a path in a folder that exists and that this user may write",
    });
  }
}

function withoutSecretFields(sink: Sink): Sink {
  return redactByField(sink, { fieldPatterns: SECRET_FIELDS, action: () => REDACTED });
}

function toRecord(level: NodeLogLevel, message: string, properties: NodeLogFields): LogRecord {
  const text = toPlainText(message, MESSAGE_CHARS_MAX);
  return {
    category: ["denizen"],
    level: TAPE_LEVEL[level],
    message: [text],
    rawMessage: text,
    timestamp: Date.now(),
    properties,
  };
}

/** The trace that whatever is logged belongs to, such as that of the HTTP request. */
function activeTrace(): NodeLogFields {
  const active = trace.getSpan(context.active())?.spanContext();
  return active !== undefined && isSpanContextValid(active)
    ? { trace: active.traceId, span: active.spanId }
    : {};
}

function toJsonLine({ timestamp, level, message, properties }: LogRecord): string {
  const head = {
    time: new Date(timestamp).toISOString(),
    level: level === "warning" ? "warn" : level,
    message: message[0],
  };
  return `${toJson({ ...properties, ...head }, head)}\n`;
}

/** The words of the line come first, whatever else it holds. */
function toJson(all: Record<string, unknown>, head: Record<string, unknown>): string {
  try {
    const text = JSON.stringify({ ...head, ...all });
    if (text.length <= FIELDS_CHARS_MAX) return text;
  } catch {
    // A circle, or a value that throws: the line is worth more than its fields.
  }
  return JSON.stringify({ ...head, truncated: true });
}

function toTextLine({ timestamp, level, message, properties }: LogRecord): string {
  const time = new Date(timestamp).toTimeString().slice(0, 8);
  const mark = level === "info" ? "" : `${level === "warning" ? "warn" : level}: `;
  const { node: _node, ...rest } = properties;
  const fields = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${toPlainText(toFieldText(value), 1_000)}`);
  return `${time} ${mark}${message[0]}${fields.join("")}\n`;
}

function toFieldText(value: unknown): string {
  if (typeof value === "string") return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "?";
  }
}

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  try {
    Deno.stderr.writeSync(encoder.encode(line));
  } catch {
    // Nobody reads it any more.
  }
}
