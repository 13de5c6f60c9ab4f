/** Completion scripts, in the shells that they are for, where those are installed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { denizen, withFolder } from "./denizen_process.ts";
import { AGENT, FLOW } from "./flows.ts";

/** What a shell offers at the end of a line; files and folders as it sees them. */
type Complete = (line: string, script: string, cwd: string) => Promise<string[]>;

async function runShell(shell: string, args: string[], cwd: string): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(shell, {
    args,
    cwd,
    env: { HOME: cwd, XDG_CONFIG_HOME: cwd, XDG_DATA_HOME: cwd, XDG_CACHE_HOME: cwd },
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  assert.equal(decoder.decode(stderr), "");
  return decoder.decode(stdout).split("\n").filter((line) => line !== "");
}

/** As readline splits a line: "=" is a word of its own. */
function readlineWords(line: string): string[] {
  return line.split(/(?<==)|(?==)| /).map((word) => word.trim());
}

const SHELLS: Record<string, Complete> = {
  bash: (line, script, cwd) => {
    const words = readlineWords(line);
    const code = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=${words.length - 1}; _denizen; ` +
      `printf '%s\\n' "\${COMPREPLY[@]}"`;
    return runShell("bash", ["--norc", "-c", code, "bash", script, ...words], cwd);
  },
  // The system that shows what is offered needs a terminal; what is offered does not.
  zsh: async (line, script, cwd) => {
    const words = line.split(" ");
    const code = `compdef() { : }; compset() { : }; cut=1; ` +
      `_describe() { print -rl -- "\${(@P)argv[-1]}" }; ` +
      `_files() { [[ $1 == -/ ]] && print -rl -- *(N/) || print -rl -- *(N) }; ` +
      `script=$1; shift; source $script; words=("$@"); CURRENT=$#; _denizen`;
    const lines = await runShell("zsh", ["-f", "-c", code, "zsh", script, ...words], cwd);
    const cur = words.at(-1)!.replace(/^--[\w-]+=/, "");
    return lines.map((one) => one.split(":")[0]!).filter((one) => one.startsWith(cur));
  },
  fish: async (line, script, cwd) => {
    const code = `source $argv[1]; complete -C $argv[2]`;
    const lines = await runShell("fish", ["--no-config", "-c", code, script, line], cwd);
    return lines.map((one) => one.split("\t")[0]!.replace(/^--[\w-]+=/, ""));
  },
};

function isInstalled(shell: string): boolean {
  try {
    return new Deno.Command(shell, { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const CASES: [line: string, offered: string[]][] = [
  ["denizen ru", ["run", "runs"]],
  ["denizen runs li", ["list"]],
  ["denizen runs list --st", ["--status", "--store"]],
  ["denizen runs list --status f", ["failed"]],
  ["denizen runs list --status=c", ["completed", "cancelled"]],
  ["denizen runs list --limit ", []],
  ["denizen --data elsewhere runs sh", ["show"]],
  ["denizen run --id runs --qu", ["--quiet"]],
  ["denizen completions ", ["bash", "zsh", "fish"]],
  ["denizen help nothing-at-all ", []],
  ["denizen serve --log-format ", ["text", "json"]],
  ["denizen validate fl", ["flow.yaml"]],
  ["denizen validate flow.yaml fl", ["flow.yaml"]],
  ["denizen runs list --data fol", ["folder"]],
  ["denizen runs show x", []],
];

for (const [shell, complete] of Object.entries(SHELLS)) {
  Deno.test({
    name: `denizen completions ${shell} completes commands, options, words, files and runs`,
    ignore: !isInstalled(shell),
    fn: () =>
      withFolder({ "flow.yaml": FLOW, "worker.ts": AGENT }, async (cwd) => {
        await Deno.mkdir(join(cwd, "folder"));
        const { out } = await denizen(["completions", shell]);
        const script = join(cwd, "script");
        await Deno.writeTextFile(script, out);
        for (const [line, offered] of CASES) {
          const found = await complete(line, script, cwd);
          assert.deepEqual(
            found.map((one) => one.replace(/\/$/, "")).sort(),
            offered.toSorted(),
            line,
          );
        }
        const place = ["--data", join(cwd, "state")];
        const ran = await denizen(["run", "flow.yaml", "--json", ...place], { cwd });
        const { runId } = JSON.parse(ran.out);
        const line = `denizen --data ${place[1]} runs show ${runId.slice(0, 6)}`;
        assert.deepEqual(await complete(line, script, cwd), [runId]);
      }),
  });
}
