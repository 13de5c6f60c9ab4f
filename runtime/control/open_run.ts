import type { RunEvent, RunState, TaskState } from "../../workflows/mod.ts";

/** An attempt in flight. */
export interface RunningAttempt {
  agent: string;
  /** Epoch milliseconds, by the clock of the node that leads the run. */
  startedAt: number;
}

/** What an open run does, as far as its events told. Pure. */
export class OpenRun {
  isPaused = false;
  /** By task, or item as in `measure[3]`; those who contend for one have numbers behind the items. */
  readonly #running = new Map<string, RunningAttempt>();
  /** Pieces of work with an attempt in flight, or with several agents that contend for them. */
  readonly #atWork = new Set<string>();
  /** By piece of work: those who contend for it, and who judges or merges. */
  readonly #contests = new Map<string, string[]>();
  /** The same the other way round. */
  readonly #contested = new Map<string, string>();
  /** Wait for their next attempt. */
  readonly #delayed = new Set<string>();
  /** Tasks that wait for time or a signal. */
  readonly #waiting = new Set<string>();
  /** Pieces of work that have not ended, by task. */
  readonly #open = new Map<string, number>();
  #openTotal = 0;
  /** Items of each `forEach`. */
  readonly #items = new Map<string, number>();

  /** Where a run stands that was begun before anybody listened. */
  static of(state: RunState): OpenRun {
    const run = new OpenRun();
    run.isPaused = state.isPaused;
    for (const task of state.tasks) {
      const { id } = task.plan.spec;
      if (task.result.status === "waiting") run.#waiting.add(id);
      if (task.open === 0) continue;
      run.#schedule(id, task.open);
      run.#adopt(task, state.lastAt);
    }
    return run;
  }

  /** No attempt runs, and a task waits for time or a signal: as `viewRun` has it. */
  get isWaiting(): boolean {
    return this.#running.size === 0 && this.#waiting.size > 0;
  }

  /** Pieces of work that may start and have no worker. */
  get queued(): number {
    return Math.max(0, this.#openTotal - this.#atWork.size - this.#delayed.size);
  }

  #adopt({ plan, instances, count }: TaskState, lastAt: number): void {
    const { spec: { id }, forEach } = plan;
    if (forEach !== undefined) this.#items.set(id, count);
    for (const [index, { status, contest, agent, startedAt }] of instances.entries()) {
      const name = nameOf(id, forEach === undefined && index === 0 ? undefined : index);
      const isContender = index >= count;
      if (status === "running") {
        this.#running.set(name, { agent: agent ?? "", startedAt: startedAt ?? lastAt });
      }
      if (isContender) continue;
      if (contest !== null) this.#contest(id, name, contest);
      if (status === "running" || (status === "waiting" && contest !== null)) {
        this.#atWork.add(name);
      } else if (status === "waiting") this.#delayed.add(name);
    }
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
        this.#items.set(event.task, event.count);
        this.#schedule(event.task, event.count);
        return null;
      case "TaskWaiting":
        this.#waiting.add(event.task);
        return null;
      case "AttemptStarted":
        this.#running.set(nameOf(event.task, event.index), {
          agent: event.agent,
          startedAt: event.at,
        });
        return this.#begin(event);
      case "ContestOpened":
        this.#contest(event.task, nameOf(event.task, event.index), event);
        return this.#begin(event);
      case "TaskFellBack":
        this.#atWork.delete(nameOf(event.task, event.index));
        return null;
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

  /** Contenders are at work on a piece that is. */
  #isContender({ task, index }: { task: string; index?: number }): boolean {
    return index !== undefined && index >= (this.#items.get(task) ?? 1);
  }

  #begin(of: { task: string; index?: number }): null {
    if (this.#isContender(of)) return null;
    const name = nameOf(of.task, of.index);
    this.#delayed.delete(name);
    this.#atWork.add(name);
    return null;
  }

  #putOff(
    event: Extract<RunEvent, { type: "AttemptFailed" | "TaskRepeated" }>,
  ): RunningAttempt | null {
    const name = nameOf(event.task, event.index);
    const ended = this.#take(name);
    if (this.#isContender(event)) return ended;
    const nextAt = event.type === "TaskRepeated" ? event.nextAt : event.retryAt ?? event.at;
    if (nextAt > event.at) this.#delayed.add(name);
    return ended;
  }

  /** Without an index: a plain task, or all items of a `forEach` at once. */
  #end(task: string, index: number | undefined): RunningAttempt | null {
    if (this.#isContender({ task, index })) return this.#take(nameOf(task, index));
    const open = this.#open.get(task) ?? 0;
    this.#waiting.delete(task);
    const gone = index === undefined ? open : Math.min(open, 1);
    this.#openTotal -= gone;
    if (open === gone) this.#open.delete(task);
    else this.#open.set(task, open - gone);
    if (index === undefined && this.#items.has(task)) this.#forgetItems(task);
    const name = nameOf(task, index);
    this.#delayed.delete(name);
    this.#endContest(name);
    return this.#take(name);
  }

  /** The last index is of who judges or merges; where nobody does, the next contest takes it. */
  #contest(task: string, name: string, { first, of }: { first: number; of: number }): void {
    const members = Array.from({ length: of + 1 }, (_, nth) => nameOf(task, first + nth));
    this.#contests.set(name, members);
    for (const member of members) this.#contested.set(member, name);
  }

  /** Whoever still contends for work that has ended is stopped, without an event of its own. */
  #endContest(name: string): void {
    for (const member of this.#contests.get(name) ?? []) {
      if (this.#contested.get(member) !== name) continue;
      this.#contested.delete(member);
      this.#running.delete(member);
    }
    this.#contests.delete(name);
  }

  #forgetItems(task: string): void {
    const isItem = (name: string) => name.startsWith(`${task}[`);
    for (const name of this.#running.keys()) if (isItem(name)) this.#running.delete(name);
    for (const name of this.#delayed) if (isItem(name)) this.#delayed.delete(name);
    for (const name of this.#atWork) if (isItem(name)) this.#atWork.delete(name);
    for (const name of this.#contests.keys()) if (isItem(name)) this.#endContest(name);
  }

  #take(name: string): RunningAttempt | null {
    const attempt = this.#running.get(name) ?? null;
    this.#running.delete(name);
    this.#atWork.delete(name);
    return attempt;
  }
}

function nameOf(task: string, index: number | undefined): string {
  return index === undefined ? task : `${task}[${index}]`;
}
