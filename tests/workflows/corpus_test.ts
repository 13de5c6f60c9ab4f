/**
 * Every file under `invalid/` has its issues beside it, as a person sees them, in a file `.out`.
 * `UPDATE=1 deno test -A tests/workflows/corpus_test.ts` writes them anew; review the difference.
 */
import * as assert from "node:assert/strict";
import * as path from "node:path";
import { parseWorkflow } from "../../workflows/parse.ts";
import { testExplanations, yamlFilesIn } from "../document_kit.ts";
import { WORKFLOWS } from "./workflow_files.ts";

const FOLDER = import.meta.dirname!;

testExplanations(WORKFLOWS);

/** Agents that a node may have beside those of the file. */
const REGISTERED = { registeredAgents: ["simple-measure"] };

for (const file of yamlFilesIn(WORKFLOWS.valid)) {
  const name = path.basename(file);
  Deno.test(`parseWorkflow() accepts ${name}`, () => {
    const text = Deno.readTextFileSync(file);
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
