import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { listSources } from "./sources.ts";

const ROOT = join(import.meta.dirname!, "..");
const PRODUCT = /^(core|rules|workflows|actors|plugins|runtime)\//;
const NAMES_REFUSED = /^(utils?|helpers?|misc|common|manager|stuff)(_|\.|$)/;
const BYTES_MAX = 512 * 1024;

const sources = (await listSources(ROOT)).filter((path) => !path.startsWith("tests/"));

Deno.test("no file is a drawer of leftovers", () => {
  assert.deepEqual(sources.filter((path) => NAMES_REFUSED.test(basename(path))), []);
});

Deno.test("files are named in snake_case", () => {
  const odd = sources.filter((path) => !/^[a-z0-9_]+(\.d)?\.tsx?$/.test(basename(path)));
  assert.deepEqual(odd, []);
});

Deno.test("no folder of the product holds a single module", () => {
  const modules = sources.filter((path) => PRODUCT.test(path) && !path.endsWith("_test.ts"));
  const lonely = [...Map.groupBy(modules, dirname)]
    .filter(([folder, files]) =>
      files.length === 1 &&
      !modules.some((path) => path.startsWith(`${folder}/`) && dirname(path) !== folder)
    )
    .map(([folder]) => folder);
  assert.deepEqual(lonely, []);
});

Deno.test("unit tests stand beside the module that they test", () => {
  const known = new Set(sources.map((path) => path.replace(/\.tsx?$/, "")));
  const orphans = sources
    .filter((path) => PRODUCT.test(path) && path.endsWith("_test.ts"))
    .filter((path) =>
      !known.has(path.replace(/_test\.ts$/, "")) && !path.endsWith("_contract_test.ts")
    );
  assert.deepEqual(orphans, []);
});

Deno.test("no large file is committed", async () => {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "-z"], cwd: ROOT })
    .output();
  const files = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  const large: string[] = [];
  for (const path of files) {
    const stat = await Deno.stat(join(ROOT, path)).catch(() => null);
    if (stat !== null && stat.size > BYTES_MAX) large.push(`${path} (${stat.size} bytes)`);
  }
  assert.deepEqual(large, []);
});
