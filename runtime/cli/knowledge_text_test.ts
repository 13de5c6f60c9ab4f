import assert from "node:assert/strict";
import { neighbourhoodText, searchText } from "./knowledge_text.ts";
import { widthOf } from "./text_width.ts";

const task = (id: string, label: string) => ({
  id,
  label,
  kind: "task" as const,
  attributes: {},
  score: 1,
});
const long = task(`task:${"a".repeat(32)}`, "measure 猫 core.ts ".repeat(40));

Deno.test("searchText() cuts words at the end of the terminal, and no name", () => {
  for (const columns of [60, 80, 120]) {
    const items = [long, task("task:short", "greet")];
    const lines = searchText({ items }, { color: false, columns }).trimEnd().split("\n");
    assert.ok(widthOf(lines[0]!) <= columns, lines[0]);
    assert.ok(widthOf(lines[0]!) > columns - 4, lines[0]);
    assert.ok(lines[0]!.startsWith(`${long.id}  measure 猫`) && lines[0]!.endsWith("…"));
    // Words are under each other.
    assert.equal(lines[1]!.indexOf("greet"), long.id.length + 2);
  }
  const narrow = searchText({ items: [long] }, { color: false, columns: 10 });
  assert.match(narrow, /^task:a{32} {2}measure 猫 core\.ts…?/);
});

Deno.test("neighbourhoodText() shows instants as text, and counts in words", () => {
  const node = { id: "agent:a", kind: "agent" as const, label: "a", attributes: { lastAt: 0 } };
  const edge = {
    source: "agent:a",
    target: "task:b",
    kind: "attempted" as const,
    count: 1,
    firstAt: null,
    lastAt: null,
    completed: 1,
    failed: 0,
  };
  const found = { node, depth: 1, nodes: [node], edges: [edge], truncated: false };
  const text = neighbourhoodText(found, { color: false, columns: 80 });
  assert.match(text, /lastAt {2}1970-01-01T00:00:00\.000Z/);
  assert.match(text, /attempted task:b {2}1 time, 1 completed, 0 failed/);
});
