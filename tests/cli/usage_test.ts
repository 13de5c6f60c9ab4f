import assert from "node:assert/strict";
import { ERRORS } from "../../core/catalogue/mod.ts";
import { COMMANDS } from "../../runtime/cli/commands.ts";
import type { Command } from "../../runtime/cli/command.ts";
import { denizen, withFolder } from "./denizen_process.ts";

/** Options of every command, and what stands for any option. */
const OPTIONS_OF_ALL = ["data", "store", "server", "json", "quiet", "verbose", "help", "option"];

const WRONG: [args: string[], code: string, hint: RegExp][] = [
  [["rnu"], "UNKNOWN_COMMAND", /Did you mean "run"/],
  [["frobnicate"], "UNKNOWN_COMMAND", /Use one of: run, validate/],
  [["runs"], "UNKNOWN_COMMAND", /list, show/],
  [["runs", "lst"], "UNKNOWN_COMMAND", /Did you mean "runs list"/],
  [["run"], "ARGUMENT_MISSING", /help run/],
  [["validate"], "ARGUMENT_MISSING", /help validate/],
  [["runs", "show"], "ARGUMENT_MISSING", /help runs show/],
  [["run", "a.yaml", "b.yaml"], "ARGUMENT_UNWANTED", /help run/],
  [["run", "a.yaml", "--inptu", "a=b"], "UNKNOWN_OPTION", /Did you mean "--input"/],
  [["run", "a.yaml", "-x"], "UNKNOWN_OPTION", /help run/],
  [["run", "a.yaml", "--constructor"], "UNKNOWN_OPTION", /help run/],
  [["run", "a.yaml", "--id"], "OPTION_VALUE_MISSING", /help run/],
  [["run", "a.yaml", "--id", "--quiet"], "OPTION_VALUE_MISSING", /help run/],
  [["run", "a.yaml", "--id", "a", "--id", "b"], "OPTION_REPEATED", /help run/],
  [["run", "a.yaml", "--quiet=yes"], "OPTION_VALUE_UNWANTED", /help run/],
  [["runs", "list", "--limit", "0"], "OPTION_VALUE_WRONG", /1 to 1000/],
  [["runs", "list", "--status", "done"], "OPTION_VALUE_WRONG", /completed/],
  [["runs", "list", "--status", "faild"], "OPTION_VALUE_WRONG", /Did you mean "failed"/],
  [["runs", "list", "--data", ""], "OPTION_VALUE_WRONG", /Name a folder/],
  [["runs", "resume"], "DATA_DIR_MISSING", /deno task run/],
  [["actors", "ran"], "UNKNOWN_COMMAND", /Did you mean "actors run"/],
  [["actor"], "UNKNOWN_COMMAND", /Did you mean "actors"/],
  [["actors", "run"], "ARGUMENT_MISSING", /help actors run/],
  [["actors", "run", "a.yaml", "--for", "5"], "OPTION_VALUE_WRONG", /10m/],
  [["actors", "tell", "actor://a"], "ARGUMENT_MISSING", /help actors tell/],
  [["actors", "tell", "counter", "add"], "ARGUMENT_VALUE_WRONG", /actor:\/\/name\/key/],
  [["actors", "tell", "actor://a/*", "add"], "ARGUMENT_VALUE_WRONG", /actor:\/\/name\/key/],
  [["actors", "tell", "actor://a", "a b"], "ARGUMENT_VALUE_WRONG", /name of a message/],
  [["actors", "tell", "actor://a", "add", "{by: 2}"], "ARGUMENT_VALUE_WRONG", /Write JSON/],
  [["dead-letters", "replay"], "ARGUMENT_MISSING", /give --all/],
  [["dead-letters", "drop", "x", "--all"], "ARGUMENT_UNWANTED", /or give --all/],
  [["dead-letters", "list", "--limit", "no"], "OPTION_VALUE_WRONG", /1 to 1000/],
  [["completions", "bsh"], "SHELL_UNKNOWN", /Did you mean "bash"/],
];

for (const [args, code, hint] of WRONG) {
  Deno.test(`denizen ${args.join(" ")} is refused as ${code} with a hint`, async () => {
    await withFolder({}, async (cwd) => {
      const text = await denizen(args, { cwd });
      assert.equal(text.code, 2);
      assert.equal(text.out, "");
      assert.match(text.err, new RegExp(`^error: .*\\[${code}\\]\\nhint: `));
      assert.match(text.err, hint);
      const json = await denizen([...args.slice(0, 1), "--json", ...args.slice(1)], { cwd });
      assert.equal(json.code, 2);
      const { error } = JSON.parse(json.out);
      assert.equal(error.code, code);
      assert.match(error.hint, hint);
      assert.deepEqual([...Deno.readDirSync(cwd)], [], "nothing is written");
    });
  });
}

Deno.test("denizen without a command, help and --help show the commands", async () => {
  const [none, help, option] = await Promise.all([denizen([]), denizen(["help"]), denizen(["-h"])]);
  for (const { code, out, err } of [none, help, option]) {
    assert.equal(code, 0);
    assert.equal(err, "");
    for (const word of ["run", "validate", "runs", "doctor", "schema", "Exit status"]) {
      assert.ok(out.includes(word), word);
    }
  }
});

Deno.test("denizen quotes what it was given without its escape sequences", async () => {
  const wrong = "b\x1b[31m\u202e\u2066c";
  for (const args of [["run", wrong], ["run", "a.yaml", wrong], [wrong], ["validate", wrong]]) {
    const { code, out, err } = await denizen(args);
    assert.equal(code, 2);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(out + err, /[\u001b\u202e\u2066]/);
    assert.match(out + err, /bc/);
  }
});

Deno.test("denizen says so where a file stands for a folder, or a folder for a file", async () => {
  await withFolder({ "file": "" }, async (cwd) => {
    for (const args of [["run", "a.yaml"], ["runs", "list"], ["runs", "resume"]]) {
      const { code, out, err } = await denizen([...args, "--data", "file"], { cwd });
      assert.deepEqual([code, out], [4, ""]);
      assert.match(err, /it is a file, not a folder \[STORE_UNAVAILABLE\]/);
    }
    const { code, err } = await denizen(["run", "."], { cwd });
    assert.equal(code, 2);
    assert.match(err, /it is a folder \[FILE_NOT_READABLE\]/);
  });
});

Deno.test("every command has help with usage and an example", async () => {
  const { COMMANDS } = await import("../../runtime/cli/commands.ts");
  const { commandHelp } = await import("../../runtime/cli/help.ts");
  const paths = COMMANDS.flatMap((command) => [
    { command, path: command.name },
    ...(command.subcommands ?? []).map((one) => ({ command: one, path: `runs ${one.name}` })),
  ]);
  for (const { command, path } of paths) {
    const text = commandHelp(command, path);
    assert.match(text, new RegExp(`Usage: deno task denizen ${path}`));
    assert.ok(command.examples.length > 0, path);
    for (const option of Object.keys(command.options)) assert.ok(text.includes(`--${option}`));
  }
  const shown = await denizen(["runs", "show", "--help"]);
  assert.equal(shown.code, 0);
  assert.match(shown.out, /Usage: deno task denizen runs show ID/);
});

Deno.test("denizen version and schema print one document", async () => {
  const version = await denizen(["version", "--json"]);
  assert.match(JSON.parse(version.out).denizen, /^\d+\.\d+\.\d+$/);
  assert.equal((await denizen(["--version"])).out, `denizen ${JSON.parse(version.out).denizen}\n`);
  const schema = await denizen(["schema"]);
  assert.equal(JSON.parse(schema.out).type, "object");
});

Deno.test("denizen doctor --json tells what the system offers and leaves nothing behind", async () => {
  await withFolder({}, async (cwd) => {
    const { code, out } = await denizen(["doctor", "--json"], { cwd });
    const { status, checks } = JSON.parse(out);
    assert.equal(code, status === "red" ? 1 : 0);
    const names = checks.map((one: { name: string }) => one.name);
    for (const name of ["deno", "store", "file system", "clock", "esbuild", "limit prlimit"]) {
      assert.ok(names.includes(name), name);
    }
    for (const one of checks) assert.ok(one.status === "green" || one.hint.length > 0, one.name);
    assert.deepEqual([...Deno.readDirSync(cwd)], []);
  });
});

Deno.test("denizen doctor is red where the store cannot be written", async () => {
  const { code, out } = await denizen(["doctor", "--json", "--data", "/proc/denizen"]);
  assert.equal(code, 1);
  const store = JSON.parse(out).checks.find((one: { name: string }) => one.name === "store");
  assert.equal(store.status, "red");
});

Deno.test("the catalogue of errors names no option that no command has", () => {
  const optionsOf = ({ options, subcommands = [] }: Command): string[] => [
    ...Object.keys(options),
    ...subcommands.flatMap(optionsOf),
  ];
  const known = new Set([...COMMANDS.flatMap(optionsOf), ...OPTIONS_OF_ALL]);
  for (const [code, { summary, hint }] of Object.entries(ERRORS)) {
    for (const [, option] of `${summary} ${hint}`.matchAll(/(?<![\w-])--([a-z][a-z-]*)/g)) {
      assert.ok(known.has(option!), `${code} names --${option}`);
    }
  }
});
