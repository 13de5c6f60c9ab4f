import assert from "node:assert/strict";
import { z } from "@hono/zod-openapi";
import { invalidRequest } from "./invalid_request.ts";

const schema = z.strictObject({
  input: z.object({ "a/b~c": z.string() }),
  limit: z.number().optional(),
});

function issuesOf(target: string, value: unknown, known: string[] = []) {
  return invalidRequest(target, schema.safeParse(value).error!, known).issues!;
}

Deno.test("invalidRequest() points into a body as RFC 6901 writes it", () => {
  const [issue] = issuesOf("json", { input: { "a/b~c": 1 } });
  assert.equal(issue!.pointer, "/input/a~1b~0c");
  assert.equal(issue!.in, "body");
  assert.equal(issue!.message, "must be text, not a number");
});

Deno.test("invalidRequest() names a parameter, and what was meant by one that is not known", () => {
  const issues = issuesOf("query", { input: { "a/b~c": "" }, limt: 3 }, ["input", "limit"]);
  assert.deepEqual(issues, [
    { pointer: "limt", in: "query", message: "is not known", hint: 'Did you mean "limit"?' },
  ]);
});

Deno.test("invalidRequest() tells of every wrong place, and of the first in words", () => {
  const error = invalidRequest("json", schema.safeParse({ limit: "x", zzz: 1 }).error!);
  assert.deepEqual(error.issues!.map(({ pointer }) => pointer), ["/input", "/limit", "/zzz"]);
  assert.match(error.message, /^Cannot take the request: body "\/input"/);
  assert.equal(error.status, 400);
});
