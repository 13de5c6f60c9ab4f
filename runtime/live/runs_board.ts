import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent, RunStatus, RunSubmitted } from "../../workflows/mod.ts";
import type { RunUpdate } from "../node/denizen_node.ts";
import { mergeChanges, type RunChange } from "./run_change.ts";
import { TaskTally } from "./task_tally.ts";

/** What the board asks of the store, for runs that were there before it. */
export interface BoardSources {
  entry(runId: string): Promise<RunEntry | null>;
  /** Events of a run so far. */
  events(runId: string): AsyncIterable<{ event: RunEvent }>;
  /** Tasks of the plan of a package. */
  countTasks(packageHash: string): Promise<number>;
  onError(error: unknown): void;
}

/** A run that this node leads. */
interface BoardRun {
  change: RunChange;
  tally: TaskTally;
  /** Whether anything was heard of it since the last sweep. */
  isHeard: boolean;
}

/** What a run came to, by the event that says so. */
const STATUS: Partial<Record<RunEvent["type"], RunStatus>> = {
  RunSubmitted: "running",
  RunRetried: "running",
  RunPaused: "paused",
  RunResumed: "running",
  RunCompleted: "completed",
  RunFailed: "failed",
  RunCancelled: "cancelled",
};

/** Runs that were there before, and are being looked up, at once. */
const ADOPTED_MAX = 1_000;

/** The open runs that this node leads, and which of them changed. */
export class RunsBoard {
  readonly #sources: BoardSources;
  readonly #runs = new Map<string, BoardRun>();
  /** Events of runs that are being looked up. */
  readonly #adopting = new Map<string, RunEvent[]>();
  #changed = new Map<string, RunChange>();
  /** While nobody asks for changes, none are gathered. */
  isAsked = false;

  constructor(sources: BoardSources) {
    this.#sources = sources;
  }

  apply({ runId, event }: RunUpdate): void {
    if (event === undefined) return;
    if (event.type === "RunSubmitted") this.#open(runId, event);
    const run = this.#runs.get(runId);
    if (run !== undefined) return this.#note(run, event);
    const events = this.#adopting.get(runId);
    if (events !== undefined) events.push(event);
    else if (this.isAsked) this.#adopt(runId, event);
  }

  /**
   * Forgets runs of which nothing was heard since the last time: another node may lead them now.
   * They are looked up again when something happens to them here.
   */
  sweep(): void {
    for (const [runId, run] of this.#runs) {
      if (!run.isHeard) this.#runs.delete(runId);
      run.isHeard = false;
    }
  }

  /** What changed since it was asked last. */
  take(): Map<string, RunChange> {
    const changed = this.#changed;
    this.#changed = new Map();
    for (const [runId, change] of changed) {
      const tasks = this.#runs.get(runId)?.tally.counts() ?? change.tasks;
      changed.set(runId, { ...change, tasks });
    }
    return changed;
  }

  #open(runId: string, event: RunSubmitted): void {
    const { workflow, version, origin, at } = event;
    const run = {
      change: {
        runId,
        workflow,
        version,
        status: "running" as const,
        tenant: origin?.tenant ?? null,
        tags: origin?.tags ?? [],
        startedAt: new Date(at).toISOString(),
        finishedAt: null,
        isNew: true,
        tasks: null,
      },
      tally: new TaskTally(),
      isHeard: true,
    };
    this.#runs.set(runId, run);
    this.#learnTasks(run, event.packageHash);
  }

  #learnTasks({ tally }: BoardRun, packageHash: string): void {
    this.#sources.countTasks(packageHash).then(
      (count) => tally.tasks = count,
      (error) => this.#sources.onError(error),
    );
  }

  #note(run: BoardRun, event: RunEvent): void {
    run.isHeard = true;
    run.tally.apply(event);
    const status = STATUS[event.type] ?? run.change.status;
    const isClosed = status === "completed" || status === "failed" || status === "cancelled";
    const { runId } = run.change;
    const change: RunChange = {
      ...run.change,
      status,
      finishedAt: isClosed ? new Date(event.at).toISOString() : null,
      isNew: event.type === "RunSubmitted" || event.type === "RunRetried",
    };
    run.change = { ...change, isNew: false };
    if (this.isAsked) this.#changed.set(runId, mergeChanges(this.#changed.get(runId), change));
    if (!isClosed) return;
    this.#runs.delete(runId);
    const last = this.#changed.get(runId);
    if (last !== undefined) this.#changed.set(runId, { ...last, tasks: run.tally.counts() });
  }

  /** It was there before this node led it: what happened so far is read, the rest is laid over it. */
  #adopt(runId: string, event: RunEvent): void {
    if (this.#adopting.size >= ADOPTED_MAX) return;
    const late = [event];
    this.#adopting.set(runId, late);
    this.#lookUp(runId).then((run) => {
      if (run === null) return;
      this.#runs.set(runId, run);
      for (const one of late) if (this.#runs.has(runId)) this.#note(run, one);
    }, (error) => this.#sources.onError(error)).finally(() => this.#adopting.delete(runId));
  }

  async #lookUp(runId: string): Promise<BoardRun | null> {
    const entry = await this.#sources.entry(runId);
    if (entry === null) return null;
    const run: BoardRun = { change: changeOf(entry), tally: new TaskTally(), isHeard: true };
    for await (const { event } of this.#sources.events(runId)) {
      run.tally.apply(event);
      run.change.status = STATUS[event.type] ?? run.change.status;
    }
    if (entry.packageHash !== undefined) {
      run.tally.tasks = await this.#sources.countTasks(entry.packageHash);
    }
    return run;
  }
}

/** What the run list says of a run. */
export function changeOf(entry: RunEntry): RunChange {
  const { runId, workflow, version, status, tenant, tags, submittedAt, finishedAt } = entry;
  return {
    runId,
    workflow,
    version,
    status: status as RunStatus,
    tenant: tenant ?? null,
    tags: tags ?? [],
    startedAt: new Date(submittedAt).toISOString(),
    finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    isNew: false,
    tasks: null,
  };
}
