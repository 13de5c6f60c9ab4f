import assert from "node:assert/strict";
import { textOfTask } from "./task_text.ts";

Deno.test("textOfTask() takes the task's id and the texts of its input, near ones first", () => {
  const input = { deep: { note: "three" }, list: ["two", 4, null], title: "one\n  line" };
  assert.equal(textOfTask("measure", input), "measure one line three two");
});

Deno.test("textOfTask() stays short, whatever the input", () => {
  assert.equal(textOfTask("t", "x".repeat(10_000)).length, 200);
  assert.equal(textOfTask("t", Array.from({ length: 100_000 }, () => "ab")).length, 190);
  assert.ok(textOfTask("t", "😀".repeat(400)).isWellFormed());
});
