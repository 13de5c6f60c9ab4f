import assert from "node:assert/strict";
import { InvalidInputError } from "../core/errors.ts";
import { parseInstance } from "./workflow_instance.ts";

const file = (specification: unknown[], execution: unknown[]) =>
  JSON.stringify({
    workflow: { specification: { tasks: specification }, execution: { tasks: execution } },
  });

Deno.test("parseInstance() takes an edge from either of its ends", () => {
  const text = file(
    [
      { id: "a#1", name: "make_ID0000001", parents: [], children: ["b.2"] },
      { id: "b.2", name: "make_ID0000002", parents: [], children: [] },
      { id: "c", parents: ["b.2"], children: [] },
    ],
    [{ id: "a#1", runtimeInSeconds: 1.5 }, { id: "b.2", runtimeInSeconds: 0 }],
  );
  assert.deepEqual(parseInstance(text, "runs/small.json"), {
    name: "small",
    tasks: [
      { id: "a#1", kind: "make_ID", parents: [], runtimeS: 1.5 },
      { id: "b.2", kind: "make_ID", parents: [0], runtimeS: 0 },
      { id: "c", kind: "c", parents: [1], runtimeS: 0 },
    ],
  });
});

Deno.test("parseInstance() names the file and what is wrong with it", () => {
  const cases: [text: string, message: RegExp][] = [
    ["{", /small\.json.*JSON/],
    ['{"workflow":{}}', /small\.json/],
    [file([{ id: "a", parents: ["ghost"], children: [] }], []), /no task has the id "ghost"/],
  ];
  for (const [text, message] of cases) {
    assert.throws(
      () => parseInstance(text, "small.json"),
      (error: unknown) => error instanceof InvalidInputError && message.test(error.message),
    );
  }
});
