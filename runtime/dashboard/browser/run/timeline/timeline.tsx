/**
 * When each attempt ran: a row for each task or item, a bar for each attempt.
 *
 * @module
 */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button, Empty, formatDuration } from "../../parts/mod.ts";
import type { Spot } from "../graph/mod.ts";
import type { LiveRun, Span } from "../live/mod.ts";
import { useRowsSeen } from "../tasks/mod.ts";
import { ticksBetween, tickStep, type TimelineRow, TimelineRows } from "./timeline_rows.ts";

const ROW_PX = 28;
const HEAD_PX = 30;
/** A browser lays no element out that is much wider. */
const WIDTH_PX_MAX = 4_000_000;
const BAR_PX_MIN = 3;

/** @param version changes with each change of `run`, which is changed in place */
export function Timeline(
  { run, selected, onSelect }: {
    run: LiveRun;
    version: number;
    selected: Spot | null;
    onSelect: (spot: Spot) => void;
  },
) {
  const rows = useMemo(() => new TimelineRows(), [run]);
  rows.update(run);
  if (rows.list.length === 0) {
    return <Empty title="Nothing has begun yet">Attempts appear here as they start.</Empty>;
  }
  return <Chart run={run} rows={rows.list} selected={selected} onSelect={onSelect} />;
}

interface ChartProps {
  run: LiveRun;
  rows: readonly TimelineRow[];
  selected: Spot | null;
  onSelect: (spot: Spot) => void;
}

function Chart({ run, rows, selected, onSelect }: ChartProps) {
  const scrolled = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const place = usePlace(scrolled);
  const nowAt = useNow(run);
  const startAt = run.submittedAt ?? run.startedAt ?? nowAt;
  const lengthMs = Math.max(1, (run.finishedAt ?? nowAt) - startAt);
  const width = Math.min(WIDTH_PX_MAX, place.width * zoom);
  // A little room behind the end, for the last bar to be seen whole.
  const scale = { startAt, nowAt, width, pxPerMs: width / (lengthMs * 1.02) };

  /** Keeps the instant in the middle where it is. */
  function zoomBy(factor: number): void {
    const element = scrolled.current!;
    const middle = (element.scrollLeft + place.width / 2) / width;
    const next = Math.min(Math.max(1, zoom * factor), WIDTH_PX_MAX / place.width);
    setZoom(next);
    requestAnimationFrame(() => element.scrollLeft = (middle * next - 0.5) * place.width);
  }

  return (
    <div class="timeline">
      <div class="timeline-tools" role="group" aria-label="Zoom">
        <Button icon="plus" label="Zoom in" onClick={() => zoomBy(2)} />
        <Button icon="minus" label="Zoom out" onClick={() => zoomBy(1 / 2)} />
        <Button label="Show the whole time" onClick={() => setZoom(1)}>Fit</Button>
        <span class="muted small">{formatDuration(lengthMs)} in all</span>
      </div>
      <div
        class="timeline-scroll"
        ref={scrolled}
        role="list"
        aria-label="Attempts by task"
        tabIndex={0}
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          zoomBy(event.deltaY < 0 ? 1.3 : 1 / 1.3);
        }}
      >
        <Rows {...{ run, rows, selected, onSelect, scale, place, scrolled }} />
      </div>
    </div>
  );
}

/** The axis, and the rows in sight. */
function Rows(
  { run, rows, selected, onSelect, scale, place, scrolled }: ChartProps & {
    scale: Scale;
    place: { left: number; width: number };
    scrolled: { current: HTMLElement | null };
  },
) {
  const { pxPerMs, width, nowAt, startAt } = scale;
  const { from, to } = useRowsSeen(scrolled, ROW_PX, rows.length, HEAD_PX);
  const [first, last] = [place.left / pxPerMs, (place.left + place.width) / pxPerMs];
  const ticks = ticksBetween(first, last, tickStep(pxPerMs));
  const at = (ms: number) => ({ left: `calc(var(--names) + ${ms * pxPerMs}px)` });
  return (
    <>
      <div class="timeline-head" aria-hidden="true">
        <span class="timeline-corner" />
        <span class="timeline-axis" style={{ width: `${width}px` }}>
          {ticks.map(({ ms, label }) => (
            <span key={ms} class="timeline-tick" style={{ left: `${ms * pxPerMs}px` }}>
              {label}
            </span>
          ))}
        </span>
      </div>
      <div
        class="timeline-body"
        role="presentation"
        style={{ height: `${rows.length * ROW_PX}px` }}
      >
        {ticks.map(({ ms }) => <i key={ms} class="timeline-line" style={at(ms)} />)}
        {run.finishedAt === null && <i class="timeline-line is-now" style={at(nowAt - startAt)} />}
        {rows.slice(from, to).map((row, index) => (
          <Row
            key={row.name}
            row={row}
            top={(from + index) * ROW_PX}
            scale={scale}
            isSelected={selected?.position === row.position && selected.index === row.index}
            onSelect={onSelect}
          />
        ))}
      </div>
    </>
  );
}

interface Scale {
  startAt: number;
  pxPerMs: number;
  nowAt: number;
  width: number;
}

function Row(
  { row, top, scale, isSelected, onSelect }: {
    row: TimelineRow;
    top: number;
    scale: Scale;
    isSelected: boolean;
    onSelect: (spot: Spot) => void;
  },
) {
  const select = () => onSelect({ position: row.position, index: row.index });
  return (
    <div
      class="timeline-row"
      role="listitem"
      data-selected={isSelected || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <button
        type="button"
        class="timeline-name"
        aria-current={isSelected ? "true" : undefined}
        aria-label={describe(row, scale.nowAt)}
        onClick={select}
      >
        {row.name}
      </button>
      <span class="timeline-bars" style={{ width: `${scale.width}px` }} onClick={select}>
        {row.spans.map((span) => <Bar key={span.startedAt} span={span} scale={scale} />)}
      </span>
    </div>
  );
}

function Bar({ span, scale: { startAt, pxPerMs, nowAt } }: { span: Span; scale: Scale }) {
  const lengthMs = Math.max(0, (span.finishedAt ?? nowAt) - span.startedAt);
  const width = Math.max(BAR_PX_MIN, lengthMs * pxPerMs);
  const text = span.attempt > 1 ? `#${span.attempt}` : "";
  return (
    <span
      class="timeline-bar"
      data-status={BAR_STATUS[span.status] ?? span.status}
      data-kind={span.status}
      title={`${titleOf(span)}, ${formatDuration(lengthMs)}`}
      style={{ left: `${(span.startedAt - startAt) * pxPerMs}px`, width: `${width}px` }}
    >
      {width > 26 ? text : ""}
    </span>
  );
}

/** Attempts end in ways that tasks do not. */
const BAR_STATUS: Readonly<Record<string, string>> = { lost: "waiting", repeated: "completed" };

function titleOf({ attempt, agent, status, error }: Span): string {
  const what = attempt === 0 ? "waited" : `attempt ${attempt} by ${agent}`;
  return `${what}: ${status}${error === null ? "" : ` (${error.code}: ${error.message})`}`;
}

function describe({ name, spans }: TimelineRow, nowAt: number): string {
  const parts = spans.slice(-5).map((span) =>
    `${titleOf(span)}, ${formatDuration((span.finishedAt ?? nowAt) - span.startedAt)}`
  );
  return `${name}: ${parts.join("; ")}`;
}

/** What of the axis is in sight, without the names. */
function usePlace(element: { current: HTMLElement | null }): { left: number; width: number } {
  const [place, setPlace] = useState({ left: 0, width: 800 });
  useEffect(() => {
    const scrolled = element.current!;
    const read = () => {
      const names = scrolled.querySelector<HTMLElement>(".timeline-corner")!.offsetWidth;
      const width = Math.max(200, scrolled.clientWidth - names);
      const next = { left: scrolled.scrollLeft, width };
      setPlace((old) => old.left === next.left && old.width === next.width ? old : next);
    };
    const sizes = new ResizeObserver(read);
    sizes.observe(scrolled);
    scrolled.addEventListener("scroll", read, { passive: true });
    return () => {
      sizes.disconnect();
      scrolled.removeEventListener("scroll", read);
    };
  }, []);
  return place;
}

/** Moves while something runs, smoothly enough for a bar that grows. */
function useNow({ finishedAt }: LiveRun): number {
  const [nowAt, setNow] = useState(Date.now());
  useEffect(() => {
    if (finishedAt !== null) return;
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [finishedAt === null]);
  return nowAt;
}
