import { api, type Overview, useEvents, useLoad, useThrottled } from "../api/mod.ts";
import { href } from "../navigation/mod.ts";
import {
  Empty,
  formatCount,
  formatPlural,
  LiveMark,
  LoadedView,
  NodeTable,
  Notice,
  Page,
  Panel,
} from "../parts/mod.ts";
import { FailureTable, SlowestTable } from "./overview_tables.tsx";
import { ThroughputChart } from "./throughput_chart.tsx";

/** Runs change many times a second; the sums are asked for less often. */
const RELOAD_MS = 1_500;
const RELOAD_MS_IDLE = 10_000;

/** What is going on, at a glance. */
export function OverviewPage() {
  const loaded = useLoad(
    (signal) => api.get<Overview>("/overview", { signal }),
    [],
    { everyMs: RELOAD_MS_IDLE },
  );
  const reloadSoon = useThrottled(loaded.reload, RELOAD_MS);
  const stream = useEvents("/events", {
    onEvent: (type) => type === "runs" && reloadSoon(),
    onGap: loaded.reload,
  });
  return (
    <Page title="Overview" actions={<LiveMark state={stream} />}>
      <LoadedView loaded={loaded}>{(overview) => <Sections overview={overview} />}</LoadedView>
    </Page>
  );
}

function Sections({ overview }: { overview: Overview }) {
  const period = periodOf(overview);
  return (
    <>
      {overview.missing.length > 0 && (
        <Notice kind="warning">
          Figures of {overview.missing.join(", ")} are missing: the node did not answer in time.
        </Notice>
      )}
      <Counts overview={overview} period={period} />
      <Panel title={`Runs that closed, ${period}`}>
        <ThroughputChart buckets={overview.throughput} />
      </Panel>
      <div class="columns">
        <Panel title={`Failures of tasks, ${period}`} isFlush>
          {overview.failures.length === 0
            ? <Empty title={`No task failed, ${period}`} />
            : <FailureTable failures={overview.failures} />}
        </Panel>
        <Panel title={`Slowest tasks, ${period}`} isFlush>
          {overview.slowestTasks.length === 0
            ? (
              <Empty title={`No task has ended, ${period}`}>
                <p>
                  Start a <a href={href("/workflows")}>workflow</a>{" "}
                  and its slowest tasks are listed here.
                </p>
              </Empty>
            )
            : <SlowestTable tasks={overview.slowestTasks} />}
        </Panel>
      </div>
      <Panel
        title="Nodes and leaders"
        isFlush
        actions={<a class="small" href={href("/cluster")}>All of the cluster</a>}
      >
        <NodeTable nodes={overview.nodes} />
      </Panel>
    </>
  );
}

const HOUR_MS = 3_600_000;

/** A node counts what it sees: of one that began within the hour it is not the whole hour. */
function periodOf({ at, nodes }: Overview): string {
  const living = nodes.filter(({ state }) => state !== "gone");
  const beganAt = Math.min(...living.map(({ startedAt }) => Date.parse(startedAt)));
  if (living.length === 0 || beganAt <= Date.parse(at) - HOUR_MS) return "last hour";
  return living.length === 1 ? "since this node began" : "since these nodes began";
}

const OPEN = ["running", "waiting", "paused"] as const;
const CLOSED = ["completed", "failed", "cancelled"] as const;

function Counts(
  { overview: { runs, queue }, period }: { overview: Overview; period: string },
) {
  return (
    <div class="stats">
      {OPEN.map((status) => <Count key={status} status={status} count={runs[status]} />)}
      <div class="stat">
        <span class="stat-name">tasks queued</span>
        <span class="stat-value">{formatCount(queue.waiting)}</span>
        <span class="small muted">
          {queue.wishes === 0 ? "now" : `${formatPlural(queue.wishes, "request")} not taken up yet`}
        </span>
      </div>
      {CLOSED.map((status) => (
        <Count key={status} status={status} count={runs[status]} note={period} />
      ))}
    </div>
  );
}

function Count({ status, count, note }: { status: string; count: number; note?: string }) {
  return (
    <a class="stat" href={href("/runs", { status, period: note && "1h" })} data-status={status}>
      <span class="stat-name">{`runs ${status}`}</span>
      <span class="stat-value">{formatCount(count)}</span>
      <span class="small muted">{note ?? "now"}</span>
    </a>
  );
}
