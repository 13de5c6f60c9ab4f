/** The command line starts fast: little is loaded before it is known what to do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Command } from "../../runtime/cli/command.ts";
import { COMMANDS } from "../../runtime/cli/commands.ts";
import { loadAction } from "../../runtime/cli/load_late.ts";

const ROOT = join(import.meta.dirname!, "../..");
/** Modules of our own that `--help` may wait for. */
const MODULES_MAX = 20;

interface Graph {
  modules: {
    specifier: string;
    kind?: string;
    dependencies?: { code?: { specifier?: string } }[];
  }[];
}

/** What Deno resolves before `main.ts` runs: all that is imported by written names, but types. */
async function modulesOf(entry: string): Promise<Set<string>> {
  const args = ["info", "--json", join(ROOT, entry)];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const bySpecifier = new Map(modules.map((one) => [one.specifier, one]));
  const loaded = new Set<string>();
  const visit = (specifier: string) => {
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    for (const { code } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined) visit(code.specifier);
    }
  };
  visit(modules.find(({ specifier }) => specifier.endsWith(`/${entry}`))!.specifier);
  return loaded;
}

Deno.test("main.ts resolves few modules, and no package, before it runs", async () => {
  const loaded = [...await modulesOf("main.ts")];
  assert.deepEqual(loaded.filter((one) => one.startsWith("npm:")), []);
  const own = loaded.filter((one) => one.startsWith("file:"));
  assert.ok(own.length > 5 && own.length <= MODULES_MAX, own.join("\n"));
});

function allCommands(commands: readonly Command[]): Command[] {
  return commands.flatMap((one) => [one, ...allCommands(one.subcommands ?? [])]);
}

Deno.test("every command without subcommands does something", async () => {
  const commands = allCommands(COMMANDS).filter((one) => one.subcommands === undefined);
  for (const command of commands) {
    assert.equal(typeof await loadAction(command), "function", command.name);
  }
});
