import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { api, hasRole, segment, type TaskDetail, useLoad } from "../../api/mod.ts";
import {
  Button,
  confirmAction,
  Duration,
  LoadedView,
  showDone,
  StatusBadge,
  Time,
} from "../../parts/mod.ts";
import { AssignmentView, titleOf } from "../assignment/mod.ts";
import type { RunFeed } from "../feed/mod.ts";
import { type Spot, StatusShape } from "../graph/mod.ts";
import { type LiveRun, type LiveTask, membersOf, viewLiveItem } from "../live/mod.ts";
import { contestTitle, ContestView } from "./contest_view.tsx";
import { LogView } from "./log_view.tsx";
import { AttemptList, DenialList, StepList } from "./task_lists.tsx";
import { ErrorNotice, Fold, Value, WaitNotice } from "./task_sections.tsx";

/** Waiting for them is the reason of the task, in other words. */
const TELLS_REASON: ReadonlySet<string> = new Set(["agent", "signal", "time"]);

const ENDED: ReadonlySet<string> = new Set(["completed", "failed", "cancelled", "skipped"]);

/** Everything about one task or item, beside the graph. */
export function TaskPanel(
  { feed, spot, onSelect, onClose }: {
    feed: RunFeed;
    /** Changes with each change of the run. */
    version: number;
    spot: Spot;
    onSelect: (taskId: string) => void;
    onClose: () => void;
  },
) {
  const { position, index } = spot;
  const task = feed.run!.tasks[position]!;
  const taskId = index === null ? task.spec.id : `${task.spec.id}[${index}]`;
  const stage = useStage(feed, spot);
  const panel = useRef<HTMLElement>(null);
  useFocusInside(panel, taskId);
  return (
    <aside
      class="task-panel"
      ref={panel}
      aria-label={`Task ${taskId}`}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div class="task-panel-head">
        <h2 tabIndex={-1}>{taskId}</h2>
        <Button kind="quiet" icon="close" label="Close the task" onClick={onClose} />
      </div>
      <div class="task-panel-body">
        <LoadedTask key={taskId} feed={feed} taskId={taskId} stage={stage} onSelect={onSelect} />
      </div>
    </aside>
  );
}

/** One for each task: what is known of the one before is never shown under the name of the next. */
function LoadedTask(
  { feed, taskId, stage, onSelect }: {
    feed: RunFeed;
    taskId: string;
    stage: string;
    onSelect: (taskId: string) => void;
  },
) {
  const loaded = useLoad<TaskDetail>(
    (signal) => api.get(`${feed.path}/tasks/${segment(taskId)}`, { signal }),
    [stage],
  );
  return (
    <LoadedView loaded={loaded}>
      {(detail) => <TaskBody feed={feed} taskId={taskId} detail={detail} onSelect={onSelect} />}
    </LoadedView>
  );
}

/**
 * The panel is news: who reads with a screen reader hears its heading. The focus goes back to where
 * it came from when the panel is closed.
 */
function useFocusInside(panel: { current: HTMLElement | null }, taskId: string): void {
  const before = useRef(document.activeElement);
  // At once: a frame later somebody may have put the focus where they want it.
  useLayoutEffect(() => {
    const { activeElement } = document;
    if (!panel.current!.contains(activeElement)) before.current = activeElement;
    panel.current!.querySelector<HTMLElement>("h2")!.focus({ preventScroll: true });
  }, [taskId]);
  useEffect(() => () => {
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  }, []);
}

/** Another text whenever the task is worth reading again; at most one in a while. */
function useStage(feed: RunFeed, { position, index }: Spot): string {
  const run = feed.run!;
  const now = stageOf(run, run.tasks[position]!, index);
  const [stage, setStage] = useState(now);
  useEffect(() => {
    if (now === stage) return;
    const timer = setTimeout(() => setStage(now), 250);
    return () => clearTimeout(timer);
  }, [now, stage]);
  return stage;
}

function stageOf(run: LiveRun, task: LiveTask, index: number | null): string {
  if (index === null && task.isForEach) {
    return `${task.status} ${Math.round(task.open / Math.max(1, task.instances.length) * 20)}`;
  }
  const instance = task.instances[index ?? 0];
  const reason = instance === undefined ? null : viewLiveItem(task, instance, index ?? 0).reason;
  const members = membersOf(task, index ?? 0).map(({ status, attempt }) => `${status} ${attempt}`);
  const { status, attempt } = instance ?? {};
  return [task.status, status, attempt, run.status, reason, ...members].join();
}

function TaskBody(
  { feed, taskId, detail, onSelect }: {
    feed: RunFeed;
    taskId: string;
    detail: TaskDetail;
    onSelect: (taskId: string) => void;
  },
) {
  const progress = feed.progress.get(taskId);
  const contest = detail.assignment?.contest ?? null;
  return (
    <>
      <div class="row">
        <StatusBadge status={detail.status} />
        <span class="chip">{detail.kind}</span>
        {detail.agent !== null && <span class="chip">{detail.agent}</span>}
        <CancelTask feed={feed} taskId={taskId} status={detail.status} />
      </div>
      {progress !== undefined && detail.status === "running" && (
        <div class="task-progress">
          {progress.fraction !== null && <progress value={progress.fraction} max={1} />}
          <span class="muted small">{progress.message}</span>
        </div>
      )}
      <TaskNotices detail={detail} onSelect={onSelect} />
      <TaskFacts detail={detail} onSelect={onSelect} />
      {detail.assignment !== null && (contest === null || detail.assignment.deferred !== null) && (
        <Fold title={titleOf(detail.assignment)} isOpen>
          <AssignmentView assignment={detail.assignment} />
        </Fold>
      )}
      {contest !== null && (
        <Fold title={contestTitle(contest)} count={contest.contenders.length} isOpen>
          <ContestView contest={contest} />
        </Fold>
      )}
      <Fold title="Input" isOpen={detail.status !== "completed"}>
        <Value shown={detail.input} label="input" />
      </Fold>
      <Fold title="Output" isOpen={detail.status === "completed"}>
        <Value shown={detail.output} label="output" />
      </Fold>
      <Fold
        title="Attempts"
        count={detail.attemptsTotal}
        isOpen={detail.attemptsTotal > 1 || detail.error !== null}
      >
        <AttemptList detail={detail} />
      </Fold>
      <Fold title="Logs" isOpen={detail.status === "running" || detail.status === "failed"}>
        <LogView feed={feed} task={taskId} />
      </Fold>
      {detail.stepsTotal > 0 && (
        <Fold title="Steps" count={detail.stepsTotal}>
          <StepList detail={detail} />
        </Fold>
      )}
      {detail.denialsTotal > 0 && (
        <Fold title="Refused permissions" count={detail.denialsTotal} isOpen>
          <DenialList detail={detail} />
        </Fold>
      )}
    </>
  );
}

/** What went wrong, or why nothing happens: once, with whatever else is known of it. */
function TaskNotices(
  { detail, onSelect }: { detail: TaskDetail; onSelect: (taskId: string) => void },
) {
  const { waitingFor, reason, assignment } = detail;
  // What is told in another part of the panel, with more beside it, is not told here as well.
  const isToldBelow = waitingFor?.kind === "agent" &&
    (assignment?.deferred ?? null) !== null;
  const isToldAbove = waitingFor !== null && TELLS_REASON.has(waitingFor.kind);
  const hasReason = reason !== null && !isToldAbove && reason !== assignment?.contest?.text;
  return (
    <>
      {detail.error !== null && <ErrorNotice error={detail.error} />}
      {waitingFor !== null && !isToldBelow && (
        <WaitNotice
          reason={waitingFor}
          onSelect={onSelect}
        />
      )}
      {hasReason && <p class="muted">{reason}</p>}
    </>
  );
}

function TaskFacts(
  { detail, onSelect }: { detail: TaskDetail; onSelect: (taskId: string) => void },
) {
  const { startedAt, finishedAt, needs, items } = detail;
  const hasBegun = startedAt !== null;
  return (
    <dl class="facts">
      <Fact name="Started" isShown={hasBegun}>
        <Time at={startedAt} />
      </Fact>
      <Fact name={finishedAt === null ? "Running for" : "Took"} isShown={hasBegun}>
        <Duration from={startedAt} to={finishedAt} />
      </Fact>
      <Fact name="Needs" isShown={needs.length > 0}>
        <span class="row">
          {needs.slice(0, NEEDS_MAX).map((id) => (
            <button
              key={id}
              type="button"
              class="link-button"
              onClick={() => onSelect(id)}
            >
              {id}
            </button>
          ))}
          {needs.length > NEEDS_MAX && (
            <span class="muted">{`and ${needs.length - NEEDS_MAX} more`}</span>
          )}
        </span>
      </Fact>
      <Fact name="Condition" isShown={detail.if !== null}>
        <code>{detail.if}</code>
      </Fact>
      <Fact name="For each of" isShown={detail.forEach !== null}>
        <code>{detail.forEach}</code>
      </Fact>
      <Fact name="Items" isShown={items !== undefined}>
        {Object.entries(items ?? {}).filter(([name, count]) => name !== "total" && count > 0)
          .map(([name, count]) => (
            <span key={name} class="item-count">
              <StatusShape status={name as TaskDetail["status"]} size={13} /> {count} {name}
            </span>
          ))}
      </Fact>
    </dl>
  );
}

/** Needs that are listed; more of them are a number. */
const NEEDS_MAX = 40;

function Fact(
  { name, isShown, children }: { name: string; isShown: boolean; children: ComponentChildren },
) {
  return isShown
    ? (
      <>
        <dt>{name}</dt>
        <dd>{children}</dd>
      </>
    )
    : null;
}

function CancelTask(
  { feed, taskId, status }: { feed: RunFeed; taskId: string; status: string },
) {
  if (ENDED.has(status) || !hasRole("operator")) return null;
  async function cancel(): Promise<void> {
    const isSure = await confirmAction({
      title: `Cancel the task ${taskId}?`,
      text: "What runs of it is stopped. The task counts as failed, so the run fails as well, " +
        "unless the task may fail. A retry of the run does it again.",
      action: "Cancel the task",
      isDangerous: true,
    });
    if (!isSure) return;
    await api.post(`${feed.path}/tasks/${segment(taskId)}/cancel`, {});
    showDone(`Asked the task ${taskId} to stop`);
  }
  return <Button kind="danger" icon="stop" onClick={cancel}>Cancel task</Button>;
}
