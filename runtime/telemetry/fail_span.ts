import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { redactText } from "./redact_text.ts";

/** Marks a span as failed, with the error's code as `error.type`. Its message may name anything. */
export function failSpan(span: Span, code: string, message = code): void {
  span.setAttribute("error.type", code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(message) });
}
