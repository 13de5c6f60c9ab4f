/**
 * Turns a checked file into a definition: defaults applied, durations in milliseconds.
 *
 * @module
 */
import { entriesOf, memberOf, toPlain, type TreeNode } from "../core/document/mod.ts";
import { parseDurationMs } from "../core/duration.ts";
import type { Json, JsonObject } from "../core/json.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "../core/retry.ts";
import { wholeExpression } from "../rules/mod.ts";
import { type AssignDraft, buildAssign, buildReuse, type ReuseDraft } from "./build_assign.ts";
import type {
  AgentSpec,
  PermissionsSpec,
  RetentionPolicy,
  TaskSpec,
  TaskTarget,
  TaskTimeouts,
  WorkflowDefinition,
} from "./definition.ts";

/** Time limits of a task that says nothing. */
export const DEFAULT_TIMEOUTS: TaskTimeouts = { attemptMs: 300_000, heartbeatMs: 5_000 };

/** A file as written, after it was found to fit the format. */
interface Draft {
  name: string;
  version?: string;
  description?: string;
  input?: JsonObject;
  vars?: JsonObject;
  system?: string;
  concurrency?: number;
  timeout?: string;
  deadline?: string;
  priority?: number;
  retain?: { completed?: string; failed?: string; cancelled?: string; runs?: number };
  defaults?: { timeout?: TimeoutDraft; retry?: RetryDraft; continueOnError?: boolean };
  output?: Json;
}

interface AgentDraft {
  module: string;
  permissions?: PermissionsSpec;
  concurrency?: number;
  replicas?: { min?: number; max?: number };
  memoryMb?: number;
}

type TimeoutDraft = string | { attempt?: string; total?: string; heartbeat?: string };

interface RetryDraft {
  maxAttempts?: number;
  backoff?: { initial?: string; factor?: number; max?: string; jitter?: "full" | "none" };
  on?: string[];
}

interface TaskDraft {
  needs?: string[];
  if?: string | boolean;
  forEach?: string | Json[];
  maxParallel?: number;
  agent?: string;
  capability?: string;
  value?: Json;
  wait?: { for?: string; until?: string; signal?: string; timeout?: string };
  emit?: { topic: string; payload?: Json };
  with?: Json;
  retry?: RetryDraft;
  timeout?: TimeoutDraft;
  estimate?: string;
  continueOnError?: boolean;
  fallback?: { agent: string };
  repeat?: { until: string; every?: string; maxTimes?: number };
  assign?: AssignDraft;
  reuse?: ReuseDraft;
}

/** The definition of a file without errors. */
export function buildDefinition(root: TreeNode): WorkflowDefinition {
  // The shape was checked node by node before: see format.ts.
  const draft = toPlain(root) as unknown as Draft;
  return {
    name: draft.name,
    ...given("version", draft.version),
    ...given("description", draft.description),
    ...given("input", draft.input),
    vars: draft.vars ?? {},
    agents: inOrder<AgentDraft>(root, "agents").map(([name, agent]) => buildAgent(name, agent)),
    ...given("system", draft.system),
    concurrency: draft.concurrency ?? 16,
    ...givenMs("timeoutMs", draft.timeout),
    ...givenMs("deadlineMs", draft.deadline),
    priority: draft.priority ?? 5,
    ...given("retain", draft.retain && buildRetention(draft.retain)),
    tasks: inOrder<TaskDraft>(root, "tasks").map(([id, task]) => buildTask(id, task, draft)),
    ...given("output", draft.output),
  };
}

/** Entries in the order of the file. An object of JavaScript would put "10" before "a". */
function inOrder<T>(root: TreeNode, key: string): [name: string, draft: T][] {
  return entriesOf(memberOf(root, key)).map(({ key, value }) => [key, toPlain(value) as T]);
}

/** A member only where there is a value, so that equal files have equal canonical text. */
function given<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { [key in K]: V };
}

function givenMs<K extends string>(key: K, text: string | undefined): { [key in K]?: number } {
  return given(key, text === undefined ? undefined : toMs(text));
}

function toMs(text: string): number {
  return parseDurationMs(text)!;
}

function buildRetention(draft: NonNullable<Draft["retain"]>): RetentionPolicy {
  return {
    ...givenMs("completedMs", draft.completed),
    ...givenMs("failedMs", draft.failed),
    ...givenMs("cancelledMs", draft.cancelled),
    ...given("runsMax", draft.runs),
  };
}

function buildAgent(name: string, draft: AgentDraft): AgentSpec {
  return {
    name,
    module: draft.module,
    permissions: draft.permissions ?? {},
    concurrency: draft.concurrency ?? 1,
    replicas: { min: 0, max: 2, ...draft.replicas },
    memoryMb: draft.memoryMb ?? 256,
  };
}

function buildTask(id: string, draft: TaskDraft, file: Draft): TaskSpec {
  const { defaults } = file;
  return {
    id,
    needs: draft.needs ?? [],
    ...given("if", draft.if === undefined ? undefined : bareExpression(draft.if)),
    target: buildTarget(draft),
    with: draft.with ?? {},
    ...given("forEach", draft.forEach === undefined ? undefined : bareExpression(draft.forEach)),
    ...given("maxParallel", draft.maxParallel),
    retry: buildRetry(draft.retry, buildRetry(defaults?.retry, DEFAULT_RETRY)),
    timeout: buildTimeouts(draft.timeout, buildTimeouts(defaults?.timeout, DEFAULT_TIMEOUTS)),
    ...givenMs("estimateMs", draft.estimate),
    continueOnError: draft.continueOnError ?? defaults?.continueOnError ?? false,
    ...(draft.emit === undefined
      ? {
        ...given("fallback", draft.fallback),
        ...given("repeat", draft.repeat && buildRepeat(draft.repeat)),
        ...buildAssignment(draft),
      }
      : {}),
  };
}

/** Of a task that names a capability. */
function buildAssignment({ capability, assign, reuse }: TaskDraft) {
  if (capability === undefined) return {};
  return {
    ...given("assign", assign && buildAssign(assign)),
    ...given("reuse", reuse && buildReuse(reuse)),
  };
}

/** CEL without `${{ }}`. A constant is CEL as it stands, because JSON is. */
function bareExpression(value: string | Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  return wholeExpression(value)!;
}

function buildTarget(draft: TaskDraft): TaskTarget {
  if (draft.agent !== undefined) return { type: "agent", agent: draft.agent };
  if (draft.capability !== undefined) return { type: "capability", capability: draft.capability };
  if (draft.emit !== undefined) {
    return { type: "emit", topic: draft.emit.topic, payload: draft.emit.payload ?? null };
  }
  if (draft.wait?.for !== undefined) return { type: "wait", forMs: toMs(draft.wait.for) };
  if (draft.wait?.signal !== undefined) {
    const { signal, timeout } = draft.wait;
    return {
      type: "waitSignal",
      signal,
      ...(timeout === undefined ? {} : { timeoutMs: toMs(timeout) }),
    };
  }
  if (draft.wait?.until !== undefined) return { type: "waitUntil", until: draft.wait.until };
  return { type: "value", value: draft.value ?? null };
}

function buildRetry(draft: RetryDraft | undefined, base: RetryPolicy): RetryPolicy {
  const { backoff } = draft ?? {};
  const initialMs = backoff?.initial === undefined ? base.backoff.initialMs : toMs(backoff.initial);
  const maxMs = backoff?.max === undefined ? base.backoff.maxMs : toMs(backoff.max);
  return {
    maxAttempts: draft?.maxAttempts ?? base.maxAttempts,
    backoff: {
      initialMs,
      factor: backoff?.factor ?? base.backoff.factor,
      maxMs: Math.max(initialMs, maxMs),
      jitter: backoff?.jitter ?? base.backoff.jitter,
    },
    ...given("on", draft?.on ?? base.on),
  };
}

function buildTimeouts(draft: TimeoutDraft | undefined, base: TaskTimeouts): TaskTimeouts {
  const limits = typeof draft === "string" ? { attempt: draft } : draft;
  return {
    attemptMs: limits?.attempt === undefined ? base.attemptMs : toMs(limits.attempt),
    ...given("totalMs", limits?.total === undefined ? base.totalMs : toMs(limits.total)),
    heartbeatMs: limits?.heartbeat === undefined ? base.heartbeatMs : toMs(limits.heartbeat),
  };
}

function buildRepeat(draft: NonNullable<TaskDraft["repeat"]>): NonNullable<TaskSpec["repeat"]> {
  return {
    until: bareExpression(draft.until),
    everyMs: toMs(draft.every ?? "10s"),
    timesMax: draft.maxTimes ?? 60,
  };
}
