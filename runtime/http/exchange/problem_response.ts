/**
 * The one place where errors become answers: RFC 9457 problem details.
 *
 * @module
 */
import { STATUS_TEXT } from "./status_text.ts";
import {
  ConflictError,
  DenizenError,
  ForbiddenError,
  InvalidInputError,
  InvariantError,
  type Issue,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from "../../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { Problem, ProblemIssue } from "../schemas/mod.ts";
import { HttpError } from "./http_error.ts";

/** Statuses of codes whose class says too little. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  // The content was read and understood, and is wrong.
  INVALID_WORKFLOW: 422,
  INVALID_INPUT: 422,
  WORKFLOW_FILES_WRONG: 422,
  WORKFLOW_NAME_DIFFERS: 422,
  AGENT_FILES_WRONG: 422,
  AGENT_IMPORT_REFUSED: 422,
  AGENT_INVALID: 422,
  AGENT_LIMIT: 422,
  AGENT_MANIFEST_INVALID: 422,
  AGENT_MODULE_NOT_FOUND: 422,
  AGENT_PERMISSIONS_UNGRANTED: 422,
  AGENT_SYNTAX: 422,
  CAPABILITY_LOOP: 422,
  INVALID_PERMISSION: 422,
  AGENT_UNKNOWN: 404,
  // draft-ietf-httpapi-idempotency-key-header-07 §2.7: the key was used with another payload.
  KEY_MISMATCH: 422,
  WORKFLOW_CHANGED: 412,
  RUN_FILE_TOO_LARGE: 422,
  // RFC 9110 §15.5.20: the request was sent to a server that is not the one of its host.
  HOST_NOT_ALLOWED: 421,
};

/** Classes whose status stands for all their codes. */
const STATUS_OF_CLASS: readonly (readonly [new (...args: never[]) => DenizenError, number])[] = [
  [UnauthenticatedError, 401],
  [ForbiddenError, 403],
  [ConflictError, 409],
  [RateLimitedError, 429],
  [UnavailableError, 503],
  [InvariantError, 500],
];

/** Status that an error is answered with. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  if (!(error instanceof DenizenError)) return 500;
  const status = STATUS_OF_CODE[error.code];
  if (status !== undefined) return status;
  if (error instanceof InvalidInputError) return error.code.endsWith("_NOT_FOUND") ? 404 : 400;
  return STATUS_OF_CLASS.find(([Class]) => error instanceof Class)?.[1] ?? 500;
}

/** What the client is told of an error. What is no {@linkcode DenizenError} stays inside. */
export function toProblem(error: unknown, requestId: string): Problem {
  const status = statusOf(error);
  const known = error instanceof DenizenError ? error : null;
  const code = known?.code ?? "INTERNAL";
  return {
    type: `/docs#error-${code}`,
    title: STATUS_TEXT[status] ?? "Error",
    status,
    detail: known?.message ?? "Something failed that should not have",
    code,
    ...(known === null
      ? { hint: `Look for request ${requestId} in the node's log, and report it` }
      : known.hint === undefined
      ? {}
      : { hint: known.hint }),
    instance: requestId,
    ...detailsOf(known),
  };
}

/** Issues stand on their own; the other details beside them. */
function detailsOf(error: DenizenError | null): Pick<Problem, "details" | "issues"> {
  if (error === null) return {};
  const { issues, ...details } = error.details ?? {};
  // Of a workflow file, each with its line and column; of a request, with its part.
  const listed = (error as { issues?: (ProblemIssue | Issue)[] }).issues;
  const found = listed?.map((issue) => ({ ...issue })) ??
    (Array.isArray(issues) ? issues.filter(isJsonObject).map(toIssue) : null);
  return {
    ...(Object.keys(details).length === 0 ? {} : { details }),
    ...(found === null ? {} : { issues: found }),
  };
}

function toIssue(issue: JsonObject): ProblemIssue {
  const pointer = issue.pointer ?? issue.instancePath ?? "";
  return { ...issue, pointer: text(pointer), message: text(issue.message ?? "") } as ProblemIssue;
}

function text(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What answers were made of, for the audit log. */
const errors = new WeakMap<Response, unknown>();

/** The error that {@linkcode problemResponse} made an answer of. */
export function errorOf(response: Response): unknown {
  return errors.get(response);
}

/** An error as the answer to a request. */
export function problemResponse(error: unknown, requestId: string): Response {
  const problem = toProblem(error, requestId);
  const headers: Record<string, string> = {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  };
  if (error instanceof UnavailableError) {
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  }
  if (problem.status === 401) headers["www-authenticate"] = 'Bearer realm="denizen"';
  if (error instanceof HttpError) Object.assign(headers, error.headers);
  const response = new Response(JSON.stringify(problem), { status: problem.status, headers });
  errors.set(response, error);
  return response;
}
