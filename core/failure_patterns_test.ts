import assert from "node:assert/strict";
import { type Failure, findFailurePatterns } from "./failure_patterns.ts";

function failure(code: string, over: Partial<Failure> & { message?: string } = {}): Failure {
  const { message = "went wrong", ...rest } = over;
  return { task: "measure", agent: "measurer", attempt: 1, error: { code, message }, ...rest };
}

function denied(value: string, over: Partial<Failure> = {}): Failure {
  const details = { permission: "read", value };
  return failure("PERMISSION_DENIED", {
    error: { code: "PERMISSION_DENIED", message: "denied", details },
    ...over,
  });
}

function found(failures: Failure[]): [string, string, number][] {
  return findFailurePatterns(failures).map(({ kind, message, count }) => [kind, message, count]);
}

Deno.test("findFailurePatterns() names the one thing that an agent is denied", () => {
  const failures = [0, 1, 2].map((index) => denied("/etc", { index }));
  assert.deepEqual(findFailurePatterns(failures), [{
    kind: "permission",
    message: 'Every failure of agent "measurer" is a denied read of "/etc"',
    suggestion: 'Add "/etc" to "permissions.read" of agent "measurer" if it may have it; ' +
      "otherwise mend the agent",
    count: 3,
  }]);
});

Deno.test("findFailurePatterns() sees no permission pattern when the agent also fails otherwise", () => {
  assert.deepEqual(found([denied("/etc"), denied("/usr", { index: 1 })]), []);
  assert.deepEqual(found([denied("/etc"), failure("FAILED")]), []);
});

Deno.test("findFailurePatterns() tells a crash loop from a single crash", () => {
  for (const [code, fate] of [["CRASHED", "crashed"], ["OUT_OF_MEMORY", "ran out of memory"]]) {
    const once = [failure(code!, { index: 0 }), failure(code!, { index: 1 })];
    assert.deepEqual(found(once), [], code);
    const loop = [1, 2, 3].map((attempt) => failure(code!, { attempt }));
    const message = `Agent "measurer" ${fate} in every attempt of task "measure"`;
    assert.deepEqual(found(loop), [["crash_loop", message, 3]]);
  }
});

Deno.test("findFailurePatterns() names time limits that are hit again and again", () => {
  assert.deepEqual(found([failure("TIMEOUT")]), []);
  const wanted = '3 attempts of task "measure" ran into their time limit';
  const attempts = [1, 2, 3].map((attempt) => failure("TIMEOUT", { attempt }));
  assert.deepEqual(found(attempts), [["timeout", wanted, 3]]);
  const items = [0, 1, 2].map((index) => failure("TIMEOUT", { index }));
  assert.deepEqual(found(items), [["timeout", wanted, 3]]);
});

Deno.test("findFailurePatterns() tells a busy service from one that is down", () => {
  const times = (code: string) => [1, 2, 3, 4].map((index) => failure(code, { index }));
  assert.match(findFailurePatterns(times("RATE_LIMITED"))[0]!.suggestion, /maxParallel/);
  assert.match(findFailurePatterns(times("UNAVAILABLE"))[0]!.suggestion, /up and reachable/);
});

Deno.test("findFailurePatterns() sees one cause behind messages that differ in values only", () => {
  const items = [0, 1, 2].map((index) =>
    failure("NO_GRAMMAR", { index, message: `Cannot parse "file${index}.xyz" at line ${index}` })
  );
  assert.deepEqual(found(items), [
    ["common_cause", '3 items of task "measure" failed alike: NO_GRAMMAR', 3],
  ]);
  items[2]!.error.message = "Cannot open a socket";
  assert.deepEqual(found(items), []);
});

Deno.test("findFailurePatterns() puts the pattern with the most failures first", () => {
  const kinds = found([
    ...[1, 2].map((attempt) => failure("CRASHED", { attempt, task: "list", agent: "walker" })),
    ...[0, 1, 2].map((index) => failure("TIMEOUT", { index })),
  ]).map(([kind]) => kind);
  assert.deepEqual(kinds, ["timeout", "crash_loop"]);
});
