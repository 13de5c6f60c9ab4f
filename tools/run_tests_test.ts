import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { filesToRunAgain, formatCounts, readCounts } from "./run_tests.ts";

async function runTests(
  files: Record<string, string>,
  { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {},
): Promise<{ code: number; lines: string[] }> {
  const root = await Deno.makeTempDir();
  try {
    for (const [name, source] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, name)), { recursive: true });
      await Deno.writeTextFile(join(root, name), source);
    }
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(import.meta.dirname!, "run_tests.ts"), ...args],
      cwd: root,
      env,
      stderr: "null",
    }).output();
    return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const PASSES = 'Deno.test("a", () => {});';

Deno.test("readCounts() reads every form of the closing line", () => {
  const lines: [string, string][] = [
    ["ok | 3 passed | 0 failed (1s)", "3 passed, 0 failed"],
    ["ok | 3 passed (2 steps) | 0 failed | 2 ignored (1ms)", "3 passed, 0 failed, 2 skipped"],
    [
      "\x1b[32mFAILED\x1b[0m | 1 passed (1 step) | 12 failed (3 steps) (9ms)",
      "1 passed, 12 failed",
    ],
    ["ok | 1 passed | 0 failed\nok | 7 passed | 0 failed\nlater", "7 passed, 0 failed"],
  ];
  for (const [line, wanted] of lines) assert.equal(formatCounts(readCounts(line)!), wanted);
  assert.equal(readCounts("error: Module not found"), null);
});

Deno.test("deno task test ends with the counts and exits 0 when all pass", async () => {
  const { code, lines } = await runTests({ "a_test.ts": PASSES });
  assert.equal(lines.at(-1), "1 passed, 0 failed");
  assert.equal(code, 0);
});

Deno.test("deno task test exits non-zero on a failure, a broken module and an empty tree", async () => {
  const failing = await runTests({
    "a_test.ts": `${PASSES} Deno.test("b", () => { throw new Error("planted"); });`,
    "b_test.ts": 'throw new Error("planted");',
  });
  assert.equal(failing.lines.at(-1), "1 passed, 2 failed");
  assert.equal(failing.code, 1);
  const unresolved = await runTests({ "a_test.ts": `import "./gone.ts"; ${PASSES}` });
  assert.match(unresolved.lines.at(-1)!, /^0 passed, 1 failed$/);
  assert.notEqual(unresolved.code, 0);
  const empty = await runTests({});
  assert.notEqual(empty.code, 0);
});

Deno.test("deno task test fails a test that leaks a timer", async () => {
  const { lines } = await runTests({
    "a_test.ts": 'Deno.test("leaks", () => { setTimeout(() => {}, 100); });',
  });
  assert.equal(lines.at(-1), "0 passed, 1 failed");
});

Deno.test("deno task test stops a test that hangs and counts it as failed", async () => {
  const { code, lines } = await runTests(
    { "a_test.ts": `${PASSES} Deno.test("hangs", () => { for (;;); });` },
    { env: { DENIZEN_TEST_SILENCE_MS: "1500" } },
  );
  assert.equal(lines.at(-1), "1 passed, 1 failed");
  assert.notEqual(code, 0);
});

/** Fails in its first run of a folder, and passes in every later one. */
const FLAKY = `Deno.test("flaky", () => {
  try { Deno.statSync("ran") } catch { Deno.writeTextFileSync("ran", ""); throw new Error("planted"); }
});`;

Deno.test("deno task test --again runs a failed file of tests/ once more, and names it", async () => {
  const files = { "a_test.ts": PASSES, "tests/b_test.ts": FLAKY };
  const again = await runTests(files, { args: ["--again"] });
  assert.equal(again.code, 0);
  assert.equal(again.lines.at(-2), "FLAKY: failed, then passed alone: tests/b_test.ts");
  assert.equal(again.lines.at(-1), "2 passed, 0 failed");
  const plain = await runTests(files);
  assert.equal(plain.lines.at(-1), "1 passed, 1 failed");
  assert.equal(plain.code, 1);
});

Deno.test("deno task test --again fails what fails twice, and gives pure code no second chance", async () => {
  const failing = 'Deno.test("fails", () => { throw new Error("planted"); });';
  const twice = await runTests({ "tests/a_test.ts": failing }, { args: ["--again"] });
  assert.equal(twice.lines.at(-1), "0 passed, 1 failed");
  assert.equal(twice.code, 1);
  const pure = await runTests({ "core/a_test.ts": FLAKY }, { args: ["--again"] });
  assert.equal(pure.lines.at(-1), "0 passed, 1 failed");
  assert.equal(pure.code, 1);
});

Deno.test("filesToRunAgain() takes few files, by their tests and by what nobody caught", () => {
  const output = (...files: string[]) => ["ERRORS", " FAILURES ", "", ...files, ""].join("\n");
  assert.deepEqual(
    filesToRunAgain(
      output("a => b => ./tests/a_test.ts:1:6", "./tests/b_test.ts (uncaught error)"),
    ),
    ["tests/a_test.ts", "tests/b_test.ts"],
  );
  const many = [1, 2, 3, 4].map((number) => `x => ./tests/${number}_test.ts:1:6`);
  assert.deepEqual(filesToRunAgain(output(...many)), []);
  assert.deepEqual(filesToRunAgain("no end: a => ./tests/a_test.ts:1:6"), []);
});
