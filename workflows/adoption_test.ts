import assert from "node:assert/strict";
import { planAdoption } from "./adoption.ts";

const attempt = (task: string, node: string | null) => ({
  task,
  index: 0,
  attempt: 1,
  agent: "a",
  node,
  isStopping: false,
});
const place = (task: string) => ({ task, index: 0, attempt: 1 });

Deno.test("planAdoption() sorts attempts by what has become of their node", () => {
  const wanted = [
    attempt("here", "n1/x"),
    attempt("missing", "n1/x"),
    attempt("earlier", "n1/w"),
    attempt("there", "n2/y"),
    attempt("there-too", "n2/y"),
    attempt("gone", "n3/z"),
    attempt("nameless", null),
  ];
  const adoption = planAdoption(wanted, {
    own: "n1/x",
    alive: new Set(["n1/x", "n2/y"]),
    has: ({ task }) => task === "here",
  });
  assert.deepEqual(adoption.lose, [place("missing")]);
  assert.deepEqual([...adoption.ask], [["n2/y", [place("there"), place("there-too")]]]);
  assert.deepEqual([...adoption.cancel], [["n1/w", [place("earlier")]], ["n3/z", [place("gone")]]]);
});
