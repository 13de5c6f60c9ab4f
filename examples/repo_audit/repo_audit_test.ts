import assert from "node:assert/strict";
import { plantSecrets } from "./secrets/planted_secrets.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const WORKFLOW = new URL("./workflow.yaml", import.meta.url).pathname;

interface Audited {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the workflow as a user would. */
async function audit(folder: string, name: string): Promise<Audited> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", MAIN, "run", WORKFLOW, "--json", "--data", `${folder}/state-${name}`],
      ...["--input", `path=${folder}/tree`, "--input", `out=${folder}/out-${name}`],
    ],
    cwd: folder,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** A tree with the planted secrets, programs of several languages, and what must be left out. */
async function makeTree(root: string): Promise<void> {
  const { files } = plantSecrets();
  const others: Record<string, string> = {
    ".gitignore": "ignored/\n*.log\n",
    "ignored/a.ts": "const never = 1;\n",
    "a.log": "never\n",
    "src/no_newline.ts": "export const a = 1;\nexport const b = a && 2;",
    "src/copy.py": "def f(n):\n    return n if n else 0\n",
    "package.json": `{ "name": "tree", "license": "MIT", "dependencies": { "zod": "^4" } }\n`,
    "<img src=x onerror=alert(1)>.md": "# hostile name\n",
  };
  for (const [path, text] of Object.entries({ ...files, ...others })) {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  await Deno.symlink("/etc/hostname", `${root}/outside`);
}

Deno.test("the audit finds what was planted, tells nobody, counts as wc -l, and repeats itself", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "repo-audit-run-" }));
  try {
    await makeTree(`${folder}/tree`);
    const first = await audit(folder, "1");
    assert.equal(first.code, 0, first.stdout + first.stderr);
    const { status, output } = JSON.parse(first.stdout);
    assert.equal(status, "completed");
    const report = JSON.parse(await Deno.readTextFile(output.report.json));
    checkSecretsFound(report);
    await checkLines(report, `${folder}/tree`);
    assert.deepEqual(report.skipped.listed, [{ path: "outside", reason: "symlink" }]);
    await checkNothingLeaks(folder, first);
    const second = await audit(folder, "2");
    assert.equal(second.code, 0, second.stdout + second.stderr);
    for (const name of ["report.json", "report.md", "report.html"]) {
      const again = await Deno.readTextFile(`${folder}/out-2/${name}`);
      assert.equal(again, await Deno.readTextFile(`${folder}/out-1/${name}`), name);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

interface Report {
  files: { path: string; lines: number }[];
  secrets: { findings: { path: string; line: number; rule: string }[] };
}

function checkSecretsFound(report: Report): void {
  const { findings } = report.secrets;
  const missing = plantSecrets().secrets.filter(({ path, line, rule }) =>
    !findings.some((one) =>
      one.path === path && Math.abs(one.line - line) <= 1 && one.rule === rule
    )
  );
  assert.deepEqual(missing.map(({ path, line }) => `${path}:${line}`), []);
}

async function checkLines(report: Report, root: string): Promise<void> {
  assert.ok(report.files.length > 40);
  assert.ok(!report.files.some(({ path }) => path.startsWith("ignored/") || path === "a.log"));
  for (const { path, lines } of report.files) {
    const bytes = await Deno.readFile(`${root}/${path}`);
    assert.equal(lines, bytes.filter((byte) => byte === 0x0a).length, path);
  }
}

/** No planted value in what was printed, in the reports, or in the state files. */
async function checkNothingLeaks(folder: string, { stdout, stderr }: Audited): Promise<void> {
  const said = new Map([["stdout", stdout], ["stderr", stderr]]);
  for (const part of ["out-1", "state-1"]) {
    for await (const file of filesBelow(`${folder}/${part}`)) {
      said.set(file, new TextDecoder("latin1").decode(await Deno.readFile(file)));
    }
  }
  assert.ok(said.size > 5);
  for (const [where, text] of said) {
    for (const { value, rule } of plantSecrets().secrets) {
      const telling = value.split("\n")[0]!.slice(4);
      assert.ok(!text.includes(telling), `${rule} is in ${where}`);
    }
  }
}
