import assert from "node:assert/strict";
import type { InboxCommand, JournalRecord } from "../../../core/ports.ts";
import { hasEnded, type RunEvent, type RunState, taskOf } from "../../../workflows/mod.ts";

/** What of a run tells whether a wish could be refused. */
interface Standing {
  isKnown: boolean;
  status: string;
  hasEnded: boolean;
  isPaused: boolean;
  isStopping: boolean;
  /** Ids of signals that it has had. */
  signalIds: readonly string[];
  /** Of the wish's attempts: those in flight. */
  inFlight: number;
  /** Whether the wish's task has ended. */
  hasTaskEnded: boolean;
}

/** Of wishes: what was acknowledged is there; each is handled once, and with what comes of it. */
export class WishChecker {
  readonly #sent = new Map<string, Omit<InboxCommand, "id">>();
  readonly #handled = new Set<string>();
  readonly #announced = new Map<string, Standing>();
  /** Users' names of their wishes, once they are durable. */
  readonly #durable = new Set<string>();

  sent(partition: number, id: string, wish: Omit<InboxCommand, "id">): void {
    this.#sent.set(`${partition}/${id}`, wish);
    if (typeof wish.body.key === "string") this.#durable.add(wish.body.key);
  }

  /** A leader took a submission without an inbox: it has begun. */
  taken(key: string, isBegun: boolean): void {
    if (isBegun) this.#durable.add(key);
  }

  /** A user hears that a wish is safe. */
  acknowledged(key: string): void {
    assert.ok(this.#durable.has(key), `wish ${key} was acknowledged before it was durable`);
  }

  /** The first part of a commit is about to change the runs; the wish goes with the last part. */
  announce(run: RunState | undefined, wish: InboxCommand): void {
    this.#announced.set(wish.id, standingOf(run, wish));
  }

  /** How the run stood before the first part of the commit that strikes the wish off. */
  announced(wish: InboxCommand): Standing {
    return this.#announced.get(wish.id)!;
  }

  /** How the run stands now. */
  standing(run: RunState | undefined, wish: InboxCommand): Standing {
    return standingOf(run, wish);
  }

  handled(
    partition: number,
    ids: readonly string[],
    removed: readonly { wish: InboxCommand; before: Standing; after: Standing }[],
    records: readonly JournalRecord<RunEvent>[],
  ): void {
    for (const id of ids) {
      const key = `${partition}/${id}`;
      assert.ok(this.#sent.has(key), `wish ${key} was never sent`);
      assert.ok(!this.#handled.has(key), `wish ${key} was handled twice`);
      this.#handled.add(key);
    }
    for (const { wish, before, after } of removed) {
      const events = records.flatMap(({ runId, events }) => runId === wish.runId ? events : []);
      assert.ok(
        cameTrue(wish, before, after, events),
        `wish ${wish.id} (${wish.type} ${wish.runId}) was struck off, and nothing came of it`,
      );
    }
  }
}

const ENDS_TASK: ReadonlySet<string> = new Set([
  "TaskCompleted",
  "TaskFailed",
  "TaskSkipped",
  "TaskCancelled",
]);

/** Whether a wish took effect, or was rightly refused. */
function cameTrue(
  { type, body }: InboxCommand,
  before: Standing,
  after: Standing,
  events: readonly RunEvent[],
): boolean {
  const has = (name: RunEvent["type"]) => events.some((event) => event.type === name);
  // It may have closed, refused the wish, and been opened again in one append.
  const hasClosed = before.hasEnded || after.hasEnded || has("RunCompleted") ||
    has("RunFailed") || has("RunCancelled");
  switch (type) {
    case "submit":
      return before.isKnown || has("RunSubmitted");
    case "cancel":
      return !after.isKnown || hasClosed || has("RunCancelRequested");
    case "pause":
      return !after.isKnown || hasClosed || before.isPaused || before.isStopping ||
        after.isStopping || has("RunPaused");
    case "resume":
      return !before.isPaused || hasClosed || has("RunResumed") || after.isStopping;
    case "retry":
      return !before.hasEnded || before.status === "completed" || has("RunRetried");
    case "signal":
      return hasClosed || before.signalIds.includes(body.signalId as string) ||
        events.some((event) => event.type === "SignalReceived" && event.signalId === body.signalId);
    case "cancelTask":
      return !after.isKnown || hasClosed || before.hasTaskEnded || after.hasTaskEnded ||
        events.some((event) =>
          ENDS_TASK.has(event.type) && "task" in event && event.task === body.task
        );
    case "step":
      return before.inFlight === 0 || after.inFlight === 0 ||
        events.some((event) => event.type === "StepRecorded" && event.stepId === body.stepId);
    default:
      return before.inFlight === 0 || after.inFlight === 0;
  }
}

function standingOf(run: RunState | undefined, { type, body }: InboxCommand): Standing {
  if (run === undefined) {
    const nothing = {
      hasEnded: false,
      isPaused: false,
      isStopping: false,
      inFlight: 0,
      hasTaskEnded: false,
    };
    return { isKnown: false, status: "", signalIds: [], ...nothing };
  }
  const places = type === "lose" ? body.attempts : [body];
  const inFlight = (places as { task?: string; index: number; attempt: number }[])
    .filter(({ task, index, attempt }) => {
      const instance = task === undefined ? undefined : taskOf(run, task).instances[index];
      return instance?.status === "running" && instance.attempt === attempt;
    }).length;
  return {
    isKnown: true,
    status: run.status,
    hasEnded: hasEnded(run.status),
    isPaused: run.isPaused,
    isStopping: run.stop !== null,
    signalIds: [...run.signalIds],
    inFlight,
    hasTaskEnded: type === "cancelTask" && hasEnded(taskOf(run, String(body.task)).result.status),
  };
}

export type { Standing };
