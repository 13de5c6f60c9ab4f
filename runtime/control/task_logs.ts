/**
 * What the state of a run does not keep: every attempt, step and denial of its tasks. Pure.
 *
 * @module
 */
import type { AssignmentRecord, Bid, ReuseRecord } from "../../core/assignment.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { ContestPlaces, type Work } from "./contest_places.ts";
import type { AttemptDetail } from "./run_documents.ts";

/** One attempt. Instants are epoch milliseconds. */
export interface AttemptLine {
  attempt: number;
  /** 0 for a plain task. */
  index: number;
  work: Work;
  agent: string;
  node: string | null;
  status: AttemptDetail["status"];
  startedAt: number;
  finishedAt: number | null;
  error: ErrorData | null;
  /** `null` where the workflow names the agent. */
  assignment: AssignmentRecord | null;
}

/** An auction. Instants are epoch milliseconds. */
export interface AuctionLine {
  index: number;
  attempt: number;
  agents: string[];
  openedAt: number;
  closesAt: number;
  /** `null` while it is open. */
  bids: Bid[] | null;
}

/** A result that stood for the work. */
export interface ReuseLine {
  index: number;
  source: ReuseRecord;
}

/** A step that finished. */
export interface StepLine {
  stepId: string;
  work: Work;
  output: Json;
  at: number;
}

/** An access that was denied. */
export interface DenialLine {
  attempt: number;
  work: Work;
  permission: string;
  value: string | null;
  among?: number;
  at: number;
}

/** What happened to one task, in order. */
export interface TaskLog {
  attempts: AttemptLine[];
  steps: StepLine[];
  denials: DenialLine[];
  auctions: AuctionLine[];
  /** When nobody could do it, by item: the newest time. */
  deferredAt: Map<number, number>;
  /** What contenders returned, by {@linkcode keyOfWork}: a settled run keeps only what counts. */
  results: Map<string, Json>;
  /** Contests, by item. */
  rounds: Map<number, number>;
  /** Of votes that were settled, by item: how many returned the same, the most first. */
  votes: Map<number, number[]>;
  /** By item. */
  reuses: Map<number, ReuseLine>;
  /** Attempts in flight, by item. */
  open: Map<number, AttemptLine>;
}

/** Names what a contender does of an item, in one round. */
export function keyOfWork({ index, contender, round }: Work): string {
  return `${index}.${round}.${contender}`;
}

const NOTHING: TaskLog = createTaskLog();

function createTaskLog(): TaskLog {
  return {
    attempts: [],
    steps: [],
    denials: [],
    auctions: [],
    deferredAt: new Map(),
    results: new Map(),
    rounds: new Map(),
    votes: new Map(),
    reuses: new Map(),
    open: new Map(),
  };
}

/** The logs of a run's tasks. */
export class TaskLogs {
  readonly #logs = new Map<string, TaskLog>();
  readonly #places = new ContestPlaces();

  /** What happened to a task. */
  of(task: string): TaskLog {
    return this.#logs.get(task) ?? NOTHING;
  }

  /** Takes an event in; they come in order. */
  add(event: RunEvent): void {
    this.#places.add(event);
    switch (event.type) {
      case "AttemptStarted":
        return this.#start(event);
      case "AttemptFailed":
        return this.#end(event, {
          status: event.lost ? "lost" : event.error.code === "CANCELLED" ? "cancelled" : "failed",
          error: event.error,
        });
      case "TaskRepeated":
        return this.#end(event, { status: "repeated", error: null });
      case "TaskCompleted":
        this.#keepResult(event);
        return this.#end(event, { status: "completed", error: null });
      case "TaskFailed": {
        const { error } = event;
        const status = error.code === "CANCELLED" ? "cancelled" : "failed";
        return this.#end(event, { status, error });
      }
      case "TaskCancelled":
        return this.#end(event, { status: "cancelled", error: null });
      case "AssignmentDeferred":
        this.#log(event.task).deferredAt.set(event.index ?? 0, event.at);
        return;
      case "AuctionOpened":
        this.#log(event.task).auctions.push(auctionOf(event));
        return;
      case "AuctionClosed":
        return this.#award(event);
      case "ContestOpened": {
        const { rounds, votes } = this.#log(event.task);
        const { index = 0 } = event;
        rounds.set(index, (rounds.get(index) ?? 0) + 1);
        votes.delete(index);
        return;
      }
      case "ContestSettled":
        if (event.votes !== undefined) {
          this.#log(event.task).votes.set(event.index ?? 0, event.votes);
        }
        return;
      case "StepRecorded":
        this.#log(event.task).steps.push(stepOf(event, this.#places.of(event)));
        return;
      case "PermissionDenied":
        this.#log(event.task).denials.push(denialOf(event, this.#places.of(event)));
        return;
    }
  }

  #log(task: string): TaskLog {
    return this.#logs.getOrInsertComputed(task, createTaskLog);
  }

  #start(event: Extract<RunEvent, { type: "AttemptStarted" }>): void {
    const { task, index = 0, attempt, agent, node = null, assignment = null, at } = event;
    const log = this.#log(task);
    const line: AttemptLine = {
      attempt,
      index,
      work: this.#places.of(event),
      agent,
      node,
      status: "running",
      startedAt: at,
      finishedAt: null,
      error: null,
      assignment,
    };
    log.attempts.push(line);
    log.open.set(index, line);
  }

  #award({ task, index = 0, attempt, bids }: Extract<RunEvent, { type: "AuctionClosed" }>): void {
    const line = this.of(task).auctions.findLast((one) =>
      one.index === index && one.attempt === attempt
    );
    if (line !== undefined) line.bids = bids;
  }

  #keepResult(event: Extract<RunEvent, { type: "TaskCompleted" }>): void {
    const { task, index = 0, output, reused } = event;
    if (reused !== undefined) this.#log(task).reuses.set(index, { index, source: reused });
    const work = this.#places.of(event);
    if (work.contender !== undefined) this.#log(task).results.set(keyOfWork(work), output);
  }

  /** Without an index it is a plain task, or all items of a `forEach` at once. */
  #end(
    event: { task: string; index?: number; at: number },
    end: Pick<AttemptLine, "status" | "error">,
  ): void {
    const log = this.#logs.get(event.task);
    if (log === undefined) return;
    const { index, at } = event;
    for (const line of index === undefined ? [...log.open.values()] : [log.open.get(index)]) {
      if (line === undefined) continue;
      Object.assign(line, end, { finishedAt: at });
      log.open.delete(line.index);
    }
  }
}

function auctionOf(event: Extract<RunEvent, { type: "AuctionOpened" }>): AuctionLine {
  const { index = 0, attempt, agents, at, closesAt } = event;
  return { index, attempt, agents, openedAt: at, closesAt, bids: null };
}

function stepOf(event: Extract<RunEvent, { type: "StepRecorded" }>, work: Work): StepLine {
  const { stepId, output, at } = event;
  return { stepId, work, output, at };
}

function denialOf(event: Extract<RunEvent, { type: "PermissionDenied" }>, work: Work): DenialLine {
  const { attempt, permission, value, among, at } = event;
  return { attempt, work, permission, value, at, ...(among === undefined ? {} : { among }) };
}
