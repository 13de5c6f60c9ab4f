import assert from "node:assert/strict";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const WORKFLOW = new URL("./measurers.yaml", import.meta.url).pathname;
const RULES = new URL("./decision_rules.json", import.meta.url).pathname;

/** Most files are code that only a parser or the rules take; a few are prose. */
const CODE_FILES = 120;
const PROSE_FILES = 10;

interface Task {
  id: string;
  status: string;
  attempts: number;
  agent: string | null;
  reason: string | null;
}

async function denizen(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, ...args],
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
  return decoder.decode(stdout);
}

/** Files of one run each have other names: none is a repetition of an earlier task. */
async function makeTree(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (let n = 0; n < CODE_FILES; n++) {
    const text = `export function f${n}(a: number) {\n  return a > ${n} ? a : ${n};\n}\n`;
    // Long enough to parse that it shows who does not.
    await Deno.writeTextFile(`${folder}/part_${n}.ts`, text.repeat(300));
  }
  for (let n = 0; n < PROSE_FILES; n++) {
    await Deno.writeTextFile(`${folder}/chapter_${n}.md`, `# Chapter ${n}\n\nText.\n`);
  }
}

Deno.test("of three measurers the best gets the work; one that turns bad is left, then taken back", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "measurers-" }));
  const rules = `${folder}/rules.json`;
  const data = `${folder}/state`;
  try {
    await makeTree(`${folder}/tree`);
    const measure = async () => {
      const input = [`path=${folder}/tree`, `rules=${rules}`, "filesPerTask=1"];
      const options = input.flatMap((pair) => ["--input", pair]);
      const document = await denizen(["run", WORKFLOW, "--json", "--data", data, ...options]);
      const { runId, status, tasks } = JSON.parse(document);
      assert.equal(status, "completed");
      const items = (tasks as Task[]).filter(({ id }) => id.startsWith("measure["));
      assert.equal(items.length, CODE_FILES + PROSE_FILES);
      return { runId: runId as string, items };
    };
    const shareOf = (items: readonly Task[]) =>
      items.filter(({ agent }) => agent === "word-measurer").length / items.length;

    await Deno.copyFile(RULES, rules);
    await measure();
    const learnt = await measure();
    assert.ok(shareOf(learnt.items) > 0.6, `word-measurer got ${shareOf(learnt.items)}`);
    const shown = await denizen(["runs", "show", learnt.runId, "--data", data]);
    assert.match(shown, /word-measurer/);
    const reasons = learnt.items.map(({ reason }) => reason ?? "");
    assert.ok(
      reasons.some((reason) => /succeeds at \d+(\.\d+)? % of tasks/.test(reason)),
      reasons[0],
    );

    await Deno.remove(rules);
    const bad = await measure();
    // Whoever fails has one attempt more than whoever takes over.
    const failures = bad.items.reduce((sum, { attempts }) => sum + attempts - 1, 0);
    assert.ok(failures <= 50, `${failures} attempts failed before it was left`);
    assert.ok(bad.items.every(({ agent }) => agent !== "word-measurer"));

    await Deno.copyFile(RULES, rules);
    let share = 0;
    for (let round = 0; round < 5 && share < 0.5; round++) {
      share = shareOf((await measure()).items);
    }
    assert.ok(share >= 0.5, `it has ${share} of the work after it recovered`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
