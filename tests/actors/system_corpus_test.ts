/**
 * Every file under `invalid_systems/` has its issues beside it, as a person sees them, in a file
 * `.out`. `UPDATE=1 deno test -A tests/actors/system_corpus_test.ts` writes them anew; review the
 * difference.
 */
import * as assert from "node:assert/strict";
import * as path from "node:path";
import { parse } from "yaml";
import { checkSupervisor } from "../../actors/supervision/mod.ts";
import { isSystemFile, parseSystem, parseSystemValue } from "../../actors/system/mod.ts";
import type { Issue } from "../../core/errors.ts";

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

const invalid = filesIn("invalid_systems");

for (const name of invalid) {
  Deno.test(`parseSystem() explains ${name}`, () => {
    const file = path.join(FOLDER, "invalid_systems", name);
    const { definition, issues } = parseSystem(Deno.readTextFileSync(file), name);
    const text = formatIssues(issues);
    const snapshot = file.replace(/\.yaml$/, ".out");
    if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(snapshot, text);
    assert.equal(text, Deno.readTextFileSync(snapshot));
    assert.equal(definition, null);
    assert.ok(issues.some((issue) => issue.severity === "error"));
    for (const issue of issues) {
      assert.match(issue.code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      assert.match(issue.message, /^(Cannot|Read|Ignore) .*[^.]$/s);
      assert.notEqual(issue.hint, "");
      assert.ok(issue.line >= 1 && issue.column >= 1);
    }
  });
}

Deno.test("the corpus holds at least 80 wrong systems", () => {
  assert.ok(invalid.length >= 80, `${invalid.length} files`);
});

for (const name of filesIn("valid_systems")) {
  Deno.test(`parseSystem() accepts ${name}, in a file and in code`, () => {
    const text = Deno.readTextFileSync(path.join(FOLDER, "valid_systems", name));
    const { definition, issues } = parseSystem(text, name);
    assert.deepEqual(issues, []);
    assert.deepEqual(checkSupervisor(definition!.supervisor), []);
    assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition);
    assert.equal(isSystemFile(text), true);
    const declared = parseSystemValue(parse(text));
    assert.deepEqual(declared.issues, []);
    assert.deepEqual(declared.definition, definition);
  });
}

Deno.test("the example of docs/actor-system.md is valid", () => {
  const page = Deno.readTextFileSync(path.join(FOLDER, "../../docs/actor-system.md"));
  const example = /```yaml\n(.*?)```/s.exec(page)![1]!;
  const { definition, issues } = parseSystem(example, "docs/actor-system.md");
  assert.deepEqual(issues, []);
  assert.equal(definition?.actors.length, 3);
});
