/**
 * Counts what happens to the runs that this node leads.
 *
 * @module
 */
import { Counter, Histogram, type Registry } from "prom-client";
import type { RunEvent } from "../../workflows/mod.ts";
import type { RunUpdate } from "../node/mod.ts";
import { BoundedLabel } from "./bounded_label.ts";

/** Workflow and submission of a run that this node did not see begin. */
export type FindRun = (
  runId: string,
) => Promise<{ workflow: string; submittedAt: number } | null>;

interface StartedAttempt {
  agent: string;
  at: number;
}

/** Runs and attempts under way that are kept in mind; of more than these, durations are not told. */
const KNOWN_MAX = 100_000;
const WORKFLOWS_MAX = 100;
const AGENTS_MAX = 200;
const ATTEMPT_BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200];
const RUN_BUCKETS_S = [0.05, 0.2, 1, 5, 15, 60, 300, 1_800, 7_200, 43_200, 259_200];

type Closed = Extract<RunEvent, { type: "RunCompleted" | "RunFailed" | "RunCancelled" }>;

const STATUS = { RunCompleted: "completed", RunFailed: "failed", RunCancelled: "cancelled" };

export class RunMetrics {
  readonly #runs = new Map<string, { workflow: string; submittedAt: number }>();
  /** By run, then by task and item. */
  readonly #attempts = new Map<string, Map<string, StartedAttempt>>();
  readonly #workflow = new BoundedLabel(WORKFLOWS_MAX);
  readonly #agent = new BoundedLabel(AGENTS_MAX);
  readonly #submitted: Counter<"workflow">;
  readonly #closed: Counter<"workflow" | "status">;
  readonly #runSeconds: Histogram<"workflow">;
  readonly #attemptCount: Counter<"agent" | "outcome">;
  readonly #attemptSeconds: Histogram<"agent">;
  readonly #denials: Counter<"permission">;
  readonly #find: FindRun;

  constructor(register: Registry, find: FindRun) {
    const registers = [register];
    this.#find = find;
    this.#submitted = new Counter({
      name: "denizen_runs_submitted_total",
      help: "Runs that began on this node.",
      labelNames: ["workflow"],
      registers,
    });
    this.#closed = new Counter({
      name: "denizen_runs_closed_total",
      help: "Runs that ended on this node; status is completed, failed or cancelled.",
      labelNames: ["workflow", "status"],
      registers,
    });
    this.#runSeconds = new Histogram({
      name: "denizen_run_duration_seconds",
      help: "From submission to end of a run.",
      labelNames: ["workflow"],
      buckets: RUN_BUCKETS_S,
      registers,
    });
    this.#attemptCount = new Counter({
      name: "denizen_task_attempts_total",
      help: "Attempts of tasks that ended; outcome is completed, failed, lost or cancelled.",
      labelNames: ["agent", "outcome"],
      registers,
    });
    this.#attemptSeconds = new Histogram({
      name: "denizen_task_attempt_duration_seconds",
      help: "From the start of an attempt in the journal to its end there.",
      labelNames: ["agent"],
      buckets: ATTEMPT_BUCKETS_S,
      registers,
    });
    this.#denials = new Counter({
      name: "denizen_permission_denials_total",
      help: "Accesses that agents tried and were not granted.",
      labelNames: ["permission"],
      registers,
    });
  }

  observe({ runId, event }: RunUpdate): void {
    switch (event?.type) {
      case "RunSubmitted":
        return this.#submit(runId, event);
      case "AttemptStarted":
        return this.#start(runId, event);
      case "TaskCompleted":
      case "TaskRepeated":
        return this.#end(runId, event, "completed");
      case "TaskCancelled":
        return this.#end(runId, event, "cancelled");
      case "AttemptFailed":
        return this.#end(runId, event, event.lost === true ? "lost" : "failed");
      case "PermissionDenied":
        return this.#denials.inc({ permission: event.permission });
      case "RunCompleted":
      case "RunFailed":
      case "RunCancelled":
        return this.#close(runId, event);
    }
  }

  #submit(runId: string, event: Extract<RunEvent, { type: "RunSubmitted" }>): void {
    const workflow = this.#workflow.of(event.workflow);
    this.#submitted.inc({ workflow });
    if (this.#runs.size < KNOWN_MAX) this.#runs.set(runId, { workflow, submittedAt: event.at });
  }

  #start(runId: string, event: Extract<RunEvent, { type: "AttemptStarted" }>): void {
    let attempts = this.#attempts.get(runId);
    if (attempts === undefined) {
      if (this.#attempts.size >= KNOWN_MAX) return;
      this.#attempts.set(runId, attempts = new Map());
    }
    attempts.set(placeOf(event), { agent: this.#agent.of(event.agent), at: event.at });
  }

  /** A task that no agent worked on, or whose start was not seen here, is no attempt. */
  #end(
    runId: string,
    event: { task: string; index?: number; at: number },
    outcome: "completed" | "failed" | "lost" | "cancelled",
  ): void {
    const attempts = this.#attempts.get(runId);
    const started = attempts?.get(placeOf(event));
    if (started === undefined) return;
    attempts!.delete(placeOf(event));
    if (attempts!.size === 0) this.#attempts.delete(runId);
    const { agent } = started;
    this.#attemptCount.inc({ agent, outcome });
    this.#attemptSeconds.observe({ agent }, Math.max(0, event.at - started.at) / 1_000);
  }

  #close(runId: string, event: Closed): void {
    this.#attempts.delete(runId);
    const known = this.#runs.get(runId);
    this.#runs.delete(runId);
    if (known !== undefined) return this.#count(known, event);
    // It began elsewhere, or before this process.
    this.#find(runId).then((found) => {
      if (found === null) return;
      this.#count({ ...found, workflow: this.#workflow.of(found.workflow) }, event);
    }, () => {});
  }

  #count(
    { workflow, submittedAt }: { workflow: string; submittedAt: number },
    { type, at }: Closed,
  ): void {
    this.#closed.inc({ workflow, status: STATUS[type] });
    this.#runSeconds.observe({ workflow }, Math.max(0, at - submittedAt) / 1_000);
  }

  /** Runs that are led elsewhere now: what they do next is not seen here. */
  forget(isMeant: (runId: string) => boolean): void {
    for (const known of [this.#runs, this.#attempts]) {
      for (const runId of [...known.keys()]) if (isMeant(runId)) known.delete(runId);
    }
  }
}

function placeOf({ task, index }: { task: string; index?: number }): string {
  return `${index ?? ""}#${task}`;
}
