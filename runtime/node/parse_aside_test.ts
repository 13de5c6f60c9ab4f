import assert from "node:assert/strict";
import { parseWorkflow } from "../../workflows/parse.ts";
import { parseAside } from "./parse_aside.ts";

const FILE = { file: "w.yaml" };

function fileOf(tasks: number, last: string): string {
  const lines = Array.from({ length: tasks }, (_, n) => `  t${n}: { value: "\${{ 1 + ${n} }}" }\n`);
  const head = "name: big\nagents:\n  echo: { module: ./echo.ts }\ntasks:\n";
  return `${head}${lines.join("")}  last: ${last}\n`;
}

Deno.test("parseAside() answers as parseWorkflow() does, whatever the length", async () => {
  for (const tasks of [1, 1_000]) {
    for (
      const last of ["{ agent: echo }", "{ capability: say }", "{ agent: nobody }", "{ needs: [x"]
    ) {
      const text = fileOf(tasks, last);
      const [expected, parsed] = [parseWorkflow(text, FILE), await parseAside(text, FILE)];
      assert.deepEqual(parsed.definition, expected.definition);
      assert.deepEqual(parsed.issues, expected.issues);
      if (expected.definition === null) continue;
      const task = last.includes("capability") ? ["/tasks/last/capability"] : [];
      for (const pointer of ["/agents/echo/module", "/system", ...task]) {
        assert.deepEqual(parsed.placeOf(pointer), expected.placeOf(pointer));
      }
    }
  }
  const text = fileOf(1_000, "{ agent: nobody }");
  const { definition } = await parseAside(text, { ...FILE, registeredAgents: ["nobody"] });
  assert.equal(definition?.tasks.length, 1_001);
});

Deno.test("parseAside() leaves the event loop to others", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const files = await Promise.all([1, 2].map(() => parseAside(fileOf(5_000, "{}"), FILE)));
  clearInterval(timer);
  for (const { issues } of files) assert.ok(issues.length > 0);
  assert.ok(turns > 50, `others had ${turns} turns`);
});
