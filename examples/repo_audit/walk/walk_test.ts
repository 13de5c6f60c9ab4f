import assert from "node:assert/strict";
import fc from "fast-check";
import { toBatches } from "./batches.ts";
import { walk } from "./walk.ts";

const OPTIONS = { fileBytesMax: 10_000, batch: { filesMax: 100, bytesMax: 1_000_000 } };

/** A directory with the given files, removed with `using`. */
async function makeTree(files: Record<string, string | Uint8Array>) {
  const root = await Deno.makeTempDir({ prefix: "repo-audit-walk-" });
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${root}/${path}`, bytes);
  }
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

async function pathsOf(root: string, options = OPTIONS): Promise<string[]> {
  const { batches } = await walk(root, options);
  return batches.flatMap(({ files }) => files.map(({ path }) => path));
}

async function git(root: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", root, "-c", "core.quotePath=false", "-c", "core.excludesFile=/dev/null", ...args],
    env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

async function hasGit(): Promise<boolean> {
  try {
    return (await new Deno.Command("git", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

/** What git would add: every file that no `.gitignore` names. */
async function pathsOfGit(root: string): Promise<string[]> {
  await git(root, "init", "--quiet");
  const listed = await git(root, "ls-files", "--others", "--exclude-standard", "-z");
  return listed.split("\0").filter((path) => path !== "").sort();
}

const NAME = fc.constantFrom(
  "a",
  "b",
  "B",
  "build",
  "log.txt",
  "x.log",
  "keep.log",
  "#x",
  "!y",
  "s p",
);
const PATTERN = fc.tuple(
  fc.constantFrom("", "", "", "!", "/", "!/", "**/", "\\"),
  fc.constantFrom(
    "a",
    "b",
    "build",
    "*.log",
    "keep.log",
    "a/b",
    "a/*",
    "*",
    "?",
    "[ab]",
    "a/**",
    "**/b",
    "#x",
    "!y",
    "s p",
    "a/**/b",
  ),
  fc.constantFrom("", "", "/", " ", "/*"),
).map((parts) => parts.join(""));

Deno.test({
  name: "walk() finds the files that git would add, for any tree and any .gitignore",
  ignore: !await hasGit(),
  async fn() {
    const paths = fc.uniqueArray(fc.array(NAME, { minLength: 1, maxLength: 4 }), {
      maxLength: 25,
      selector: (names) => names.join("/"),
    });
    const ignores = fc.array(
      fc.tuple(fc.array(NAME, { maxLength: 2 }), fc.array(PATTERN, { minLength: 1, maxLength: 5 })),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(paths, ignores, async (paths, ignores) => {
        const files: Record<string, string> = {};
        for (const [folder, patterns] of ignores) {
          files[[...folder, ".gitignore"].join("/")] = `${patterns.join("\n")}\n`;
        }
        for (const names of paths) files[names.join("/")] = "text\n";
        await using tree = await makeTree(withoutClashes(files));
        assert.deepEqual(await pathsOf(tree.root), await pathsOfGit(tree.root));
      }),
      { numRuns: 60, seed: 7, examples: [RE_INCLUDED] },
    );
  },
});

/** Once wrong: a folder that its parent's file takes back, and a pattern above that names it. */
const RE_INCLUDED: [string[][], [string[], string[]][]] = [
  [["keep.log", "a", "a"]],
  [[["keep.log"], ["!/a"]], [[], ["*/*"]]],
];

/** A name cannot be a file and a folder at once: files win. */
function withoutClashes(files: Record<string, string>): Record<string, string> {
  const names = new Set(Object.keys(files));
  return Object.fromEntries(
    Object.entries(files).filter(([path]) =>
      !path.split("/").some((_, at, parts) => at > 0 && names.has(parts.slice(0, at).join("/")))
    ),
  );
}

Deno.test("walk() skips binary, large, linked and excluded entries and says why", async () => {
  await using tree = await makeTree({
    "text.ts": "const a = 1;\n",
    "image.bin": new Uint8Array([1, 2, 0, 3]),
    "large.txt": "x".repeat(20_000),
    ".git/config": "[core]",
    ".denizen/state": "state",
    "out/report.md": "# old",
    "empty.txt": "",
  });
  await Deno.symlink("/etc", `${tree.root}/outside`);
  await Deno.symlink("text.ts", `${tree.root}/inside.ts`);
  const found = await walk(tree.root, { ...OPTIONS, exclude: [`${tree.root}/out`] });
  assert.deepEqual(found.batches.flatMap(({ files }) => files), [
    { path: "empty.txt", bytes: 0, language: "Text" },
    { path: "text.ts", bytes: 13, language: "TypeScript" },
  ]);
  assert.deepEqual(found.skipped, [
    { path: "image.bin", reason: "binary" },
    { path: "inside.ts", reason: "symlink" },
    { path: "large.txt", reason: "too-large" },
    { path: "outside", reason: "symlink" },
  ]);
  assert.deepEqual(found.counts.skipped, { binary: 1, symlink: 2, "too-large": 1 });
});

Deno.test("walk() gives the same answer whatever the order of creation", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`d${at % 7}/f${at}.py`, "x = 1\n"]),
  );
  await using one = await makeTree(files);
  await using two = await makeTree(Object.fromEntries(Object.entries(files).reverse()));
  const { name: _one, ...first } = await walk(one.root, OPTIONS);
  const { name: _two, ...second } = await walk(two.root, OPTIONS);
  assert.deepEqual(first, second);
});

Deno.test("walk() rejects a path that is no directory", async () => {
  await using tree = await makeTree({ "file.txt": "x" });
  await assert.rejects(walk(`${tree.root}/missing`, OPTIONS), Deno.errors.NotFound);
  await assert.rejects(walk(`${tree.root}/file.txt`, OPTIONS), Deno.errors.NotADirectory);
});

Deno.test("walk() survives a file that vanishes behind a directory entry", async () => {
  await using tree = await makeTree({ "a.txt": "x\n" });
  await new Deno.Command("mkfifo", { args: [`${tree.root}/pipe`] }).output().catch(() => null);
  const { batches, counts } = await walk(tree.root, OPTIONS);
  assert.equal(batches.length, 1);
  assert.ok((counts.skipped.special ?? 0) <= 1);
});

Deno.test("toBatches() keeps to both limits and to the order", () => {
  const sizes = fc.array(fc.nat(50), { maxLength: 60 });
  fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 9 }), (sizes, filesMax) => {
    const files = sizes.map((bytes, at) => ({ path: `f${at}`, bytes, language: "Text" }));
    const batches = toBatches(files, { filesMax, bytesMax: 80 });
    assert.deepEqual(batches.flatMap((batch) => batch.files), files);
    for (const { files } of batches) {
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      assert.ok(
        files.length >= 1 && files.length <= filesMax && (bytes <= 80 || files.length === 1),
      );
    }
  }));
});
