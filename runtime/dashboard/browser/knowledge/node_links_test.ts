import assert from "node:assert/strict";
import { linksOf } from "./node_links.ts";

const to = (kind: "agent" | "solution" | "task", name: string) =>
  linksOf({ kind, id: `${kind}:${name}` }).map(({ to }) => to);

Deno.test("linksOf() leads to the agent's own page, and to the task of a solution", () => {
  assert.deepEqual(to("agent", "counter@1.2.0"), ["#/agents/counter/1.2.0"]);
  assert.deepEqual(to("agent", "repo-audit/counter"), ["#/agents/counter?workflow=repo-audit"]);
  assert.deepEqual(to("agent", "acme:counter@1.2.0"), ["#/agents/counter/1.2.0?tenant=acme"]);
  assert.deepEqual(
    to("agent", "acme:repo-audit/counter"),
    ["#/agents/counter?workflow=repo-audit&tenant=acme"],
  );
  assert.deepEqual(to("solution", "01J/measure/0/1"), ["#/runs/01J?task=measure"]);
  assert.deepEqual(to("solution", "01J/measure/3/1"), ["#/runs/01J?task=measure%5B3%5D"]);
  assert.deepEqual(to("task", "abc"), []);
});
