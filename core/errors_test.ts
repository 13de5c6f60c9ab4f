import assert from "node:assert/strict";
import {
  ConflictError,
  DenizenError,
  InvalidInputError,
  InvalidWorkflowError,
  InvariantError,
  type Issue,
  TerminalError,
  toErrorData,
  UnavailableError,
} from "./errors.ts";

Deno.test("errors of the family carry code, hint, details, cause and their class's name", () => {
  const cause = new Error("below");
  const options = { message: "Cannot do it", hint: "Do that", details: { at: 1 }, cause };
  for (
    const Class of [
      ConflictError,
      InvalidInputError,
      InvariantError,
      TerminalError,
      UnavailableError,
    ]
  ) {
    const error = new Class("SOME_CODE", options);
    assert.ok(error instanceof DenizenError);
    assert.equal(error.name, Class.name);
    assert.equal(error.code, "SOME_CODE");
    assert.equal(error.cause, cause);
    assert.deepEqual(toErrorData(error), {
      code: "SOME_CODE",
      message: "Cannot do it",
      hint: "Do that",
      details: { at: 1 },
    });
  }
});

Deno.test("UnavailableError says when to try again", () => {
  assert.equal(new UnavailableError("GONE", { message: "m" }).retryAfterMs, 1_000);
  assert.equal(new UnavailableError("GONE", { message: "m", retryAfterMs: 5 }).retryAfterMs, 5);
});

Deno.test("InvalidWorkflowError counts errors, not warnings", () => {
  const issue = (severity: Issue["severity"]): Issue => ({
    code: "X",
    severity,
    message: "m",
    hint: "h",
    file: "a.yaml",
    line: 1,
    column: 1,
    pointer: "",
  });
  const one = new InvalidWorkflowError("a.yaml", [issue("error"), issue("warning")]);
  assert.equal(one.message, 'Cannot accept workflow file "a.yaml": 1 error');
  const two = new InvalidWorkflowError("a.yaml", [issue("error"), issue("error")]);
  assert.match(two.message, /: 2 errors$/);
});

Deno.test("toErrorData() keeps the message of foreign errors and no stack trace", () => {
  assert.deepEqual(toErrorData(new TypeError("x is not a function")), {
    code: "INTERNAL",
    message: "x is not a function",
  });
  assert.deepEqual(toErrorData("text"), { code: "INTERNAL", message: "text" });
});
