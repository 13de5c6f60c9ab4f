import type { RunEvent, RunState } from "../../workflows/mod.ts";

/** An attempt in flight. */
export interface RunningAttempt {
  agent: string;
  /** Epoch milliseconds, by the clock of the node that leads the run. */
  startedAt: number;
}

/** What an open run does, as far as its events told. Pure. */
export class OpenRun {
  isPaused = false;
  /** By task, or item as in `measure[3]`. */
  readonly #running = new Map<string, RunningAttempt>();
  /** Wait for their next attempt. */
  readonly #delayed = new Set<string>();
  /** Tasks that wait for time or a signal. */
  readonly #waiting = new Set<string>();
  /** Pieces of work that have not ended, by task. */
  readonly #open = new Map<string, number>();
  #openTotal = 0;

  /** Where a run stands that was begun before anybody listened. */
  static of(state: RunState): OpenRun {
    const run = new OpenRun();
    run.isPaused = state.isPaused;
    for (const task of state.tasks) {
      const { id } = task.plan.spec;
      if (task.result.status === "waiting") run.#waiting.add(id);
      if (task.open === 0) continue;
      run.#schedule(id, task.open);
      for (const [index, instance] of task.instances.entries()) {
        const name = nameOf(id, task.plan.forEach === undefined ? undefined : index);
        if (instance.status === "waiting") run.#delayed.add(name);
        if (instance.status !== "running") continue;
        const { agent, startedAt } = instance;
        run.#running.set(name, { agent: agent ?? "", startedAt: startedAt ?? state.lastAt });
      }
    }
    return run;
  }

  /** Nothing runs, and something waits for time or a signal. */
  get isWaiting(): boolean {
    return this.#running.size === 0 && this.queued === 0 &&
      this.#waiting.size + this.#delayed.size > 0;
  }

  /** Pieces of work that may start and have no worker. */
  get queued(): number {
    return Math.max(0, this.#openTotal - this.#running.size - this.#delayed.size);
  }

  /** Takes in an event; answers with the attempt that it ended. */
  add(event: RunEvent): RunningAttempt | null {
    switch (event.type) {
      case "RunPaused":
        this.isPaused = true;
        return null;
      case "RunResumed":
      case "RunCancelRequested":
        this.isPaused = false;
        return null;
      case "TaskScheduled":
        this.#schedule(event.task, 1);
        return null;
      case "TaskExpanded":
        this.#schedule(event.task, event.count);
        return null;
      case "TaskWaiting":
        this.#waiting.add(event.task);
        return null;
      case "AttemptStarted": {
        const name = nameOf(event.task, event.index);
        this.#delayed.delete(name);
        this.#running.set(name, { agent: event.agent, startedAt: event.at });
        return null;
      }
      case "AttemptFailed":
      case "TaskRepeated":
        return this.#putOff(event);
      case "TaskCompleted":
      case "TaskFailed":
      case "TaskCancelled":
        return this.#end(event.task, event.index);
      default:
        return null;
    }
  }

  #schedule(task: string, count: number): void {
    this.#open.set(task, (this.#open.get(task) ?? 0) + count);
    this.#openTotal += count;
  }

  #putOff(
    event: Extract<RunEvent, { type: "AttemptFailed" | "TaskRepeated" }>,
  ): RunningAttempt | null {
    const name = nameOf(event.task, event.index);
    const ended = this.#take(name);
    const nextAt = event.type === "TaskRepeated" ? event.nextAt : event.retryAt ?? event.at;
    if (nextAt > event.at) this.#delayed.add(name);
    return ended;
  }

  /** Without an index: a plain task, or all items of a `forEach` at once. */
  #end(task: string, index: number | undefined): RunningAttempt | null {
    const open = this.#open.get(task) ?? 0;
    this.#waiting.delete(task);
    const gone = index === undefined ? open : Math.min(open, 1);
    this.#openTotal -= gone;
    if (open === gone) this.#open.delete(task);
    else this.#open.set(task, open - gone);
    if (index === undefined && gone > 1) this.#forgetItems(task);
    const name = nameOf(task, index);
    this.#delayed.delete(name);
    return this.#take(name);
  }

  #forgetItems(task: string): void {
    const isItem = (name: string) => name.startsWith(`${task}[`);
    for (const name of this.#running.keys()) if (isItem(name)) this.#running.delete(name);
    for (const name of this.#delayed) if (isItem(name)) this.#delayed.delete(name);
  }

  #take(name: string): RunningAttempt | null {
    const attempt = this.#running.get(name) ?? null;
    this.#running.delete(name);
    return attempt;
  }
}

function nameOf(task: string, index: number | undefined): string {
  return index === undefined ? task : `${task}[${index}]`;
}
