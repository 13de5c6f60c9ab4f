import assert from "node:assert/strict";
import { InvalidInputError } from "../../core/errors.ts";
import { createSupervision } from "./state.ts";
import { checkSupervisor, completeSupervisor, type SupervisorInput } from "./specification.ts";

Deno.test("completeSupervisor() fills in the defaults at every depth", () => {
  assert.deepEqual(
    completeSupervisor({
      name: "top",
      children: [{ actor: "counter" }, { supervisor: { name: "pool", children: [] } }],
    }),
    {
      name: "top",
      strategy: "one_for_one",
      intensity: { restarts: 3, periodMs: 5_000 },
      delay: { initialMs: 0, factor: 2, maxMs: 30_000 },
      children: [
        {
          kind: "actor",
          id: "counter/main",
          actor: "counter",
          key: "main",
          restart: "permanent",
          shutdownMs: 5_000,
        },
        {
          kind: "supervisor",
          id: "pool",
          restart: "permanent",
          shutdownMs: "infinity",
          supervisor: {
            name: "pool",
            strategy: "one_for_one",
            intensity: { restarts: 3, periodMs: 5_000 },
            delay: { initialMs: 0, factor: 2, maxMs: 30_000 },
            children: [],
          },
        },
      ],
    },
  );
});

Deno.test("checkSupervisor() finds ids and addresses that stand twice in the tree", () => {
  const issues = checkSupervisor(completeSupervisor({
    name: "top",
    children: [
      { actor: "a" },
      { actor: "a" },
      { actor: "a", id: "other" },
      { supervisor: { name: "top", children: [{ actor: "b", id: "other" }] } },
    ],
  }));
  assert.deepEqual(issues.map(({ code, pointer }) => `${code} ${pointer}`), [
    "DUPLICATE_CHILD /children/1/id",
    "DUPLICATE_CHILD /children/1/key",
    "DUPLICATE_CHILD /children/2/key",
    "DUPLICATE_CHILD /children/3/id",
    "DUPLICATE_CHILD /children/3/supervisor/children/0/id",
  ]);
});

const WRONG: [pointer: string, input: Partial<SupervisorInput>][] = [
  ["/name", { name: "" }],
  ["/intensity/restarts", { intensity: { restarts: -1 } }],
  ["/intensity/restarts", { intensity: { restarts: 1.5 } }],
  ["/intensity/periodMs", { intensity: { periodMs: 0 } }],
  ["/delay/initialMs", { delay: { initialMs: NaN } }],
  ["/delay/factor", { delay: { factor: 0.5 } }],
  ["/delay/maxMs", { delay: { initialMs: 2, maxMs: 1 } }],
  ["/children/0/shutdownMs", { children: [{ actor: "a", shutdownMs: -1 }] }],
  ["/children/0/id", { children: [{ actor: "a", id: "" }] }],
];
for (const [pointer, input] of WRONG) {
  Deno.test(`checkSupervisor() refuses ${JSON.stringify(input)}`, () => {
    const issues = checkSupervisor(completeSupervisor({ name: "top", children: [], ...input }));
    assert.ok(issues.some((issue) => issue.pointer === pointer));
    assert.ok(issues.every(({ code }) => code === "INVALID_SUPERVISOR"));
  });
}

Deno.test("checkSupervisor() wants a supervisor child to go by the supervisor's name", () => {
  const spec = completeSupervisor({
    name: "top",
    children: [{ supervisor: { name: "pool", children: [] } }],
  });
  spec.children[0]!.id = "other";
  assert.deepEqual(checkSupervisor(spec).map(({ pointer }) => pointer), ["/children/0/id"]);
});

Deno.test("createSupervision() refuses a tree with issues", () => {
  const spec = completeSupervisor({ name: "top", children: [{ actor: "a" }, { actor: "a" }] });
  assert.throws(
    () => createSupervision(spec),
    (error) =>
      error instanceof InvalidInputError && error.details?.pointer === "/children/1/id" &&
      error.message === 'Cannot supervise "a/main" twice in one tree',
  );
});
