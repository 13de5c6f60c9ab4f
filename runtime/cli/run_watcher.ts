import type { Failure } from "../../core/failure_patterns.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { RunHandle, RunUpdate } from "../node/mod.ts";
import { FailureLog, idOf } from "./failure_log.ts";
import { LineLog } from "./line_log.ts";
import type { LiveScreen } from "./live_screen.ts";
import type { renderTree, TaskProgress } from "./live_tree.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import type { Terminal } from "./terminal.ts";

export interface WatchOptions {
  /** Shows nothing, only gathers failures. */
  isQuiet: boolean;
  /** Also shows what agents log at level info. */
  isVerbose: boolean;
}

/** What is gathered of one run while it goes on. */
interface Watched {
  log: LineLog;
  progress: Map<string, TaskProgress>;
  incidents: FailureLog;
}

/** What draws on a terminal; loaded only where there is one, because it takes its time. */
interface Drawing {
  LiveScreen: typeof LiveScreen;
  renderTree: typeof renderTree;
}

async function loadDrawing(): Promise<Drawing> {
  const [{ LiveScreen }, { renderTree }] = await Promise.all([
    import("./live_screen.ts"),
    import("./live_tree.ts"),
  ]);
  return { LiveScreen, renderTree };
}

/**
 * Shows runs while they go on: on a terminal as trees that are drawn in place, elsewhere as one line
 * a state change. Feed it a node's updates, from before the run is submitted.
 */
export class RunWatcher {
  readonly #terminal: Terminal;
  readonly #options: WatchOptions;
  readonly #drawing: Drawing | null;
  readonly #runs = new Map<string, Watched>();
  readonly #handles: RunHandle[] = [];
  #screen: LiveScreen | null = null;

  private constructor(terminal: Terminal, options: WatchOptions, drawing: Drawing | null) {
    this.#terminal = terminal;
    this.#options = options;
    this.#drawing = drawing;
  }

  /** A watcher that draws where the terminal can be drawn on. */
  static async open(terminal: Terminal, options: WatchOptions): Promise<RunWatcher> {
    const isDrawn = terminal.isLive && !options.isQuiet;
    return new RunWatcher(terminal, options, isDrawn ? await loadDrawing() : null);
  }

  /** Takes an update of any run. */
  update(update: RunUpdate): void {
    const run = this.#run(update.runId);
    if (update.type === "event") this.#event(run, update.event!);
    else if (update.type === "log") this.#logLine(update);
    else {
      const progress = run.progress.get(update.taskId!);
      // Progress that comes after the end is of no interest.
      if (progress === undefined) return;
      progress.fraction = update.fraction ?? null;
      progress.message = update.message ?? "";
    }
  }

  /** Shows this run from now on. */
  show(handle: RunHandle): void {
    this.#handles.push(handle);
    if (this.#screen !== null || this.#drawing === null) return;
    const { LiveScreen, renderTree } = this.#drawing;
    this.#screen = new LiveScreen(this.#terminal, (size) => this.#render(size, renderTree));
  }

  /** Says something that stays on the screen. */
  say(text: string): void {
    if (this.#screen === null) this.#terminal.err(`${text}\n`);
    else this.#screen.print(text);
  }

  /** Every failed attempt that was seen of a run. */
  failuresOf(runId: string): readonly Failure[] {
    return this.#runs.get(runId)?.incidents.failures ?? [];
  }

  /** Shows the last state and leaves the terminal as it was found. */
  close(): void {
    this.#screen?.close();
    this.#screen = null;
  }

  #run(runId: string): Watched {
    let run = this.#runs.get(runId);
    if (run === undefined) {
      run = { log: new LineLog(), progress: new Map(), incidents: new FailureLog() };
      this.#runs.set(runId, run);
    }
    return run;
  }

  #event(run: Watched, event: RunEvent): void {
    trackProgress(run.progress, event);
    run.incidents.add(event);
    if (this.#options.isQuiet || this.#drawing !== null) return;
    for (const line of run.log.tell(event)) this.#terminal.err(`${line}\n`);
  }

  #logLine({ level, taskId, message, fields }: RunUpdate): void {
    const { isQuiet, isVerbose } = this.#options;
    const isShown = level === "warn" || level === "error" || (level === "info" && isVerbose);
    if (isQuiet || !isShown) return;
    const paint = painter(this.#terminal.errHasColor);
    const details = fields === undefined ? "" : ` ${JSON.stringify(fields)}`;
    const color = level === "error" ? "red" : level === "warn" ? "yellow" : "dim";
    this.say(`${paint(color, level)} ${taskId}: ${plainText(`${message}${details}`)}`);
  }

  #render(
    { columns, rows }: { columns: number; rows: number },
    renderTree: Drawing["renderTree"],
  ): string[] {
    // The last row stays free: the cursor waits there.
    const height = Math.max(1, Math.floor((rows - 1) / this.#handles.length));
    return this.#handles.slice(0, rows - 1).flatMap((handle) =>
      renderTree(handle.view({ items: false }), this.#run(handle.runId).progress, {
        width: columns,
        height,
        now: Date.now(),
        color: this.#terminal.errHasColor,
      })
    );
  }
}

function trackProgress(progress: Map<string, TaskProgress>, event: RunEvent): void {
  if (!("task" in event)) return;
  const id = idOf(event);
  if (event.type === "AttemptStarted") {
    progress.set(id, { fraction: null, message: "", startedAt: event.at });
  } else if (
    event.type === "TaskCompleted" || event.type === "TaskFailed" || event.type === "TaskCancelled"
  ) progress.delete(id);
}
