/**
 * Promises that the journal alone can show to be kept.
 *
 * @module
 */
import type { RunEvent } from "../../../workflows/mod.ts";
import {
  type History,
  isClosing,
  type JournalLine,
  linesByRun,
  type Violation,
} from "./history.ts";

/** Every run that was acknowledged has its whole history, and ended well. */
export function checkEnded(history: History): Violation[] {
  const runs = linesByRun(history);
  const broken: Violation[] = [];
  for (const [id, runId] of history.acknowledged) {
    const last = runs.get(runId)?.at(-1)?.event;
    if (last === undefined) {
      broken.push({ promise: "an acknowledged run is in the journal", where: `${id} ${runId}` });
    } else if (last.type !== "RunCompleted") {
      const where = `${id} ${runId}: ends with ${last.type}${reasonOf(last)}`;
      broken.push({ promise: "an acknowledged run ends completed", where });
    }
  }
  return broken;
}

function reasonOf(event: RunEvent): string {
  return event.type === "RunFailed" ? ` (${event.error.code}: ${event.error.message})` : "";
}

/** An id stands for one run. `seed` is the input that only this id was submitted with. */
export function checkSubmittedOnce(history: History): Violation[] {
  const promise = "a run that was submitted is begun once";
  const bySeed = new Map<unknown, string>();
  const broken: Violation[] = [];
  for (const { runId, event } of history.journal) {
    if (event.type !== "RunSubmitted") continue;
    const { seed } = event.input;
    const other = bySeed.get(seed);
    if (other !== undefined) broken.push({ promise, where: `seed ${seed}: ${other}, ${runId}` });
    bySeed.set(seed, runId);
  }
  return broken;
}

/**
 * No term comes after a greater one, and a partition's segments are without gaps, but for those that
 * were moved into histories.
 */
export function checkTerms({ segments, compactedTo }: History): Violation[] {
  const last = new Map<number, { seq: number; term: number }>();
  const broken: Violation[] = [];
  for (const { partition, seq, term } of segments) {
    const before = last.get(partition);
    const where = `partition ${partition}, segment ${seq}`;
    const isMoved = seq - 1 <= (compactedTo.get(partition) ?? 0);
    if (before !== undefined && seq !== before.seq + 1 && !isMoved) {
      broken.push({ promise: "a journal has no gaps", where });
    }
    if (before !== undefined && term < before.term) {
      broken.push({ promise: "no term writes after a greater one", where });
    }
    last.set(partition, { seq, term });
  }
  return broken;
}

/** All attempts of one term are begun by one node: there is one leader per term. */
export function checkOneLeader({ journal }: History): Violation[] {
  const leaders = new Map<string, string>();
  const broken: Violation[] = [];
  for (const { partition, term, event } of journal) {
    if (event.type !== "AttemptStarted" || event.node === undefined) continue;
    if (typeof term !== "number") continue;
    const key = `partition ${partition}, term ${term}`;
    const leader = leaders.get(key) ?? event.node;
    leaders.set(key, leader);
    if (leader === event.node) continue;
    broken.push({
      promise: "a term has one leader",
      where: `${key}: ${leader} and ${event.node}`,
    });
  }
  return broken;
}

/** Where a task stands while its run's history is gone through. */
interface TaskState {
  /** Attempts begun. */
  attempts: number;
  /** The attempt in flight. */
  open: number | null;
  isDone: boolean;
}

/**
 * A task's attempts come one after the other, each is answered once, and none begins once the task
 * has its output.
 */
export function checkAttempts(history: History): Violation[] {
  return [...linesByRun(history)].flatMap(([runId, lines]) => checkRun(runId, lines, history));
}

function checkRun(runId: string, lines: readonly JournalLine[], { needs }: History): Violation[] {
  const broken: Violation[] = [];
  const tasks = new Map<string, TaskState>();
  let isClosed = false;
  for (const [at, { event }] of lines.entries()) {
    const tell = (promise: string) => broken.push({ promise, where: placeOf(runId, event) });
    if ((event.type === "RunSubmitted") !== (at === 0)) tell("a history begins once");
    if (isClosed) tell("nothing happens to a run that has ended");
    isClosed ||= isClosing(event);
    if (!("task" in event)) continue;
    const task = tasks.get(event.task) ?? { attempts: 0, open: null, isDone: false };
    tasks.set(event.task, task);
    checkTask(event, task, tell);
    if (event.type !== "AttemptStarted") continue;
    const isEarly = needs.get(event.task)?.some((need) => !tasks.get(need)?.isDone);
    if (isEarly) tell("a task begins when all that it needs is done");
  }
  return broken;
}

function checkTask(event: RunEvent, task: TaskState, tell: (promise: string) => void): void {
  if (event.type === "AttemptStarted") {
    if (task.isDone) tell("no attempt of a finished task begins");
    if (task.open !== null) tell("one attempt of a task at a time");
    if (event.attempt !== task.attempts + 1) tell("attempts are counted without gaps");
    task.attempts = task.open = event.attempt;
  } else if (event.type === "AttemptFailed") {
    if (task.open !== event.attempt) tell("an attempt is answered at most once");
    task.open = null;
  } else if (event.type === "TaskCompleted") {
    if (task.isDone) tell("a task is finished once");
    else if (task.open === null) tell("an attempt is answered at most once");
    task.isDone = true;
    task.open = null;
  }
}

function placeOf(runId: string, event: RunEvent): string {
  const task = "task" in event ? ` task ${event.task}` : "";
  const attempt = "attempt" in event ? ` attempt ${event.attempt}` : "";
  return `${runId}${task}${attempt}: ${event.type}`;
}

/**
 * What was read of the journal while the test went on is still there at its end, as it was.
 *
 * @param seen events that were read at any time, those of a run in order
 */
export function checkKept(seen: readonly JournalLine[], { journal }: History): Violation[] {
  const after = Map.groupBy(journal, ({ runId }) => runId);
  const broken: Violation[] = [];
  for (const [runId, lines] of Map.groupBy(seen, ({ runId }) => runId)) {
    const kept = (after.get(runId) ?? []).map(textOf);
    let from = 0;
    for (const line of lines) {
      const at = kept.indexOf(textOf(line), from);
      if (at >= 0) from = at + 1;
      else {
        const where = `${runId}, segment ${line.seq}: ${JSON.stringify(line.event)}`;
        broken.push({ promise: "an event that was seen stays in the journal", where });
      }
    }
  }
  return broken;
}

function textOf({ seq, event }: JournalLine): string {
  return `${seq} ${JSON.stringify(event)}`;
}
