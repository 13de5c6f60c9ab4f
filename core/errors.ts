/**
 * One family of errors, named by what the caller should do next. Each carries a stable `code`
 * (listed in `docs/errors.md`), a `hint` for the next step and `details` for machines.
 *
 * @module
 */
import type { JsonObject } from "./json.ts";

/** What every Denizen error carries beside its code. */
export interface ErrorOptions {
  /** What was wrong, verb first, values in quotes, no final stop. */
  message: string;
  /** What to do next. */
  hint?: string;
  /** Facts for machines: pointers, limits, ids. */
  details?: JsonObject;
  /** The error below this one. */
  cause?: unknown;
}

/** Base of all errors that Denizen throws on purpose. */
export class DenizenError extends Error {
  /** The class's name. */
  override readonly name: string = "DenizenError";
  /** `UPPER_SNAKE`; see `docs/errors.md`. */
  readonly code: string;
  /** What to do next. */
  readonly hint?: string;
  /** Facts for machines. */
  readonly details?: JsonObject;

  /** An error with a code of the catalogue. */
  constructor(code: string, options: ErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** The request is wrong: mend it and send it again. */
export class InvalidInputError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "InvalidInputError";
}

/** Somebody else was first: read again, then decide. */
export class ConflictError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "ConflictError";
}

/** A part is not reachable now: wait `retryAfterMs`, then try again. */
export class UnavailableError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "UnavailableError";
  /** How long to wait before the next try. */
  readonly retryAfterMs: number;

  /** An error with the time to wait, one second by default. */
  constructor(code: string, options: ErrorOptions & { retryAfterMs?: number }) {
    super(code, options);
    this.retryAfterMs = options.retryAfterMs ?? 1_000;
  }
}

/** Nobody knows who asks: sign in, or send a key or token that is valid. */
export class UnauthenticatedError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "UnauthenticatedError";
}

/** Who asks may not do this: ask for the right, or do something else. */
export class ForbiddenError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "ForbiddenError";
}

/** Who asks did so too often: wait `retryAfterMs`, then try again, less often. */
export class RateLimitedError extends UnavailableError {
  /** The class's name. */
  override readonly name: string = "RateLimitedError";
}

/** A promise of the code itself is broken: a bug. Stop the part that found it. */
export class InvariantError extends DenizenError {
  /** The class's name. */
  override readonly name: string = "InvariantError";
}

/** An error as data: what journals, frames and JSON output carry. */
export interface ErrorData {
  /** `UPPER_SNAKE`; see `docs/errors.md`. */
  code: string;
  /** What was wrong, verb first, values in quotes, no final stop. */
  message: string;
  /** What to do next. */
  hint?: string;
  /** Facts for machines. */
  details?: JsonObject;
  /** Overrides the code's own answer to "may another attempt succeed?". */
  retryable?: boolean;
}

/** Where a file is wrong, and what to write instead: one entry of `validate --json`. */
export interface Issue {
  /** `UPPER_SNAKE`; see `docs/errors.md`. */
  code: string;
  /** Warnings do not refuse the file. */
  severity: "error" | "warning";
  /** What is wrong, verb first, values in quotes, no final stop. */
  message: string;
  /** What to write instead. */
  hint: string;
  /** Path as the user gave it. */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
  /** JSON pointer (RFC 6901) into the file. */
  pointer: string;
}

/**
 * An error as data, for journals, frames and `--json`. What is no {@linkcode DenizenError} becomes
 * `INTERNAL`: the message is kept, the stack trace is not.
 */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof DenizenError) {
    const data: ErrorData = { code: error.code, message: error.message };
    if (error.hint !== undefined) data.hint = error.hint;
    if (error.details !== undefined) data.details = error.details;
    return data;
  }
  return { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
}

/** A thrown error as data. Only errors made for users pass; anything else is a bug and goes on. */
export function describeFailure(error: unknown): ErrorData {
  if (!(error instanceof DenizenError)) throw error;
  const { code, message, hint, details } = error;
  return { code, message, hint, details };
}
