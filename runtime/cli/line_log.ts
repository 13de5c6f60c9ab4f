import { explainExclusion } from "../../core/explain_assignment.ts";
import { formatDuration } from "../../core/duration.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { clockTime } from "./clock_time.ts";
import { idOf } from "./failure_log.ts";
import { plainText } from "./plain_text.ts";

/** Items of a `forEach` above this number are summed up instead of told one by one. */
const ITEMS_TOLD_MAX = 50;
/** Failures of a summed up `forEach` that are told one by one. */
const FAILURES_TOLD_MAX = 10;
const SUMMARY_INTERVAL_MS = 1_000;

interface Batch {
  total: number;
  completed: number;
  failed: number;
  /** Epoch milliseconds of the last line. */
  toldAt: number;
}

/**
 * Turns what happens to one run into lines of a log, one a state change, such as
 * `12:01:02 measure[3] completed (agent measurer, 1.2s)`. A large `forEach` gets one line a second.
 */
export class LineLog {
  readonly #batches = new Map<string, Batch>();
  readonly #started = new Map<string, { at: number; agent: string }>();

  /** Lines for an event, in most cases one or none. */
  tell(event: RunEvent): string[] {
    return this.#texts(event).map((text) => `${clockTime(event.at)} ${plainText(text)}`);
  }

  #texts(event: RunEvent): string[] {
    switch (event.type) {
      case "TaskExpanded":
        if (event.count > ITEMS_TOLD_MAX) {
          const batch = { total: event.count, completed: 0, failed: 0, toldAt: event.at };
          this.#batches.set(event.task, batch);
        }
        return [`${event.task} has ${event.count} ${event.count === 1 ? "item" : "items"}`];
      case "AttemptStarted":
        this.#started.set(idOf(event), { at: event.at, agent: event.agent });
        return this.#isSummed(event) ? [] : [startText(event)];
      case "AttemptFailed":
        // The last attempt's failure is told as the task's.
        return this.#isSummed(event) || isLast(event) ? [] : [attemptText(event)];
      case "TaskCompleted":
        return this.#end(event, "completed");
      case "TaskFailed":
        return this.#end(event, "failed", `${event.error.code} ${event.error.message}`);
      case "TaskCancelled":
        return this.#isSummed(event) ? [] : [`${idOf(event)} cancelled`];
      default:
        return [otherText(event)].filter((text) => text !== "");
    }
  }

  #isSummed(event: { task: string; index?: number }): boolean {
    return event.index !== undefined && this.#batches.has(event.task);
  }

  #end(
    event: { at: number; task: string; index?: number },
    status: "completed" | "failed",
    why = "",
  ): string[] {
    const id = idOf(event);
    const started = this.#started.get(id);
    this.#started.delete(id);
    const facts = started === undefined
      ? ""
      : ` (agent ${started.agent}, ${formatDuration(event.at - started.at)})`;
    const line = `${id} ${status}${facts}${why === "" ? "" : `: ${why}`}`;
    return this.#isSummed(event) ? this.#sumUp(event, status, line) : [line];
  }

  #sumUp(
    event: { at: number; task: string; index?: number },
    status: "completed" | "failed",
    line: string,
  ): string[] {
    const batch = this.#batches.get(event.task)!;
    // Those who contend for an item have numbers behind the items.
    if (event.index! >= batch.total) return [];
    batch[status]++;
    const lines = status === "failed" && batch.failed <= FAILURES_TOLD_MAX ? [line] : [];
    const done = batch.completed + batch.failed;
    if (done < batch.total && event.at - batch.toldAt < SUMMARY_INTERVAL_MS) return lines;
    batch.toldAt = event.at;
    const failed = batch.failed > 0 ? `, ${batch.failed} failed` : "";
    return [...lines, `${event.task} ${done}/${batch.total} done${failed}`];
  }
}

function isLast(event: RunEvent & { type: "AttemptFailed" }): boolean {
  return event.retryAt === undefined && event.fallback === undefined && !event.lost;
}

function startText(event: RunEvent & { type: "AttemptStarted" }): string {
  const attempt = event.attempt > 1 ? `, attempt ${event.attempt}` : "";
  return `${idOf(event)} running (agent ${event.agent}${attempt})`;
}

function attemptText(event: RunEvent & { type: "AttemptFailed" }): string {
  const { error, retryAt, fallback, at } = event;
  const next = fallback !== undefined
    ? `, agent ${fallback} takes over`
    : retryAt === undefined
    ? ""
    : `, again in ${formatDuration(Math.max(0, retryAt - at))}`;
  const what = event.lost ? "was lost" : "failed";
  return `${idOf(event)} attempt ${event.attempt} ${what}: ${error.code} ${error.message}${next}`;
}

function waitText({ task, signal, until }: Extract<RunEvent, { type: "TaskWaiting" }>): string {
  const what = signal === undefined ? "" : ` for signal ${signal}`;
  return `${task} waits${what}${until === null ? "" : ` until ${clockTime(until)}`}`;
}

function deferText(event: Extract<RunEvent, { type: "AssignmentDeferred" }>): string {
  const { code, agent, excluded } = event.why;
  const why = code === "AGENT_GONE"
    ? `agent "${agent}" is not registered any more`
    : excluded.map(explainExclusion).join("; ") || "no agent offers it";
  return `${idOf(event)} waits until ${clockTime(event.giveUpAt)}, nobody can do it: ${why}`;
}

function otherText(event: RunEvent): string {
  switch (event.type) {
    case "RunSubmitted":
      return `run of ${event.workflow} accepted`;
    case "TaskWaiting":
      return waitText(event);
    case "AssignmentDeferred":
      return deferText(event);
    case "SignalReceived":
      return `signal ${event.name} came`;
    case "TaskSkipped":
      return `${event.task} skipped: ${event.reason}`;
    case "TaskRepeated":
      return `${idOf(event)} repeats at ${clockTime(event.nextAt)}`;
    case "PermissionDenied":
      return `${idOf(event)}${
        event.among === undefined ? "" : ` or another of ${event.among} attempts in its worker`
      } was denied ${event.permission}${event.value === null ? "" : ` of ${event.value}`}`;
    case "RunCancelRequested":
      return `run stops: ${event.reason}`;
    case "RunPaused":
      return "run paused";
    case "RunResumed":
      return "run goes on";
    case "RunRetried":
      return "run starts again from what had failed";
    case "RunCompleted":
      return "run completed";
    case "RunFailed":
      return `run failed: ${event.error.code} ${event.error.message}`;
    case "RunCancelled":
      return `run cancelled: ${event.reason}`;
    default:
      return "";
  }
}
