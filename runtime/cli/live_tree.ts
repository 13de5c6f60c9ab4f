import { formatDuration } from "../../core/duration.ts";
import type { RunView, TaskView } from "../../workflows/view.ts";
import { FAILURES_MARK, type Paint, painter, STATUS_MARKS } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { column, fit, widthOf } from "./text_width.ts";

/** What a running task, or a running item of a `forEach`, last said of itself. */
export interface TaskProgress {
  /** 0 to 1; `null` when the agent cannot tell. */
  fraction: number | null;
  message: string;
  /** Epoch milliseconds. */
  startedAt: number;
}

export interface TreeOptions {
  /** Columns; no line is wider, unless `isWhole`. */
  width: number;
  /** Rows; there are never more lines. */
  height: number;
  /** Epoch milliseconds. */
  now: number;
  color: boolean;
  /** Names and what is said of tasks are never cut. */
  isWhole?: boolean;
}

const BAR_COLUMNS = 20;
const NAME_COLUMNS_MAX = 28;
/** Running items that are listed under their `forEach`. */
const ITEMS_SHOWN_MAX = 8;

/** A line with what it may be dropped for: the lowest rank goes first. */
interface Row {
  rank: number;
  text: string;
}

const RANK = { completed: 0, waiting: 1, item: 2, running: 3, failed: 4 } as const;

/**
 * A run as lines of text: a header with the whole progress, then the tasks in the file's order. The
 * items of a `forEach` are one line with a bar, followed by those that run now. When the lines are
 * more than `height`, finished tasks are folded into one line, then waiting ones, then items.
 *
 * @param progress by task id (`list`, `measure[3]`), of what runs now
 */
export function renderTree(
  view: RunView,
  progress: ReadonlyMap<string, TaskProgress>,
  options: TreeOptions,
): string[] {
  const paint = painter(options.color);
  const nameColumns = Math.min(
    options.isWhole ? Infinity : NAME_COLUMNS_MAX,
    Math.max(8, ...view.tasks.map((task) => task.id.length)),
  );
  const context = { ...options, paint, nameColumns };
  const itemsOf = groupItems(progress);
  const rows = view.tasks.flatMap((task) => [
    taskRow(task, progress.get(task.id), context),
    ...itemRows(itemsOf.get(task.id) ?? [], context),
  ]);
  return [header(view, progress, context), ...fold(rows, options.height - 1, context)];
}

type Context = TreeOptions & { paint: Paint; nameColumns: number };

function groupItems(
  progress: ReadonlyMap<string, TaskProgress>,
): Map<string, [id: string, progress: TaskProgress][]> {
  const groups = new Map<string, [string, TaskProgress][]>();
  for (const [id, one] of progress) {
    const at = id.indexOf("[");
    if (at < 0) continue;
    const task = id.slice(0, at);
    const group = groups.get(task);
    if (group === undefined) groups.set(task, [[id, one]]);
    else group.push([id, one]);
  }
  return groups;
}

function header(
  view: RunView,
  progress: ReadonlyMap<string, TaskProgress>,
  { width, now, paint }: Context,
): string {
  const shares = view.tasks.map((task) => doneShare(task, progress.get(task.id)));
  const share = shares.length === 0 ? 1 : shares.reduce((sum, one) => sum + one, 0) / shares.length;
  const done = view.tasks.filter((task) => !isOpen(task)).length;
  const [mark, color] = markOf(view, view.tasks.some(hasFailed));
  const percent = `${Math.floor(share * 100)}%`;
  const tail = `${percent} ${done}/${view.tasks.length} tasks ${elapsed(view, now)}`;
  const name = fit(plainText(view.workflow), Math.max(0, width - widthOf(tail) - 5));
  const room = width - widthOf(name) - widthOf(tail) - 4;
  const text = room >= 6 ? `${bar(share, Math.min(BAR_COLUMNS, room - 1))} ${tail}` : tail;
  return `${paint(color, mark)} ${paint("bold", name)} ${fit(text, width - widthOf(name) - 3)}`;
}

function hasFailed({ status, items }: TaskView): boolean {
  return status === "failed" || (items?.failed ?? 0) > 0;
}

function markOf({ status }: RunView | TaskView, hasFailures: boolean): typeof FAILURES_MARK {
  return status === "completed" && hasFailures ? FAILURES_MARK : STATUS_MARKS[status];
}

function elapsed({ startedAt, finishedAt }: RunView | TaskView, now: number): string {
  if (startedAt === null) return "";
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return formatDuration(Math.max(0, end - Date.parse(startedAt)));
}

function isOpen(task: TaskView): boolean {
  return ["pending", "running", "waiting", "paused"].includes(task.status);
}

function doneShare(task: TaskView, progress: TaskProgress | undefined): number {
  if (task.status === "cancelled") return 0;
  if (!isOpen(task)) return 1;
  if (task.items !== undefined && task.items.total > 0) {
    return (task.items.completed + task.items.failed) / task.items.total;
  }
  return Math.min(1, Math.max(0, progress?.fraction ?? 0));
}

function bar(share: number, columns: number): string {
  const full = Math.round(share * columns);
  return "█".repeat(full) + "░".repeat(columns - full);
}

function taskRow(task: TaskView, progress: TaskProgress | undefined, context: Context): Row {
  const { width, now, paint, nameColumns, isWhole = false } = context;
  const [mark, color] = markOf(task, hasFailed(task));
  const time = elapsed(task, now);
  const name = column(
    plainText(task.id),
    isWhole ? nameColumns : Math.min(nameColumns, Math.max(1, width - 4)),
  );
  const room = width - 3 - widthOf(name) - 9;
  const whole = describe(task, progress);
  const text = column(whole, Math.max(0, isWhole ? Math.max(room, widthOf(whole)) : room));
  const line = room < 1 && !isWhole
    ? `${paint(color, mark)} ${fit(name, width - 2)}`
    : `${paint(color, mark)} ${name} ${paintText(task, text, paint)} ${paint("dim", fit(time, 8))}`;
  return { rank: rankOf(task), text: line.trimEnd() };
}

function rankOf({ status }: TaskView): number {
  if (status === "completed" || status === "skipped") return RANK.completed;
  if (status === "failed" || status === "cancelled") return RANK.failed;
  return status === "running" ? RANK.running : RANK.waiting;
}

function paintText({ status }: TaskView, text: string, paint: Paint): string {
  if (status === "failed") return paint("red", text);
  return status === "running" ? text : paint("dim", text);
}

function describe(task: TaskView, progress: TaskProgress | undefined): string {
  const { items, status, error, reason } = task;
  if (items !== undefined && (items.total > 0 || isOpen(task))) {
    return describeItems(items, isOpen(task));
  }
  if (error !== null && isOpen(task)) return `attempt ${task.attempts}, after ${error.code}`;
  if (error !== null) return plainText(`${error.code} ${error.message}`);
  if (status === "running" && progress !== undefined) return describeProgress(progress);
  if (status === "skipped" || status === "waiting") return plainText(reason ?? status);
  // What waits for its needs has no reason: that is plain from the tree.
  return status === "pending" ? plainText(reason ?? "") : "";
}

function describeItems(items: NonNullable<TaskView["items"]>, isOpen: boolean): string {
  const done = items.completed + items.failed;
  const counts = `${done}/${items.total}`;
  const parts = isOpen
    ? [`${bar(items.total === 0 ? 0 : done / items.total, 10)} ${counts}`]
    : [`${items.completed} of ${items.total}`];
  if (items.failed > 0) parts.push(`${items.failed} failed`);
  if (items.running > 0) parts.push(`${items.running} running`);
  return parts.join(" · ");
}

function describeProgress({ fraction, message }: TaskProgress): string {
  const share = fraction === null
    ? ""
    : `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}% `;
  return plainText(share + message);
}

function itemRows(items: [string, TaskProgress][], context: Context): Row[] {
  const { width, now, paint } = context;
  const shown = items.slice(0, ITEMS_SHOWN_MAX).map(([id, progress]) => {
    const time = formatDuration(Math.max(0, now - progress.startedAt));
    const text = `${plainText(id)}  ${describeProgress(progress)}`.trimEnd();
    const room = Math.max(0, width - 5 - widthOf(time));
    return {
      rank: RANK.item,
      text: `    ${paint("dim", fit(`${fit(text, room)} ${time}`, width - 4))}`,
    };
  });
  const more = items.length - shown.length;
  if (more <= 0) return shown;
  return [...shown, {
    rank: RANK.item,
    text: paint("dim", fit(`    … ${more} more running`, width)),
  }];
}

const FOLDED: readonly (readonly [rank: number, word: string])[] = [
  [RANK.completed, "done"],
  [RANK.item, "running items"],
  [RANK.waiting, "not started"],
  [RANK.running, "running"],
  [RANK.failed, "failed"],
];

/** At most `rowsMax` lines: whole groups of rows become one line each, the dullest group first. */
function fold(rows: Row[], rowsMax: number, { width, paint }: Context): string[] {
  if (rowsMax <= 0) return [];
  let kept = rows;
  const notes: string[] = [];
  for (const [rank, word] of FOLDED) {
    const excess = kept.length + (notes.length > 0 ? 1 : 0) - rowsMax;
    if (excess <= 0) break;
    const candidates = kept.filter((row) => row.rank === rank);
    if (candidates.length === 0) continue;
    // One more goes for the line that tells of them.
    const dropped = new Set(candidates.slice(0, excess + (notes.length > 0 ? 0 : 1)));
    kept = kept.filter((row) => !dropped.has(row));
    notes.push(`${dropped.size} ${word}`);
  }
  if (notes.length === 0) return kept.map((row) => row.text);
  const note = paint("dim", fit(`… ${notes.join(", ")}`, width));
  return [note, ...kept.map((row) => row.text)].slice(0, rowsMax);
}
