import assert from "node:assert/strict";
import { findFiles, isFileName } from "./find_files.ts";

Deno.test("isFileName() takes paths with an ending, and nothing else", () => {
  for (const path of ["out/report.html", "/tmp/a b/c.md".replace(" ", "-"), "./x.json"]) {
    assert.ok(isFileName(path), path);
  }
  const others = ["report", "https://x.org/a.html", "a sentence/with.dots in it", "1.5", "a/b", ""];
  for (const text of others) assert.ok(!isFileName(text), text);
});

Deno.test("findFiles() finds them at any depth, pages first, each once", () => {
  const output = { files: ["out/a.json", "out/a.html", "out/a.json"], more: { deep: "out/a.md" } };
  assert.deepEqual(findFiles(output), ["out/a.html", "out/a.md", "out/a.json"]);
  assert.deepEqual(findFiles(null), []);
});
