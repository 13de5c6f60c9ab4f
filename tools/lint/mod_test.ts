import assert from "node:assert/strict";
import house from "./mod.ts";

function findings(file: string, source: string): string[] {
  return Deno.lint.runPlugin(house, file, source).map((found) => `${found.id}: ${found.message}`);
}

const EFFECTS: [source: string, what: string][] = [
  ["export const x = Deno.cwd();", '"Deno"'],
  ["export const x: Deno.Kv | null = null;", '"Deno"'],
  ["export const x = globalThis.setTimeout;", '"globalThis"'],
  ["export const x = Date.now();", '"Date.now"'],
  ["export const x = Date\n  .now;", '"Date.now"'],
  ['export const x = Date["now"]();', '"Date.now"'],
  ["export const x = new Date();", '"new Date()" without an argument'],
  ["export const x = Date();", '"Date()"'],
  ["export const x = Math.random();", '"Math.random"'],
  ["export const x = crypto.randomUUID();", '"crypto"'],
  ["export const x = [fetch];", '"fetch"'],
  ["export const x = { fetch };", '"fetch"'],
  ["setTimeout(() => {}, 1);", '"setTimeout"'],
  ["await 1;", '"await"'],
  ["export async function f() {}", "an async function"],
  ["export const f = async () => {};", "an async function"],
  ['export const m = import("./x.ts");', 'a dynamic "import()"'],
  ["for await (const x of []) {}", '"for await"'],
  ["export const p = Promise.resolve(1);", '"Promise"'],
  ['import { readFileSync } from "node:fs";', '"node:fs" of "node:fs"'],
  ['import { createHash, randomUUID } from "node:crypto";', '"randomUUID" of "node:crypto"'],
  ['import * as c from "node:crypto";', '"*" of "node:crypto"'],
  ["console.log(1);", '"console"'],
];

Deno.test("pure-folders refuses each effect in each pure folder", () => {
  for (const [source, what] of EFFECTS) {
    for (const folder of ["core", "rules", "workflows", "actors", "plugins"]) {
      const found = findings(`${folder}/a.ts`, source);
      const wanted = `house/pure-folders: Cannot accept ${what} in a pure folder`;
      assert.ok(found.includes(wanted), `${source}\n${found.join("\n")}`);
    }
  }
});

Deno.test("pure-folders says nothing outside the pure folders and in tests", () => {
  for (const [source] of EFFECTS) {
    assert.deepEqual(findings("runtime/store/a.ts", source), []);
    assert.deepEqual(findings("core/a_test.ts", source), []);
  }
});

Deno.test("pure-folders lets pure code pass", () => {
  const source = `
    // Deno.cwd(), await fetch() and Date.now() in a comment
    import { createHash } from "node:crypto";
    import type { Stats } from "node:fs";
    import { fetch as load } from "./load.ts";
    /** Runs later. */
    export type Run = (signal: AbortSignal) => Promise<Stats>;
    export const text = "await Deno.readTextFile() at Date.now()";
    export const at = new Date(0).toISOString();
    export const max = Math.max(1, 2);
    export const port = { fetch: load, Deno: 1, crypto: createHash("sha256") };
    export const member = port.fetch;
    export function run(process: { pid: number }): number { return process.pid; }
  `;
  assert.deepEqual(findings("core/a.ts", source), []);
});

Deno.test("function-length refuses functions of more than 70 lines", () => {
  const long = (lines: number) => `export function f() {\n${"  g();\n".repeat(lines - 2)}}`;
  assert.deepEqual(findings("runtime/a.ts", long(70)), []);
  assert.equal(findings("runtime/a.ts", long(71)).length, 1);
  assert.deepEqual(findings("runtime/a_test.ts", long(71)), []);
});

Deno.test("no-promises refuses comments that put work off", () => {
  // The words are joined here so that this file passes its own rule.
  for (const word of ["TO" + "DO", "FIX" + "ME"]) {
    assert.equal(findings("runtime/a.ts", `// ${word}: later\nf();`).length, 1);
    assert.deepEqual(findings("runtime/a.ts", `f("${word}");`), []);
  }
});
