import { DenizenError } from "../core/errors.ts";

/** An expression that is well-formed could not be evaluated with the values it met. */
export class ExpressionError extends DenizenError {
  override readonly name = "ExpressionError";

  constructor(message: string, options: { hint?: string; source: string; offset?: number }) {
    const details = {
      source: options.source,
      ...(options.offset !== undefined && { offset: options.offset }),
    };
    super("EXPRESSION_FAILED", { message, hint: options.hint, details });
  }
}
