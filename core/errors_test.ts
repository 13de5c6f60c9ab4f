import assert from "node:assert/strict";
import {
  ConflictError,
  DenizenError,
  ForbiddenError,
  InvalidInputError,
  InvariantError,
  RateLimitedError,
  toErrorData,
  UnauthenticatedError,
  UnavailableError,
} from "./errors.ts";

Deno.test("errors of the family carry code, hint, details, cause and their class's name", () => {
  const cause = new Error("below");
  const options = { message: "Cannot do it", hint: "Do that", details: { at: 1 }, cause };
  for (
    const Class of [
      ConflictError,
      ForbiddenError,
      InvalidInputError,
      InvariantError,
      RateLimitedError,
      UnauthenticatedError,
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
  for (const Class of [UnavailableError, RateLimitedError]) {
    assert.equal(new Class("GONE", { message: "m", retryAfterMs: 5 }).retryAfterMs, 5);
  }
});

Deno.test("toErrorData() keeps the message of foreign errors and no stack trace", () => {
  assert.deepEqual(toErrorData(new TypeError("x is not a function")), {
    code: "INTERNAL",
    message: "x is not a function",
  });
  assert.deepEqual(toErrorData("text"), { code: "INTERNAL", message: "text" });
});
