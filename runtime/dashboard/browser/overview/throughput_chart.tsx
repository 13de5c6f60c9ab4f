import { useEffect, useRef } from "preact/hooks";
import "./sound_language.ts";
import uPlot from "uplot";
import type { Overview } from "../api/mod.ts";
import { formatCount, isDark, tokenColor } from "../parts/mod.ts";

type Buckets = Overview["throughput"];

const HEIGHT = 190;
const SERIES = [
  { key: "completed", label: "Completed", color: "--completed" },
  { key: "failed", label: "Failed", color: "--failed" },
  { key: "cancelled", label: "Cancelled", color: "--cancelled" },
] as const;

/** Runs that closed in the last hour, by how; the table behind it is for who cannot see it. */
export function ThroughputChart({ buckets }: { buckets: Buckets }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const dark = isDark.value;

  useEffect(() => {
    const target = box.current!;
    const made = new uPlot(chartOptions(target.clientWidth), toColumns(buckets), target);
    chart.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: target.clientWidth, height: HEIGHT })
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [dark]);
  useEffect(() => chart.current?.setData(toColumns(buckets)), [buckets]);

  return (
    <figure>
      <div ref={box} class="chart" role="img" aria-label={describe(buckets)} />
      <figcaption class="row small muted chart-legend">
        {SERIES.map(({ key, label }) => (
          <span key={key} class="chart-key" data-status={key}>{label}</span>
        ))}
        <span>runs closed in 10 s</span>
      </figcaption>
    </figure>
  );
}

/** Counts are stacked: each series holds itself and all that come after it. */
function toColumns(buckets: Buckets): uPlot.AlignedData {
  return [
    buckets.map(({ at }) => Date.parse(at) / 1_000),
    buckets.map(({ completed, failed, cancelled }) => completed + failed + cancelled),
    buckets.map(({ failed, cancelled }) => failed + cancelled),
    buckets.map(({ cancelled }) => cancelled),
  ];
}

function chartOptions(width: number): uPlot.Options {
  const axis = {
    stroke: tokenColor("--text-muted"),
    grid: { stroke: tokenColor("--line"), width: 1 },
    ticks: { stroke: tokenColor("--line"), width: 1 },
    font: "11px system-ui, sans-serif",
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map(clock) },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000] },
    ],
    series: [
      {},
      ...SERIES.map(({ label, color }) => ({
        label,
        fill: tokenColor(color),
        width: 0,
        paths: uPlot.paths.bars!({ size: [0.9, 12] }),
        points: { show: false },
      })),
    ],
  };
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

function clock(seconds: number): string {
  return CLOCK.format(seconds * 1_000);
}

function describe(buckets: Buckets): string {
  const sum = (key: typeof SERIES[number]["key"]) =>
    formatCount(buckets.reduce((total, bucket) => total + bucket[key], 0));
  return `Runs closed in the last hour: ${sum("completed")} completed, ${sum("failed")} failed, ` +
    `${sum("cancelled")} cancelled`;
}
