/**
 * Every file under `invalid/` has its issues beside it, as a person sees them, in a file `.out`.
 * `UPDATE=1 deno test -A tests/workflows/corpus_test.ts` writes them anew; review the difference.
 */
import * as assert from "node:assert/strict";
import * as path from "node:path";
import type { Issue } from "../../core/errors.ts";
import { parseWorkflow } from "../../workflows/parse.ts";

const FOLDER = import.meta.dirname!;

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(path.join(FOLDER, folder))]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".yaml"))
    .sort();
}

/** The issues of a file as text. */
function formatIssues(issues: readonly Issue[]): string {
  return issues.map((issue) => {
    const word = issue.severity === "warning" ? "warning " : "";
    const place = `${issue.file}:${issue.line}:${issue.column}`;
    return `${place} ${word}${issue.code} ${issue.message}\n  hint: ${issue.hint}\n`;
  }).join("");
}

const invalid = filesIn("invalid");

for (const name of invalid) {
  Deno.test(`parseWorkflow() explains ${name}`, () => {
    const file = path.join(FOLDER, "invalid", name);
    const { definition, issues } = parseWorkflow(Deno.readTextFileSync(file), { file: name });
    const text = formatIssues(issues);
    const snapshot = file.replace(/\.yaml$/, ".out");
    if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(snapshot, text);
    assert.equal(text, Deno.readTextFileSync(snapshot));
    assert.equal(definition, null);
    assert.ok(issues.some((issue) => issue.severity === "error"));
    for (const issue of issues) {
      assert.match(issue.code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      assert.match(issue.message, /^(Cannot|Read|Ignore|Skip|Fall back) .*[^.]$/s);
      assert.notEqual(issue.hint, "");
      assert.ok(issue.line >= 1 && issue.column >= 1);
    }
  });
}

Deno.test("the corpus holds at least 80 wrong files", () => {
  assert.ok(invalid.length >= 80, `${invalid.length} files`);
});

/** Agents that a node may have beside those of the file. */
const REGISTERED = { registeredAgents: ["simple-measure"] };

for (const name of filesIn("valid")) {
  Deno.test(`parseWorkflow() accepts ${name}`, () => {
    const text = Deno.readTextFileSync(path.join(FOLDER, "valid", name));
    const { definition, issues } = parseWorkflow(text, { file: name, ...REGISTERED });
    // The whole format holds parts that this version refuses to run, and says so of nothing else.
    const others = issues.filter((issue) => issue.code !== "NOT_SUPPORTED_YET");
    assert.deepEqual(others, []);
    assert.equal(definition === null, name === "whole_format.yaml");
    if (name !== "whole_format.yaml") assert.deepEqual(issues, []);
  });
}

Deno.test("the example of docs/workflow.md is valid", () => {
  const page = Deno.readTextFileSync(path.join(FOLDER, "../../docs/workflow.md"));
  const example = /```yaml\n(.*?)```/s.exec(page)![1]!;
  const { definition, issues } = parseWorkflow(example, { file: "docs/workflow.md" });
  assert.deepEqual(issues, []);
  assert.equal(definition?.tasks.length, 3);
});
