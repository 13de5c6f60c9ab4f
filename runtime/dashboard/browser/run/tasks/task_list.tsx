import { useRef, useState } from "preact/hooks";
import type { TaskStatus } from "../../../../../workflows/mod.ts";
import { Empty, formatCount, formatDuration, formatPlural, now } from "../../parts/mod.ts";
import { type Spot, StatusShape } from "../graph/mod.ts";
import type { LiveRun } from "../live/mod.ts";
import { countByStatus, listTaskRows, type TaskFilter, type TaskRow } from "./task_rows.ts";
import { useRowsSeen } from "./virtual_rows.ts";

const ROW_PX = 34;
const HEAD_PX = 34;
const STATUSES: readonly TaskStatus[] = [
  "running",
  "waiting",
  "pending",
  "failed",
  "completed",
  "skipped",
  "cancelled",
];

/** Every task as a row: the graph in words, for those who cannot see it or look for one. */
export function TaskList(
  { run, version, selected, onSelect }: {
    run: LiveRun;
    version: number;
    selected: Spot | null;
    onSelect: (spot: Spot) => void;
  },
) {
  const [filter, setFilter] = useState<TaskFilter>({
    statuses: new Set(),
    text: "",
    withItems: false,
  });
  const rows = listTaskRows(run, filter);
  void version;
  return (
    <div class="task-list">
      <TaskFilters run={run} filter={filter} onChange={setFilter} />
      <p class="muted small" role="status">{formatPlural(rows.length, "row")}</p>
      <TaskTable rows={rows} selected={selected} onSelect={onSelect} />
    </div>
  );
}

function TaskFilters(
  { run, filter, onChange }: {
    run: LiveRun;
    filter: TaskFilter;
    onChange: (filter: TaskFilter) => void;
  },
) {
  const counts = countByStatus(run);
  const toggle = (status: TaskStatus) => {
    const statuses = new Set(filter.statuses);
    if (!statuses.delete(status)) statuses.add(status);
    onChange({ ...filter, statuses });
  };
  return (
    <div class="task-filters">
      <input
        class="input is-narrow"
        type="search"
        aria-label="Part of a task's name"
        placeholder="Part of a name"
        value={filter.text}
        onInput={(event) => onChange({ ...filter, text: event.currentTarget.value })}
      />
      <div class="row" role="group" aria-label="Status">
        {STATUSES.filter((status) => counts.has(status) || filter.statuses.has(status)).map(
          (status) => (
            <button
              key={status}
              type="button"
              class="status-chip"
              data-status={status}
              aria-pressed={filter.statuses.has(status)}
              onClick={() => toggle(status)}
            >
              <StatusShape status={status} size={14} />
              {status} <span class="number">{formatCount(counts.get(status) ?? 0)}</span>
            </button>
          ),
        )}
      </div>
      {run.tasks.some(({ isForEach }) => isForEach) && (
        <label class="checkbox">
          <input
            type="checkbox"
            checked={filter.withItems}
            onChange={(event) => onChange({ ...filter, withItems: event.currentTarget.checked })}
          />
          Items, too
        </label>
      )}
    </div>
  );
}

function TaskTable(
  { rows, selected, onSelect }: {
    rows: readonly TaskRow[];
    selected: Spot | null;
    onSelect: (spot: Spot) => void;
  },
) {
  const scrolled = useRef<HTMLDivElement>(null);
  const { from, to } = useRowsSeen(scrolled, ROW_PX, rows.length, HEAD_PX);

  /** The list is one stop of the tab key; arrows move in it. */
  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const at = Number((event.target as HTMLElement).dataset.row ?? Number.NaN);
    if (step === undefined || Number.isNaN(at)) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, at + step));
    const element = scrolled.current!;
    const top = next * ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    const bottom = top + ROW_PX + HEAD_PX - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
    requestAnimationFrame(() => requestAnimationFrame(() => focusRow(element, next)));
  }

  return (
    <div
      class="virtual-table"
      ref={scrolled}
      role="table"
      aria-label="Tasks"
      aria-rowcount={rows.length + 1}
      onKeyDown={press}
    >
      <div class="virtual-head" role="row" aria-rowindex={1}>
        {["Task", "Status", "Agent", "Attempts", "Duration"].map((name) => (
          <span key={name} role="columnheader">{name}</span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: `${rows.length * ROW_PX}px`, position: "relative" }}>
        {rows.slice(from, to).map((row, at) => (
          <TaskLine
            key={row.id}
            row={row}
            at={from + at}
            isFirst={from + at === Math.max(0, from)}
            isSelected={selected?.position === row.position && selected.index === row.index}
            onSelect={onSelect}
          />
        ))}
      </div>
      {rows.length === 0 && <Empty title="No task passes the filter" />}
    </div>
  );
}

function focusRow(within: HTMLElement, at: number): void {
  within.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus({ preventScroll: true });
}

function TaskLine(
  { row, at, isFirst, isSelected, onSelect }: {
    row: TaskRow;
    at: number;
    isFirst: boolean;
    isSelected: boolean;
    onSelect: (spot: Spot) => void;
  },
) {
  return (
    <div
      role="row"
      class="virtual-row"
      aria-rowindex={at + 2}
      data-selected={isSelected || undefined}
      style={{ transform: `translateY(${at * ROW_PX}px)` }}
    >
      <span role="cell" class="task-line-name">
        <button
          type="button"
          class="link-button"
          data-row={at}
          tabIndex={isFirst || isSelected ? 0 : -1}
          aria-current={isSelected ? "true" : undefined}
          onClick={() => onSelect({ position: row.position, index: row.index })}
        >
          {row.id}
        </button>
      </span>
      <span role="cell" class="task-line-status" data-status={row.status}>
        <StatusShape status={row.status} size={14} /> {row.status}
      </span>
      <span role="cell">{row.agent ?? "–"}</span>
      <span role="cell" class="number">{row.attempts}</span>
      <span role="cell" class="number">{durationOf(row)}</span>
    </div>
  );
}

function durationOf({ startedAt, finishedAt }: TaskRow): string {
  if (startedAt === null) return "–";
  // An instant of the node and one of the browser: never below nothing.
  return formatDuration(Math.max(0, (finishedAt ?? now.value) - startedAt));
}
