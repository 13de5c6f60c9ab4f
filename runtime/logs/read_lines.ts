import type { DocumentStore } from "../../core/document_ports.ts";
import { logDocuments } from "./log_documents.ts";
import {
  gapLine,
  LOG_LEVELS,
  type LogLevel,
  type LogLine,
  type StoredGap,
  type StoredLines,
  timeOf,
  timeText,
  toLine,
  WINDOW_MS,
} from "./log_line.ts";

/** Which lines are wanted. */
export interface LineQuery {
  /** Only lines behind this one. */
  after?: string;
  /** Lines at most. */
  limit: number;
  /** Only those of a task; `measure` stands for all of its items, too. */
  task?: string;
  /** Only those of this level and above it. */
  level?: LogLevel;
}

/** Lines in order. */
export interface LinePage {
  items: LogLine[];
  /** Give it as `after` to go on; `null` when there are no more at present. */
  nextCursor: string | null;
}

/** Lines of a run that are stored, oldest first. */
export async function readLines(
  documents: DocumentStore,
  runId: string,
  query: LineQuery,
): Promise<LinePage> {
  const { limit } = query;
  const items: LogLine[] = [];
  for await (const line of linesOf(documents, runId, query.after)) {
    if (!isWanted(line, query)) continue;
    if (items.length === limit) return { items, nextCursor: items.at(-1)!.id };
    items.push(line);
  }
  return { items, nextCursor: null };
}

function isWanted(line: LogLine, { after, task, level }: LineQuery): boolean {
  if (after !== undefined && line.id <= after) return false;
  if (level !== undefined && LOG_LEVELS.indexOf(line.level) < LOG_LEVELS.indexOf(level)) {
    return false;
  }
  return task === undefined || line.task === task || line.task?.startsWith(`${task}[`) === true;
}

/**
 * All lines from shortly before `after` on, in order. Documents are in the order of their first
 * lines, and overlap where several nodes have written: a line is given away once no later document
 * can hold an earlier one.
 */
async function* linesOf(
  documents: DocumentStore,
  runId: string,
  after: string | undefined,
): AsyncIterable<LogLine> {
  let waiting: LogLine[] = [];
  for await (const { key, value } of logDocuments(documents, runId, startBefore(after))) {
    const name = key.slice(runId.length + 1);
    const early = waiting.filter(({ id }) => id < name);
    if (early.length > 0) {
      yield* sorted(early);
      waiting = waiting.filter(({ id }) => id >= name);
    }
    if (name.startsWith("~")) waiting.push(gapLine(name, value as StoredGap));
    else {
      const { writer, lines } = value as StoredLines;
      for (const line of lines) waiting.push(toLine(writer, line));
    }
  }
  yield* sorted(waiting);
}

/** The document of a line begins at most a window before it. */
function startBefore(id: string | undefined): string | undefined {
  if (id === undefined) return undefined;
  const at = timeOf(id);
  if (at !== null) return timeText(at - WINDOW_MS);
  return id.startsWith("~") ? "~" : undefined;
}

function sorted(lines: LogLine[]): LogLine[] {
  return lines.sort((a, b) => a.id < b.id ? -1 : 1);
}
