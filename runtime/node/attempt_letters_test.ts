import assert from "node:assert/strict";
import type { AttemptLetter } from "../../workflows/mod.ts";
import { AttemptLetters } from "./attempt_letters.ts";

const FENCE = { partition: 3, term: 7, token: "t" };
const place = (task: string) => ({ task, index: 0, attempt: 1 });

Deno.test("AttemptLetters writes one note of each kind to each node, under its leadership", () => {
  const letters = new AttemptLetters(FENCE);
  letters.add("r1", {
    ask: new Map([["a/1", [place("x")]]]),
    cancel: new Map([["a/1", [place("y")]], ["b/1", [place("z")]]]),
  });
  letters.cancel("b/1", "r2", place("x"));
  const posted: [string, AttemptLetter[]][] = [];
  letters.postAll((node, notes) => posted.push([node, notes]));
  const to = (node: string) => ({ node, partition: 3, term: 7 });
  assert.deepEqual(posted, [
    ["a/1", [
      { type: "adopt", ...to("a/1"), runs: [{ runId: "r1", attempts: [place("x")] }] },
      { type: "cancel", ...to("a/1"), runs: [{ runId: "r1", attempts: [place("y")] }] },
    ]],
    ["b/1", [{
      type: "cancel",
      ...to("b/1"),
      runs: [
        { runId: "r1", attempts: [place("z")] },
        { runId: "r2", attempts: [place("x")] },
      ],
    }]],
  ]);
});
