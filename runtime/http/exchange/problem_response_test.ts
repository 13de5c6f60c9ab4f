import assert from "node:assert/strict";
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  InvariantError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from "../../../core/errors.ts";
import { problemSchema } from "../schemas/mod.ts";
import { HttpError } from "./http_error.ts";
import { problemResponse, statusOf, toProblem } from "./problem_response.ts";
import { STATUS_TEXT } from "./status_text.ts";

const message = "Cannot do it";

Deno.test("statusOf() follows the class of an error, and its code where that says more", () => {
  const cases: [error: unknown, status: number][] = [
    [new InvalidInputError("OPTION_VALUE_WRONG", { message }), 400],
    [new InvalidInputError("RUN_NOT_FOUND", { message }), 404],
    [new InvalidInputError("INVALID_WORKFLOW", { message }), 422],
    [new UnauthenticatedError("CREDENTIALS_INVALID", { message }), 401],
    [new ForbiddenError("ROLE_INSUFFICIENT", { message }), 403],
    [new ForbiddenError("HOST_NOT_ALLOWED", { message }), 421],
    [new ConflictError("RUN_CLOSED", { message }), 409],
    [new ConflictError("KEY_MISMATCH", { message }), 422],
    [new ConflictError("WORKFLOW_CHANGED", { message }), 412],
    [new RateLimitedError("TOO_MANY_REQUESTS", { message }), 429],
    [new UnavailableError("STORE_UNAVAILABLE", { message }), 503],
    [new InvariantError("VALUE_CORRUPT", { message }), 500],
    [new HttpError(406, "NOT_ACCEPTABLE", { message }), 406],
    [new TypeError("x is undefined"), 500],
    ["thrown text", 500],
  ];
  for (const [error, status] of cases) {
    assert.equal(statusOf(error), status, String(error));
    const problem = toProblem(error, "r-1");
    assert.ok(problemSchema.safeParse(problem).success);
    assert.equal(problem.title, STATUS_TEXT[status]);
  }
});

Deno.test("toProblem() keeps what nobody outside should read", () => {
  const problem = toProblem(new TypeError("secret is in /etc/denizen"), "r-1");
  assert.equal(problem.code, "INTERNAL");
  assert.equal(problem.instance, "r-1");
  assert.doesNotMatch(JSON.stringify(problem), /secret|etc|stack|\.ts/);
});

Deno.test("toProblem() lists issues with their pointers, beside the other details", () => {
  const issues = [{ pointer: "/tasks/a", message: "Is wrong", code: "WRONG_TYPE", line: 3 }];
  const details = { issues, file: "workflow.yaml" };
  const problem = toProblem(new InvalidInputError("INVALID_WORKFLOW", { message, details }), "r");
  assert.deepEqual(problem.issues, issues);
  assert.deepEqual(problem.details, { file: "workflow.yaml" });
});

Deno.test("problemResponse() says when to come back, and how to be known", async () => {
  const busy = problemResponse(new UnavailableError("X", { message, retryAfterMs: 1_200 }), "r");
  assert.equal(busy.headers.get("retry-after"), "2");
  const limited = problemResponse(new RateLimitedError("X", { message, retryAfterMs: 5 }), "r");
  assert.equal(limited.headers.get("retry-after"), "1");
  const unknown = problemResponse(new UnauthenticatedError("X", { message }), "r");
  assert.equal(unknown.headers.get("www-authenticate"), 'Bearer realm="denizen"');
  assert.equal(unknown.headers.get("content-type"), "application/problem+json");
  assert.equal((await unknown.json()).detail, message);
  await Promise.all([busy, limited].map((response) => response.body?.cancel()));
});
