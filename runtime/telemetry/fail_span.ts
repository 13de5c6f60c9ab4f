import { type Span, SpanStatusCode } from "@opentelemetry/api";

/** Marks a span as failed, with the error's code as `error.type`. */
export function failSpan(span: Span, code: string, message = code): void {
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
