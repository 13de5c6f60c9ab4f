/**
 * Runs as the control plane hands them out. Instants are ISO 8601 unless they end in `Ms`.
 *
 * @module
 */
import type { Abstention, AssignmentRecord, Bid } from "../../core/assignment.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { RunStatus, RunView, TaskStatus } from "../../workflows/mod.ts";
import type { RunSummary } from "../node/mod.ts";
import type { WorkflowSource } from "./registered_workflow.ts";
import type { TaskKind, TaskNode } from "./registered_workflow.ts";

/** A run to begin: of a registered workflow, or of one that comes along. */
export interface RunRequest {
  /** `name`, `name@1.2.0`, `name@^1` or `name@sha256:…`. Either this or `definition`. */
  workflow?: string;
  definition?: WorkflowSource["source"];
  /** With `definition`: see {@linkcode WorkflowSource}. */
  files?: WorkflowSource["files"];
  /** Default: none. */
  input?: JsonObject;
  /** At most 20 of 1 to 64 characters. */
  tags?: string[];
  /** Whose run it is to be; only for callers without a tenant of their own. */
  tenant?: string;
  /** Absolute folder that relative paths begin at. Default: that of the process. */
  workDir?: string;
  /** The same key of the same tenant answers the same run. */
  idempotencyKey?: string;
  /** Trace that it belongs to, as W3C `traceparent`. */
  traceparent?: string;
}

/** A run that was accepted: it is durable. */
export interface AcceptedRun {
  runId: string;
  workflow: string;
  version: string | null;
  packageHash: string;
  tenant: string | null;
  tags: string[];
  /** `pending`, or where the run of the same idempotency key stands. */
  status: RunStatus;
}

/** What a list of runs is narrowed to. All of it must hold. */
export interface RunFilters {
  status?: RunStatus[];
  /** Name of the workflow. */
  workflow?: string;
  /** A tag that it must have. */
  tag?: string;
  tenant?: string;
  /** Start of a run id, or a word in the workflow's name or a tag; case does not matter. */
  q?: string;
  /** Accepted at or after, epoch milliseconds. */
  sinceAt?: number;
  /** Accepted before, epoch milliseconds. */
  untilAt?: number;
}

/** One line of the list of runs. */
export interface RunListItem extends RunSummary {
  tenant: string | null;
  tags: string[];
  /** From acceptance to the end; `null` while it is open. */
  durationMs: number | null;
}

/** A run in full. */
export interface RunDetail extends RunView {
  tenant?: string;
  tags: string[];
  packageHash: string;
  /** It belongs to the nodes that serve the store, not to a process of its own. */
  isShared: boolean;
  /** Node that leads the run's partition; `null` while none does. */
  leader: string | null;
  /** Run that it was forked from. */
  parent?: string;
  /** Members whose value was too large to show, with their sizes in characters of JSON text. */
  truncated?: Record<string, number>;
}

/** The tasks of a run and what they wait for. */
export interface RunGraph {
  runId: string;
  workflow: string;
  version: string | null;
  packageHash: string;
  tasks: TaskNode[];
}

/** A value, or `null` beside the size of one that is too large to show. */
export interface ShownValue {
  value: Json;
  /** There only when it was cut: `value` is `null` then. */
  truncated?: true;
  /** Characters of the JSON text. */
  bytes: number;
}

/** One attempt of a task. */
export interface AttemptDetail {
  /** From 1. */
  attempt: number;
  /** Item of a `forEach`, from 0. */
  index?: number;
  /** Of a contest: number of the contender, from 0; who judges or merges comes behind the last. */
  contender?: number;
  /** With `contender`: which contest for this work, from 1. A retry of the run may hold another. */
  round?: number;
  agent: string;
  /** Node that did it. */
  node: string | null;
  /** `lost`: its node or worker died under it. */
  status: "running" | "completed" | "failed" | "cancelled" | "lost" | "repeated";
  startedAt: string;
  finishedAt: string | null;
  error: ErrorData | null;
  /** Why this agent; `null` where the workflow names it. */
  assignment: { text: string; record: AssignmentRecord } | null;
}

/** Why nobody does it for now. */
export interface DeferralDetail {
  /** In words. */
  text: string;
  why: Abstention;
  at: string;
  /** The work fails then. */
  giveUpAt: string;
}

/** An auction of an attempt. */
export interface AuctionDetail {
  attempt: number;
  /** Who is asked for bids. */
  agents: string[];
  openedAt: string;
  /** No bid counts after it. */
  closesAt: string;
  /** `null` while it is open. */
  bids: Bid[] | null;
}

/** Whose earlier result stands for the work. */
export interface ReuseDetail {
  /** In words. */
  text: string;
  runId: string;
  task: string;
  index?: number;
  agent: string;
  madeAt: string;
  /** 0 to 1; 1 for the same input. */
  similarity: number;
}

/** One of several agents that do the same work, or the one that judges or merges what they made. */
export interface ContenderDetail {
  /** From 0, as in its attempts. */
  contender: number;
  role: "contender" | "judge";
  agent: string | null;
  status: TaskStatus;
  /** Whether its result counts. */
  isWinner: boolean;
  /** Why this agent, in words. */
  text: string | null;
  output: ShownValue | null;
  error: ErrorData | null;
}

/** Several agents do the work; a rule makes one result of theirs. */
export interface ContestDetail {
  way: "vote" | "judge" | "merge";
  /** Whether it is settled; then `text` says how. */
  isSettled: boolean;
  text: string;
  /** Of a vote that was settled: how many returned the same, the most first. */
  votes: number[] | null;
  contenders: ContenderDetail[];
}

/** Who does a task and why, or why nobody does. */
export interface TaskAssignment {
  /** Of the newest attempt; `null`: nobody yet, see `deferred`, or nobody, see `reused`. */
  agent: string | null;
  /** In words. */
  text: string;
  /** What decided; `null` where the workflow names the agent. */
  record: AssignmentRecord | null;
  /** There only while it lasts. */
  deferred: DeferralDetail | null;
  /** The newest. */
  auction: AuctionDetail | null;
  reused: ReuseDetail | null;
  contest: ContestDetail | null;
}

/** A step that an agent finished. */
export interface StepDetail {
  stepId: string;
  index?: number;
  output: ShownValue;
  at: string;
}

/** Something that an agent asked for and was not granted. */
export interface DenialDetail {
  attempt: number;
  index?: number;
  permission: string;
  value: string | null;
  /** Attempts that shared the worker: any of them may have asked. */
  among?: number;
  at: string;
}

/** A task, or one item of a `forEach`, in full. */
export interface TaskDetail {
  /** `list`, or `measure[3]` for an item of a `forEach`. */
  id: string;
  kind: TaskKind;
  status: TaskStatus;
  /** Why it was skipped, in words. */
  reason: string | null;
  /** Agent of the newest attempt; `null` before. */
  agent: string | null;
  needs: string[];
  /** CEL text. */
  if: string | null;
  forEach: string | null;
  /** `null` while it cannot be said: what it is made of has not ended. */
  input: ShownValue | null;
  output: ShownValue | null;
  error: ErrorData | null;
  startedAt: string | null;
  finishedAt: string | null;
  /** The last 200, oldest first; of a `forEach`, of all its items. */
  attempts: AttemptDetail[];
  attemptsTotal: number;
  /** The last 200, oldest first. */
  steps: StepDetail[];
  stepsTotal: number;
  /** The last 200, oldest first. */
  denials: DenialDetail[];
  denialsTotal: number;
  /** Why nothing happens; `null` when something does, or the task has ended. */
  waitingFor: WaitReason | null;
  /** Why this agent, or why nobody; `null` when nothing was decided yet. */
  assignment: TaskAssignment | null;
  /** Of a `forEach`: items by status. */
  items?: ItemCounts;
}

/** Items of a `forEach` by status. */
export interface ItemCounts {
  total: number;
  pending: number;
  running: number;
  waiting: number;
  completed: number;
  failed: number;
  cancelled: number;
}

/** Why a task waits. */
export interface WaitReason {
  /** In words. */
  text: string;
  kind: "needs" | "worker" | "agent" | "time" | "signal" | "paused" | "leader" | "concurrency";
  /** Tasks that have to end first. */
  tasks: string[];
  /** With `time`, an agent that is waited for, or a signal that is not waited for longer. */
  until?: string;
  /** With `signal`. */
  signal?: string;
}

/** An event with its place in the run's history. */
export interface EventDocument {
  /** `SEGMENT.POSITION`: what `Last-Event-ID` takes. */
  id: string;
  event: Json;
}

/** A file that a run made. */
export interface RunFile {
  bytes: Uint8Array;
  contentType: string;
  /** Last part of the path. */
  name: string;
}

/** What came of one of many. */
export interface BulkResult {
  runId: string;
  ok: boolean;
  error?: ErrorData;
}
