import assert from "node:assert/strict";
import { isRunning, until } from "../../tests/cells/cell_harness.ts";
import { Descendants } from "./descendants.ts";

const IS_LINUX = Deno.build.os === "linux";
const MARK = `denizen-mark-${Deno.pid}`;

/** A shell that starts a sleeper in a session of its own, says its number, and waits or ends. */
async function spawnFamily(then: string, env: Record<string, string>) {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", `setsid sleep 1000 >/dev/null 2>&1 & echo $!; ${then}`],
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", ...env },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return { child, sleeper: Number(new TextDecoder().decode(value).trim()) };
}

Deno.test({
  name: "kill() ends what was seen to descend from the cell, in whatever session",
  ignore: !IS_LINUX,
  fn: async () => {
    const { child, sleeper } = await spawnFamily("sleep 1000", {});
    const descendants = new Descendants(child.pid, MARK);
    descendants.note();
    child.kill("SIGKILL");
    await child.status;
    assert.ok(isRunning(sleeper));
    descendants.kill();
    await until(() => !isRunning(sleeper));
  },
});

Deno.test({
  name: "kill() ends what was never seen, and has the cell's environment",
  ignore: !IS_LINUX,
  fn: async () => {
    const { child, sleeper } = await spawnFamily("exit 0", { BROKER: MARK });
    await child.status;
    assert.ok(isRunning(sleeper));
    const descendants = new Descendants(child.pid, MARK);
    descendants.expect();
    descendants.kill();
    await until(() => !isRunning(sleeper));
  },
});

Deno.test("kill() leaves strangers alone", () => {
  new Descendants(2 ** 30, `${MARK}-nobody`).kill();
});
