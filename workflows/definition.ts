/**
 * A workflow as data, after parsing: every default applied, every duration in milliseconds, every
 * expression kept as text. It is plain JSON, so its canonical text has a hash and a run can be
 * pinned to it.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
import type { RetryPolicy } from "../core/retry.ts";

/** A JSON Schema (2020-12) of an object. */
export type JsonSchema = JsonObject;

/**
 * A value in which any string may hold `${{ CEL }}`. A string that is one expression keeps the
 * value's type; inside longer text the value is formatted.
 */
export type Template = Json;

/** What an agent may reach; anything not listed is denied. Strings may hold expressions. */
export interface PermissionsSpec {
  /** Files and folders; relative ones start at the folder from which the run is started. */
  read?: string[];
  /** Files and folders, as for `read`; writing does not include reading. */
  write?: string[];
  /** `host` or `host:port`. */
  net?: string[];
  /** Names of environment variables. */
  env?: string[];
  /** Names of programs. They run with the full rights of the user. */
  run?: string[];
  /** Kinds of system information, as in `Deno.permissions`. */
  sys?: string[];
  /** Native libraries. They run with the full rights of the user. */
  ffi?: string[];
  /** Hosts that modules may be imported from. */
  import?: string[];
}

/** An agent that belongs to a workflow file. */
export interface AgentSpec {
  /** The name under `agents:`. */
  name: string;
  /** Path of the module, as written, relative to the workflow file. */
  module: string;
  /** What it may reach. */
  permissions: PermissionsSpec;
  /** Tasks at once in one worker. */
  concurrency: number;
  /** Workers: `min` are kept warm while a run needs the agent, `max` is the limit. */
  replicas: { min: number; max: number };
  /** Limit on heap, buffers and code of one worker, in MiB. */
  memoryMb: number;
}

/** How long closed runs are kept; what is absent is kept for ever. */
export interface RetentionPolicy {
  /** From the end of a run that completed. */
  completedMs?: number;
  /** From the end of a run that failed. */
  failedMs?: number;
  /** From the end of a run that was cancelled. */
  cancelledMs?: number;
  /** Closed runs of the workflow, however they ended; the newest are kept. */
  runsMax?: number;
}

/** Time limits of one task. */
export interface TaskTimeouts {
  /** From the start of one attempt to its end. */
  attemptMs: number;
  /** Over all attempts and the waits between them. */
  totalMs?: number;
  /** How long a worker's event loop may stay silent before it is killed as `UNRESPONSIVE`. */
  heartbeatMs: number;
}

/** Who or what does a task. */
export type TaskTarget =
  | { type: "agent"; agent: string }
  | { type: "capability"; capability: string }
  | { type: "value"; value: Template }
  | { type: "emit"; topic: string; payload: Template }
  | { type: "wait"; forMs: number }
  | { type: "waitSignal"; signal: string; timeoutMs?: number }
  | { type: "waitUntil"; until: string };

/** How a task that names a capability finds its agent; all of it may be left out. */
export interface AssignSpec {
  /** Only these: names of the file, `name` or `name@range` of registered agents. */
  pin?: string[];
  /** None of these; as for `pin`. */
  deny?: string[];
  /** What matters beside success; default `balanced`. */
  prefer?: "balanced" | "speed" | "cost" | "success";
  /** Most that an attempt may cost, in US dollars. */
  maxCostUsd?: number;
  /** The agent may reach no more than this. */
  permissions?: PermissionsSpec;
  /** How long the task waits while nobody can do it. */
  waitMs: number;
  /** Agents are asked for bids; those above `reserveUsd` are refused. */
  auction?: { bidTimeoutMs: number; reserveUsd?: number };
  /** Several agents do it; what most of them return counts. */
  vote?: { of: number; ties: "evidence" | "fail" };
  /** Several agents do it; an agent says whose result counts. */
  judge?: { of: number; by: string };
  /** Several agents do it; an agent, or an expression over `results`, makes one result of theirs. */
  merge?: { of: number; by?: string; value?: Template };
}

/** When an earlier result stands for the work. */
export interface ReuseSpec {
  /** Older results do not count. */
  maxAgeMs: number;
  /** 0 to 1; 1 asks for the same input. */
  minSimilarity: number;
}

/** One entry of `tasks:`. */
export interface TaskSpec {
  /** The name under `tasks:`. */
  id: string;
  /** Ids of tasks that must end before this one is decided on. */
  needs: string[];
  /** CEL without `${{ }}`; the task is skipped when it yields false. */
  if?: string;
  /** Who or what does it. */
  target: TaskTarget;
  /** Input of the target. */
  with: Template;
  /** CEL without `${{ }}`, must yield a list: the task runs once for each item. */
  forEach?: string;
  /** Items of the `forEach` at once; absent means as many as the run allows. */
  maxParallel?: number;
  /** When a failed attempt is tried again. */
  retry: RetryPolicy;
  /** Time limits. */
  timeout: TaskTimeouts;
  /** Expected duration: a hint, so that the longest way through the run starts first. */
  estimateMs?: number;
  /** Its failure does not fail the run; its output is then `null`. */
  continueOnError: boolean;
  /** Does the work when every attempt of the target failed. */
  fallback?: { agent: string };
  /** Of a task that names a capability. */
  assign?: AssignSpec;
  /** Of a task that names a capability. */
  reuse?: ReuseSpec;
  /** Runs the task again until `until` (CEL, sees `output`) holds. */
  repeat?: { until: string; everyMs: number; timesMax: number };
}

/** A whole workflow file. */
export interface WorkflowDefinition {
  /** Small letters, digits and hyphens. */
  name: string;
  /** Semantic version. */
  version?: string;
  /** What the workflow does, in words. */
  description?: string;
  /** Schema of the run's input; absent means that any object is taken. */
  input?: JsonSchema;
  /** Constants that expressions see as `vars`. */
  vars: JsonObject;
  /** In the order of the file. */
  agents: AgentSpec[];
  /** Path of the actor system file, as written, relative to the workflow file. */
  system?: string;
  /** Task instances of one run at once. */
  concurrency: number;
  /** From the start of a run to its end. */
  timeoutMs?: number;
  /** From submission to the end. */
  deadlineMs?: number;
  /** 0 low … 9 high. */
  priority: number;
  /** How long its closed runs are kept. */
  retain?: RetentionPolicy;
  /** In the order of the file. */
  tasks: TaskSpec[];
  /** Result of the run; absent means `null`. */
  output?: Template;
}
