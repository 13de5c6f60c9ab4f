/**
 * The page of one run: its graph, times, tasks, lines and values, kept up to date by its events.
 *
 * @module
 */
import { useEffect, useMemo } from "preact/hooks";
import { changeQuery, href, place } from "../navigation/mod.ts";
import { Empty, Page, ProblemNotice, StatusBadge, Tabs } from "../parts/mod.ts";
import { RunFeed } from "./feed/mod.ts";
import { DagView, type Spot } from "./graph/mod.ts";
import { type LiveRun, runStatusOf } from "./live/mod.ts";
import { RunActions } from "./run_actions.tsx";
import { RunFiles, RunProgress, RunSummaryLine, RunValues } from "./run_summary.tsx";
import { ErrorNotice, LogView, TaskPanel } from "./task/mod.ts";
import { TaskList } from "./tasks/mod.ts";
import { Timeline } from "./timeline/mod.ts";

const TABS = [
  { id: "graph", label: "Graph" },
  { id: "timeline", label: "Timeline" },
  { id: "tasks", label: "Tasks" },
  { id: "logs", label: "Logs" },
  { id: "values", label: "Input and output" },
];
/** A ULID, as all ids of runs are. */
const RUN_ID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const CRUMB = { label: "Runs", path: "/runs" };

/** One run. What cannot be the id of one is not asked for. */
export function RunPage({ runId }: { runId: string }) {
  return RUN_ID.test(runId) ? <LoadedRun runId={runId} /> : <NoSuchRun runId={runId} />;
}

function LoadedRun({ runId }: { runId: string }) {
  const feed = useMemo(() => new RunFeed(runId), [runId]);
  useEffect(() => feed.open(), [feed]);
  const version = feed.version.value;
  const problem = feed.problem.value;
  const { run } = feed;
  if (run === null && problem?.status === 404) return <NoSuchRun runId={runId} />;
  if (run === null) {
    return (
      <Page title="Run" crumb={CRUMB}>
        {problem === null
          ? <p class="loading" role="status">Loading…</p>
          : <ProblemNotice problem={problem} onRetry={() => feed.load()} />}
      </Page>
    );
  }
  const shown = { feed, run, version };
  const name = run.workflow || feed.detail.value!.workflow;
  return (
    <Page
      title={
        <span class="run-title">
          {name}
          {run.workflowVersion !== null && <span class="muted">{run.workflowVersion}</span>}
          <StatusBadge status={runStatusOf(run)} />
        </span>
      }
      documentTitle={`${name} ${runStatusOf(run)}`}
      crumb={CRUMB}
      actions={<RunActions {...shown} />}
    >
      {problem !== null && <ProblemNotice problem={problem} onRetry={() => feed.load()} />}
      <RunSummaryLine {...shown} />
      <RunProgress run={run} version={version} />
      {run.error !== null && <ErrorNotice error={run.error} />}
      <RunFiles {...shown} />
      <RunViews {...shown} />
    </Page>
  );
}

/** Asking again cannot help. */
function NoSuchRun({ runId }: { runId: string }) {
  return (
    <Page title="Run" crumb={CRUMB}>
      <Empty title={`There is no run "${runId}"`}>
        <p>
          Its address may be mistyped, or it was deleted. See <a href={href("/runs")}>all runs</a>.
        </p>
      </Empty>
    </Page>
  );
}

function RunViews({ feed, run, version }: { feed: RunFeed; run: LiveRun; version: number }) {
  const { query } = place.value;
  const tab = TABS.find(({ id }) => id === query.get("view"))?.id ?? "graph";
  const spot = spotOf(run, query.get("task"));
  const select = (taskId: string | null) => changeQuery({ task: taskId });
  const shown = {
    run,
    version,
    selected: spot,
    onSelect: (spot: Spot) => select(nameOf(run, spot)),
  };
  return (
    <div class="run-views" data-panel={spot !== null || undefined}>
      <div class="run-view">
        <Tabs
          label="Views of the run"
          tabs={TABS}
          selected={tab}
          onSelect={(id) => changeQuery({ view: id === "graph" ? null : id })}
        >
          {tab === "graph" && <DagView {...shown} />}
          {tab === "timeline" && <Timeline {...shown} />}
          {tab === "tasks" && <TaskList {...shown} />}
          {tab === "logs" && <LogView feed={feed} />}
          {tab === "values" && <RunValues feed={feed} run={run} version={version} />}
        </Tabs>
      </div>
      {spot !== null && (
        <TaskPanel
          feed={feed}
          version={version}
          spot={spot}
          onSelect={select}
          onClose={() => select(null)}
        />
      )}
    </div>
  );
}

function nameOf({ tasks }: LiveRun, { position, index }: Spot): string {
  const { id } = tasks[position]!.spec;
  return index === null ? id : `${id}[${index}]`;
}

/** The task or item that the address names, if the run has it. */
function spotOf(run: LiveRun, taskId: string | null): Spot | null {
  if (taskId === null) return null;
  const item = /^(.+)\[(\d+)\]$/.exec(taskId);
  const position = run.positionOf.get(item?.[1] ?? taskId);
  if (position === undefined) return null;
  const index = item === null ? null : Number(item[2]);
  if (index !== null && run.tasks[position]!.instances[index] === undefined) {
    return { position, index: null };
  }
  return { position, index };
}
