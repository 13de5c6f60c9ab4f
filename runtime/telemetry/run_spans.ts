/**
 * The span of each run that this node leads, and of those tasks of it that no cell works on.
 *
 * @module
 */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";
import type { TracedRun } from "../../actors/attempt.ts";
import { ACTOR_SYSTEM, type RunEvent } from "../../workflows/mod.ts";
import { failSpan } from "./fail_span.ts";
import { parseTraceparent } from "./traceparent.ts";

/** A run that is under way. */
export interface OpenRun {
  runId: string;
  traced: TracedRun;
  /** `null` where its trace is not sampled. */
  span: Span | null;
  /** What its attempts are children of. */
  context: Context;
  /** It was closed, and goes on. */
  wasRetried: boolean;
  /** Spans of tasks that wait or publish, by task and item. */
  tasks: Map<string, Span>;
}

/** Runs that closed, of which a retry may come before their journal is read again. */
const CLOSED_MAX = 1_000;

export class RunSpans {
  readonly #tracer: Tracer;
  readonly #node: Attributes;
  readonly #open = new Map<string, OpenRun>();
  readonly #closed = new Set<string>();

  constructor(tracer: Tracer, node: Attributes) {
    this.#tracer = tracer;
    this.#node = node;
  }

  get size(): number {
    return this.#open.size;
  }

  find(runId: string): OpenRun | undefined {
    return this.#open.get(runId);
  }

  /**
   * The run's span, made where there is none: from its submission, or, where another process or an
   * earlier life of the run had it before, from now on.
   */
  open(runId: string, traced: TracedRun, now: number): OpenRun {
    const known = this.#open.get(runId);
    if (known !== undefined) return known;
    const parent = parseTraceparent(traced.traceparent);
    const parents = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const isSampled = parent === null || (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    const isFresh = !traced.isTakenOn && !this.#closed.has(runId);
    const startTime = isFresh ? traced.submittedAt : now;
    const span = isSampled ? this.#start(runId, traced, startTime, parents) : null;
    const run: OpenRun = {
      runId,
      traced: { ...traced, isTakenOn: !isFresh },
      span,
      context: span === null ? parents : trace.setSpan(parents, span),
      wasRetried: false,
      tasks: new Map(),
    };
    this.#open.set(runId, run);
    return run;
  }

  #start(runId: string, { workflow, version }: TracedRun, startTime: number, parents: Context) {
    return this.#tracer.startSpan(`invoke_workflow ${workflow}`, {
      kind: SpanKind.INTERNAL,
      startTime,
      attributes: {
        ...this.#node,
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": workflow,
        ...(version === null ? {} : { "denizen.workflow.version": version }),
        "denizen.run.id": runId,
      },
    }, parents);
  }

  /** What the journal says of a run that is open here. */
  note(run: OpenRun, event: RunEvent): void {
    switch (event.type) {
      case "TaskWaiting":
        return this.#startTask(run, event, "wait", SpanKind.INTERNAL);
      case "AttemptStarted":
        if (event.agent !== ACTOR_SYSTEM) return;
        return this.#startTask(run, event, "publish", SpanKind.PRODUCER);
      case "TaskCompleted":
      case "TaskCancelled":
        return this.#endTask(run, event);
      case "AttemptFailed":
      case "TaskFailed":
        return this.#endTask(run, event, event.error.code);
      case "RunRetried":
        run.wasRetried = true;
        return;
      case "RunPaused":
      case "RunResumed":
        run.span?.addEvent(event.type);
        return;
      case "RunCompleted":
        return this.#close(run, "completed");
      case "RunCancelled":
        return this.#close(run, "cancelled");
      case "RunFailed":
        return this.#close(run, "failed", event.error);
    }
  }

  #startTask(
    run: OpenRun,
    { task, index, at }: { task: string; index?: number; at: number },
    verb: "wait" | "publish",
    kind: SpanKind,
  ): void {
    if (run.span === null) return;
    const span = this.#tracer.startSpan(`${verb} ${task}`, {
      kind,
      startTime: Math.min(at, Date.now()),
      attributes: {
        "denizen.run.id": run.runId,
        "denizen.task.id": task,
        ...(index === undefined ? {} : { "denizen.task.index": index }),
      },
    }, run.context);
    run.tasks.set(placeOf(task, index), span);
  }

  #endTask(run: OpenRun, { task, index }: { task: string; index?: number }, code?: string): void {
    const place = placeOf(task, index);
    const span = run.tasks.get(place);
    if (span === undefined) return;
    run.tasks.delete(place);
    if (code !== undefined) failSpan(span, code);
    span.end();
  }

  #close(run: OpenRun, status: string, error?: { code: string; message: string }): void {
    this.#closed.delete(run.runId);
    this.#closed.add(run.runId);
    if (this.#closed.size > CLOSED_MAX) {
      this.#closed.delete(this.#closed.values().next().value!);
    }
    run.span?.setAttribute("denizen.run.status", status);
    if (error !== undefined) run.span && failSpan(run.span, error.code, error.message);
    else if (status === "completed") run.span?.setStatus({ code: SpanStatusCode.OK });
    this.#end(run);
  }

  /** Runs that this node no longer leads: their spans here end, others go on in the trace. */
  handOver(isMeant: (runId: string) => boolean): void {
    for (const run of [...this.#open.values()]) {
      if (!isMeant(run.runId)) continue;
      run.span?.setAttribute("denizen.run.handed_over", true);
      this.#end(run);
    }
  }

  #end(run: OpenRun): void {
    this.#open.delete(run.runId);
    for (const span of run.tasks.values()) span.end();
    const { span, wasRetried, traced: { isTakenOn } } = run;
    if (span === null) return;
    if (wasRetried) span.setAttribute("denizen.run.retried", true);
    else if (isTakenOn) span.setAttribute("denizen.run.recovered", true);
    span.end();
  }
}

function placeOf(task: string, index: number | undefined): string {
  return `${index ?? ""}#${task}`;
}
