import assert from "node:assert/strict";
import { denizenArgs, withFolder } from "./denizen_process.ts";
import { FLOW_FILES, until } from "./flows.ts";

/** util-linux's `script` gives a command a terminal of its own. */
const hasScript = await new Deno.Command("sh", { args: ["-c", "command -v script"] }).output()
  .then(({ success }) => success);

/** Starts the command line on a terminal of 80 × 24. */
function onTerminal(cwd: string, args: string[]): Deno.ChildProcess {
  const words = [Deno.execPath(), ...denizenArgs(args)].map((word) => `'${word}'`).join(" ");
  const { CI: _ci, NO_COLOR: _noColor, ...env } = Deno.env.toObject();
  return new Deno.Command("script", {
    args: ["-qefc", `stty rows 24 cols 80; exec ${words}`, "/dev/null"],
    cwd,
    clearEnv: true,
    env: { ...env, TERM: "xterm-256color" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** Gathers what the terminal was sent. */
function record(child: Deno.ChildProcess): { text: string; done: Promise<void> } {
  const recorded = { text: "", done: Promise.resolve() };
  recorded.done = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      recorded.text += chunk;
    }
  })();
  return recorded;
}

Deno.test({
  name: "on a terminal the tree is drawn in place, and the cursor comes back",
  ignore: !hasScript,
  fn: () =>
    withFolder(FLOW_FILES, async (cwd) => {
      const child = onTerminal(cwd, ["run", "flow.yaml", "-i", "ms=400"]);
      const screen = record(child);
      assert.equal((await child.status).code, 0);
      await child.stdin.close();
      await screen.done;
      assert.ok(screen.text.includes("\x1b[?25l"), "hides the cursor");
      assert.ok(screen.text.lastIndexOf("\x1b[?25h") > screen.text.lastIndexOf("\x1b[?25l"));
      assert.match(screen.text, /half way/);
      // deno-lint-ignore no-control-regex
      assert.match(screen.text, /\u001b\[\d+A\u001b\[J/);
      assert.match(screen.text, /completed after/);
      assert.match(screen.text, /count: 3/);
    }),
});

Deno.test({
  name: "on a terminal Ctrl-C cancels and the cursor comes back",
  ignore: !hasScript,
  fn: () =>
    withFolder(FLOW_FILES, async (cwd) => {
      const child = onTerminal(cwd, ["run", "flow.yaml", "-i", "ms=60000"]);
      const screen = record(child);
      await until(() => screen.text.includes("half way") || null);
      const keyboard = child.stdin.getWriter();
      await keyboard.write(new TextEncoder().encode("\x03"));
      assert.equal((await child.status).code, 130);
      await keyboard.close();
      await screen.done;
      assert.match(screen.text, /cancelling; once more to stop at once/);
      assert.match(screen.text, /cancelled after/);
      assert.ok(screen.text.lastIndexOf("\x1b[?25h") > screen.text.lastIndexOf("\x1b[?25l"));
    }),
});
