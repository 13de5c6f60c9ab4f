/**
 * W3C trace context as text: https://www.w3.org/TR/trace-context/#traceparent-header
 *
 * @module
 */
import {
  context,
  isSpanContextValid,
  type SpanContext,
  SpanKind,
  trace,
  TraceFlags,
  type Tracer,
} from "@opentelemetry/api";

/** The instrumentation scope of every span of ours. */
export const SCOPE = "denizen";

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** What a `traceparent` names; `null` when it is none. */
export function parseTraceparent(text: string | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? "") ?? [];
  if (traceId === undefined) return null;
  const found = {
    traceId,
    spanId: spanId!,
    traceFlags: parseInt(flags!, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(found) ? found : null;
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** Whether anybody takes spans: `OTEL_DENO` is set, and traces are not switched off. */
export function isTracing(tracer: Tracer = trace.getTracer(SCOPE)): boolean {
  // Never ended, so never exported.
  return tracer.startSpan("probe").isRecording();
}

/**
 * What a run is to be submitted with, as `origin.traceparent`: it names the span that is active, such
 * as that of the HTTP request. Where none is, a short one is made, so that whoever leads the run
 * later goes on in the same trace. Undefined when nobody takes spans.
 */
export function submissionTraceparent(workflow: string): string | undefined {
  const active = trace.getSpan(context.active())?.spanContext();
  if (active !== undefined && isSpanContextValid(active)) return formatTraceparent(active);
  const name = `submit ${workflow}`;
  const span = trace.getTracer(SCOPE).startSpan(name, { kind: SpanKind.PRODUCER, root: true });
  span.setAttribute("gen_ai.workflow.name", workflow);
  span.end();
  const made = span.spanContext();
  return isSpanContextValid(made) ? formatTraceparent(made) : undefined;
}
