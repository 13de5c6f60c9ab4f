import * as assert from "node:assert/strict";
import { systemJsonSchema } from "../../actors/system/mod.ts";
import { denizen, withFolder } from "../cli/denizen_process.ts";

const SYSTEM = `system: demo
actors:
  counter: { module: ./counter.ts }
supervisor: { children: [counter] }
`;
const MODULE = "export default {};\n";

Deno.test("validate takes actor system files beside workflow files", async () => {
  const files = {
    "system.yaml": SYSTEM,
    "counter.ts": MODULE,
    "flow.yaml": "name: flow\ntasks: { a: { value: 1 } }\n",
  };
  await withFolder(files, async (cwd) => {
    const { code, out, err } = await denizen(["validate", "system.yaml", "flow.yaml"], { cwd });
    assert.equal(code, 0, out + err);
    assert.match(err, /✓ system\.yaml is valid\n✓ flow\.yaml is valid/);
    const json = await denizen(["validate", "--json", "system.yaml"], { cwd });
    assert.deepEqual(JSON.parse(json.out), { valid: true, issues: [] });
  });
});

Deno.test("validate shows the place and the hint of what is wrong in an actor system", async () => {
  const files = {
    "system.yaml": SYSTEM.replace("[counter]", "[countr]"),
    "unclosed.yaml": "# a system\nsystem: demo\nactors: { a: [ }\n",
    "counter.ts": MODULE,
  };
  await withFolder(files, async (cwd) => {
    const { code, out } = await denizen(["validate", "system.yaml"], { cwd });
    assert.equal(code, 2);
    assert.match(out, /^system\.yaml:4:26 error UNKNOWN_ACTOR: .*\n +4 \| .*\n.*\n +hint: Did you/);
    const json = await denizen(["validate", "--json", "system.yaml", "unclosed.yaml"], { cwd });
    assert.equal(json.code, 2);
    const { valid, issues } = JSON.parse(json.out);
    assert.equal(valid, false);
    assert.deepEqual(issues[0], {
      code: "UNKNOWN_ACTOR",
      severity: "error",
      message: 'Cannot find the actor "countr"',
      hint: 'Did you mean "counter"?',
      file: "system.yaml",
      line: 4,
      column: 26,
      pointer: "/supervisor/children/0",
    });
    assert.equal(issues[1].file, "unclosed.yaml");
  });
});

Deno.test("validate looks at the modules of an actor system", async () => {
  const text = SYSTEM.replace("supervisor", "  other: { module: ./other.ts }\nsupervisor");
  await withFolder({ "system.yaml": text, "counter.ts": "export default {" }, async (cwd) => {
    const { code, out } = await denizen(["validate", "--json", "system.yaml"], { cwd });
    assert.equal(code, 2);
    const issues = JSON.parse(out).issues as { code: string; file: string; line: number }[];
    assert.deepEqual(
      issues.map(({ code, file, line }) => ({ code, file, line }))
        .sort((a, b) => a.code.localeCompare(b.code)),
      [
        { code: "AGENT_MODULE_NOT_FOUND", file: "system.yaml", line: 4 },
        { code: "AGENT_SYNTAX", file: "counter.ts", line: 1 },
      ],
    );
  });
});

Deno.test("schema --actors prints the JSON Schema of actor systems", async () => {
  const { code, out } = await denizen(["schema", "--actors"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), systemJsonSchema());
});
