/**
 * A span for each attempt that the cells of this node work on, and below it one for each step and
 * each message that the attempt sends. Whoever leads the run, the node that has the attempt makes
 * them: so each is made once.
 *
 * @module
 */
import {
  type Attributes,
  type Context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Attempt, AttemptOutcome, StepTimes } from "../../actors/attempt.ts";
import { ITEM, type MessageItem } from "../../actors/frames.ts";
import type { AttemptTracer, SettlingFrame } from "../cells/mod.ts";
import { failSpan } from "./fail_span.ts";
import type { RunSpans } from "./run_spans.ts";
import { formatTraceparent } from "./traceparent.ts";

interface OpenAttempt {
  span: Span;
  context: Context;
  /** Epoch milliseconds. */
  startedAt: number;
  calls: Set<Call>;
  /** Messages so far. */
  callCount: number;
}

/** A message that has not been taken, refused or answered. */
interface Call {
  span: Span;
  token: number;
  /** Those of the same worker, by token. */
  siblings: Map<number, Call>;
  attempt: OpenAttempt;
}

/** Messages of one attempt that have a span; those beyond are counted. */
const CALLS_MAX = 1_000;

export class AttemptSpans implements AttemptTracer {
  readonly #tracer: Tracer;
  readonly #runs: RunSpans;
  readonly #node: Attributes;
  readonly #attempts = new Map<Attempt, OpenAttempt>();
  /** Messages under way, by worker. */
  readonly #calls = new WeakMap<object, Map<number, Call>>();

  constructor(tracer: Tracer, runs: RunSpans, node: Attributes) {
    this.#tracer = tracer;
    this.#runs = runs;
    this.#node = node;
  }

  begin(attempt: Attempt): string | null {
    if (attempt.run === undefined) return null;
    const startedAt = Date.now();
    const run = this.#runs.open(attempt.runId, attempt.run, startedAt);
    // Not sampled: what the agent calls is to know of it.
    if (run.span === null) return attempt.run.traceparent ?? null;
    const span = this.#tracer.startSpan(`invoke_agent ${attempt.agent}`, {
      kind: SpanKind.INTERNAL,
      attributes: { ...this.#node, ...attributesOf(attempt) },
    }, run.context);
    const context = trace.setSpan(run.context, span);
    this.#attempts.set(attempt, { span, context, startedAt, calls: new Set(), callCount: 0 });
    return formatTraceparent(span.spanContext());
  }

  step(attempt: Attempt, { stepId, startedAt, endedAt, errorCode }: StepTimes): void {
    const open = this.#attempts.get(attempt);
    if (open === undefined) return;
    // The worker's word counts within what the node knows: after the beginning, before now.
    const now = Date.now() + 1;
    const from = Math.min(Math.max(startedAt, open.startedAt), now);
    const span = this.#tracer.startSpan(`step ${stepId}`, {
      kind: SpanKind.INTERNAL,
      startTime: from,
      attributes: { ...placeOf(attempt), "denizen.step.id": stepId },
    }, open.context);
    if (errorCode !== undefined) failSpan(span, errorCode);
    span.end(Math.min(Math.max(endedAt, from), now));
  }

  call(attempt: Attempt, cell: object, item: MessageItem): void {
    const open = this.#attempts.get(attempt);
    if (open === undefined) return;
    const token = item[2];
    if (item[0] === ITEM.CANCEL_ASK) {
      const call = this.#calls.get(cell)?.get(token);
      return call === undefined ? undefined : this.#endCall(call, "CANCELLED");
    }
    if (++open.callCount > CALLS_MAX) return;
    const siblings = this.#calls.get(cell) ?? new Map<number, Call>();
    this.#calls.set(cell, siblings);
    const call = { span: this.#startCall(attempt, open, item), token, siblings, attempt: open };
    siblings.set(token, call);
    open.calls.add(call);
  }

  #startCall(
    attempt: Attempt,
    open: OpenAttempt,
    [tag, , , to, type, , options]: Exclude<MessageItem, [9, ...unknown[]]>,
  ): Span {
    const isEvent = to.startsWith("topic:");
    const name = tag === ITEM.ASK ? "ask" : isEvent ? "emit" : "tell";
    const target = isEvent ? to.slice("topic:".length) : to.replace(/^actor:\/\/([^/]*).*$/s, "$1");
    return this.#tracer.startSpan(`${name} ${target}`, {
      kind: tag === ITEM.ASK ? SpanKind.CLIENT : SpanKind.PRODUCER,
      attributes: {
        ...placeOf(attempt),
        "messaging.system": "denizen",
        "messaging.operation.name": name,
        "messaging.operation.type": "send",
        "messaging.destination.name": to,
        ...(options?.id === undefined ? {} : { "messaging.message.id": options.id }),
        "denizen.message.type": type,
      },
    }, open.context);
  }

  settle(cell: object, frame: SettlingFrame): void {
    const calls = this.#calls.get(cell);
    if (calls === undefined || calls.size === 0) return;
    if (frame[0] === "answers") {
      for (const [token, , code] of frame[1]) this.#settleOne(calls, token, code);
      return;
    }
    for (const [first, last] of frame[1]) {
      for (let token = first; token <= last; token++) this.#settleOne(calls, token);
    }
    for (const [token, code] of frame[2]) this.#settleOne(calls, token, code);
  }

  #settleOne(calls: ReadonlyMap<number, Call>, token: number, code?: string): void {
    const call = calls.get(token);
    if (call !== undefined) this.#endCall(call, code);
  }

  #endCall(call: Call, code?: string): void {
    const { span, token, siblings, attempt } = call;
    siblings.delete(token);
    attempt.calls.delete(call);
    if (code !== undefined) failSpan(span, code);
    span.end();
  }

  end(attempt: Attempt, outcome: AttemptOutcome): void {
    const open = this.#attempts.get(attempt);
    if (open === undefined) return;
    if (outcome.status === "completed") open.span.setStatus({ code: SpanStatusCode.OK });
    else {
      failSpan(open.span, outcome.error.code, outcome.error.message);
      if (outcome.lost === true) open.span.setAttribute("denizen.attempt.lost", true);
    }
    this.#end(attempt, open);
  }

  #end(attempt: Attempt, open: OpenAttempt): void {
    this.#attempts.delete(attempt);
    const untraced = open.callCount - CALLS_MAX;
    if (untraced > 0) open.span.setAttribute("denizen.calls.untraced", untraced);
    // Nobody waits for what becomes of them any more.
    for (const call of [...open.calls]) this.#endCall(call, "ABANDONED");
    open.span.end();
  }

  /** The node ends; what is under way is begun anew elsewhere. */
  close(): void {
    for (const [attempt, open] of [...this.#attempts]) {
      failSpan(open.span, "NODE_STOPPED");
      open.span.setAttribute("denizen.attempt.lost", true);
      this.#end(attempt, open);
    }
  }
}

function placeOf({ runId, taskId, index, attempt }: Attempt): Attributes {
  return {
    "denizen.run.id": runId,
    "denizen.task.id": taskId,
    "denizen.task.index": index,
    "denizen.attempt.number": attempt,
  };
}

function attributesOf(attempt: Attempt): Attributes {
  const { agent, capability, term, steps, run } = attempt;
  return {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": agent,
    "gen_ai.workflow.name": run!.workflow,
    ...placeOf(attempt),
    ...(capability === undefined ? {} : { "denizen.capability": capability }),
    "denizen.term": term,
    ...(steps === undefined ? {} : { "denizen.attempt.steps_known": Object.keys(steps).length }),
  };
}
