import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { findViolations, readImports } from "./mod.ts";

async function violationsOf(files: Record<string, string>): Promise<string[]> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.writeTextFile(
      join(root, "deno.json"),
      '{ "imports": { "zod": "npm:zod@4.6.7", "esbuild": "npm:esbuild@0.28.2" } }',
    );
    for (const [path, source] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), source);
    }
    const imports = await readImports(root);
    return findViolations(imports).map(({ place, message }) => `${place} ${message}`);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("layers accept the arrows of the design", async () => {
  const found = await violationsOf({
    "core/mod.ts": "export const one = 1;",
    "rules/mod.ts": 'export { one } from "../core/mod.ts"; import "npm:zod@4.6.7";',
    "workflows/mod.ts": 'export * from "../rules/mod.ts"; import "../core/mod.ts";',
    "runtime/cli/mod.ts": 'export * from "../../workflows/mod.ts"; import "npm:esbuild@0.28.2";',
    "mod.ts": 'export * from "./runtime/cli/mod.ts";',
    "examples/a/agent.ts": 'import "../../mod.ts";',
    "core/a_test.ts": 'import "../runtime/cli/mod.ts";',
    "tests/a.ts": 'import "../core/mod.ts";',
  });
  assert.deepEqual(found, []);
});

Deno.test("layers refuse planted violations of every kind of import", async () => {
  const found = await violationsOf({
    "core/a.ts": 'import type { B } from "../rules/b.ts";\nexport type A = B;',
    "rules/b.ts": "export interface B { b: number }",
    "actors/c.ts": '\nexport * from "../workflows/d.ts";',
    "workflows/d.ts": 'export const load = () => import("../runtime/e.ts");',
    "runtime/e.ts": "export const e = 1;",
    "examples/x/agent.ts": 'import "../../runtime/e.ts";',
    "plugins/f.ts": 'import "npm:esbuild@0.28.2";',
    "main.ts": 'import "./tests/t.ts";',
    "tests/t.ts": "",
  });
  assert.deepEqual(found.sort(), [
    'actors/c.ts:2 Cannot import "workflows/d.ts" from "actors": it may import core',
    'core/a.ts:1 Cannot import "rules/b.ts" from "core": it may import nothing of ours',
    'examples/x/agent.ts:1 Cannot import "runtime/e.ts" from "examples": it may import mod.ts',
    'main.ts:1 Cannot import "tests/t.ts" from "main.ts": it may import core, rules, actors, plugins, workflows, runtime',
    'plugins/f.ts:1 Cannot import package "esbuild" in pure folder "plugins"',
    'workflows/d.ts:1 Cannot import "runtime/e.ts" from "workflows": it may import core, rules',
  ]);
});

Deno.test("layers name the folders of a cycle once, with the imports that make it", async () => {
  const found = await violationsOf({
    "runtime/store/a.ts": 'import "../cells/b.ts";',
    "runtime/cells/b.ts": 'import "../scheduler/c.ts";',
    "runtime/scheduler/c.ts": 'import "../store/other.ts";',
    "runtime/store/other.ts": "",
  });
  assert.deepEqual(found, [
    "runtime/cells/b.ts:1 Cannot accept a cycle of folders: runtime/cells → runtime/scheduler → " +
    "runtime/store → runtime/cells (runtime/cells/b.ts:1 imports runtime/scheduler/c.ts; " +
    "runtime/scheduler/c.ts:1 imports runtime/store/other.ts; " +
    "runtime/store/a.ts:1 imports runtime/cells/b.ts)",
  ]);
});
