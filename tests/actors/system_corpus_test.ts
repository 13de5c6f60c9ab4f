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
import { testExplanations, yamlFilesIn } from "../document_kit.ts";
import { SYSTEMS } from "./system_files.ts";

const FOLDER = import.meta.dirname!;

testExplanations(SYSTEMS);

for (const file of yamlFilesIn(SYSTEMS.valid)) {
  const name = path.basename(file);
  Deno.test(`parseSystem() accepts ${name}, in a file and in code`, () => {
    const text = Deno.readTextFileSync(file);
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
