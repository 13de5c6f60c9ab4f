import assert from "node:assert/strict";
import { join } from "node:path";
import { startDenizen, startDeno } from "./denizen_process.ts";

const ROOT = join(import.meta.dirname!, "../..");
const SYSTEM = join(ROOT, "examples/word_index/system.yaml");

/** Lines of the result by kind of file: `md` to `12 files, 34 lines, 56 words, 78 bytes`. */
function totalsOf(err: string): Record<string, string> {
  const lines = err.matchAll(/actor:\/\/index\/main (\w+): (\d+ files, .*)$/gm);
  return Object.fromEntries([...lines].map(([, kind, totals]) => [kind, totals]));
}

/** Counts with other tools: find, wc and grep. */
async function countWithTools(folders: string[], kind: string): Promise<string> {
  const script = `find "$@" -type f -name '*.${kind}' -print0 > "$0"
    tr -cd '\\0' < "$0" | wc -c
    xargs -0 cat < "$0" | wc -l
    xargs -0 grep -ohP '\\p{L}+' < "$0" | wc -l
    xargs -0 cat < "$0" | wc -c`;
  const list = await Deno.makeTempFile();
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", script, list, ...folders],
    env: { LC_ALL: "C.UTF-8" },
  }).output();
  await Deno.remove(list);
  const [files, lines, words, bytes] = new TextDecoder().decode(stdout).trim().split(/\s+/);
  return `${files} files, ${lines} lines, ${words} words, ${bytes} bytes`;
}

Deno.test("deno task actors counts as wc does, and shows the tree with the restart", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const { finished } = startDeno(["task", "-q", "actors", "--data", dataDir], ROOT);
    const { code, out, err } = await finished;
    assert.equal(code, 0, err);
    const totals = totalsOf(err);
    for (const kind of ["md", "json"]) {
      assert.equal(totals[kind], await countWithTools([join(ROOT, "docs")], kind));
    }
    const sample = join(ROOT, "examples/word_index/samples/plain.txt");
    assert.equal(totals.txt, await countWithTools([sample], "txt"));
    assert.match(err, /index\/main most frequent: the \d+, /);
    assert.match(err, /skipped examples\/word_index\/samples\/latin_1\.txt: no UTF-8/);
    assert.match(err, /refused: RATE_LIMITED/, "the walker went as fast as it may");
    assert.match(
      out,
      /^word-index {2}rest_for_one {2}stopped\n├─ readers {2}one_for_one {2}stopped\n/,
    );
    assert.match(out, /reader\/\d {2}transient {2}stopped {2}1 restart {2}last: ACTOR_CRASHED /);
    assert.match(out, /\n└─ index\/main {2}stopped\n$/);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("the word index gives the same totals after kill -9 in the middle", async () => {
  const cwd = await Deno.realPath(await Deno.makeTempDir());
  try {
    const docs = join(cwd, "docs");
    await Deno.mkdir(docs);
    await Deno.mkdir(join(cwd, "examples/word_index/samples"), { recursive: true });
    for (let n = 0; n < 120; n++) {
      const text = `file ${n}\n`.repeat(n) + "no end of line";
      await Deno.writeTextFile(join(docs, `${n}.${n % 2 === 0 ? "md" : "txt"}`), text);
    }
    await Deno.writeFile(join(docs, "odd.md"), new Uint8Array([0x61, 0xff, 0x0a]));
    const args = ["actors", "run", SYSTEM, "--verbose"];
    for (const progress of ["counted 20 files", "counted 80 files"]) {
      const { child, saw, finished } = startDenizen(args, cwd);
      await saw(progress);
      child.kill("SIGKILL");
      const { err } = await finished;
      assert.deepEqual(totalsOf(err), {}, "it was killed before its end");
    }
    const { code, err } = await startDenizen(args, cwd).finished;
    assert.equal(code, 0, err);
    assert.match(err, /counted all: 120 files, and skipped 1$/m);
    await Deno.remove(join(docs, "odd.md"));
    assert.deepEqual(totalsOf(err), {
      md: await countWithTools([docs], "md"),
      txt: await countWithTools([docs], "txt"),
    });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
