import { DenizenError, type ErrorOptions } from "../../../core/errors.ts";
import type { ProblemIssue } from "../schemas/mod.ts";

/** A request that HTTP itself has an answer for, with its status and headers. */
export class HttpError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "HttpError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What is wrong, part by part. */
  readonly issues?: ProblemIssue[];

  constructor(
    status: number,
    code: string,
    options: ErrorOptions & { headers?: Record<string, string>; issues?: ProblemIssue[] },
  ) {
    super(code, options);
    this.status = status;
    this.headers = options.headers ?? {};
    this.issues = options.issues;
  }
}
