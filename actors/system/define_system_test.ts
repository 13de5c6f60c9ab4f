import * as assert from "node:assert/strict";
import { defineSystem, InvalidSystemError } from "./define_system.ts";
import type { SystemInput } from "./input.ts";
import { parseSystem } from "./parse_system.ts";

Deno.test("defineSystem() yields what a file would", () => {
  const input: SystemInput = {
    system: "counting",
    actors: { counter: { module: "./counter.ts", idle: "5m", timeout: undefined } },
    supervisor: {
      strategy: "one_for_all",
      children: ["counter", { supervisor: "pool", children: [{ actor: "counter", count: 2 }] }],
    },
  };
  const { supervisor, actors } = defineSystem(input);
  assert.equal(actors[0]!.idleMs, 300_000);
  assert.deepEqual(supervisor.children.map(({ id }) => id), ["counter/main", "pool"]);
});

Deno.test("defineSystem() throws all issues, and tells the first", () => {
  const input: SystemInput = {
    system: "counting",
    actors: { counter: { module: "./counter.ts", idle: "5 minutes" } },
    supervisor: { children: ["counte"] },
  };
  assert.throws(() => defineSystem(input), (error: unknown) => {
    assert.ok(error instanceof InvalidSystemError);
    assert.equal(error.code, "INVALID_SYSTEM");
    assert.equal(
      error.message,
      'Cannot accept "defineSystem()" as an actor system: 2 errors; /actors/counter/idle: Cannot ' +
        'accept actors.counter.idle: "5 minutes" is no duration',
    );
    assert.deepEqual(error.issues.map(({ pointer }) => pointer), [
      "/actors/counter/idle",
      "/supervisor/children/0",
    ]);
    return true;
  });
});

Deno.test("new InvalidSystemError() tells line and column of a file's first error", () => {
  const { issues } = parseSystem(
    "system: A\nactors: { a: { module: ./a.ts, idle: no } }\n",
    "s.yaml",
  );
  const { message, hint, details } = new InvalidSystemError("s.yaml", issues);
  assert.match(
    message,
    /^Cannot accept "s\.yaml" as an actor system: 2 errors; line 1, column 9: /,
  );
  assert.equal(hint, issues[0]!.hint);
  assert.deepEqual(details, { issues: 2 });
});
