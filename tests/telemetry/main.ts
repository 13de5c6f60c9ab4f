/**
 * `deno task test:promtool [OPTIONS]`: the tests with Prometheus' own checker. It is `PROMTOOL`, or
 * `promtool` on the `PATH`, or is taken from Debian's package `prometheus`, once: nothing is
 * installed, nothing is skipped.
 *
 * @module
 */
import { join } from "node:path";
import { findPromtool, promtoolFolder } from "./promtool.ts";

async function run(command: string, args: string[], cwd: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(command, { args, cwd, stdin: "null" }).spawn()
      .status;
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function fetchPackage(): Promise<string> {
  const folder = promtoolFolder();
  console.log("Found no promtool by PROMTOOL or on the PATH: taking it from Debian's package");
  await Deno.mkdir(folder, { recursive: true });
  const download = ["download", "prometheus"];
  if (!await run("apt-get", download, folder)) {
    // A fresh machine has no list of packages yet.
    await run("apt-get", ["update"], folder);
    await run("apt-get", download, folder);
  }
  const file = [...Deno.readDirSync(folder)].find(({ name }) => name.endsWith(".deb"))?.name;
  if (file !== undefined) await run("dpkg-deb", ["--extract", file, "."], folder);
  const program = findPromtool();
  if (program !== null) return program;
  console.error(
    "Cannot fetch promtool: install Prometheus, or let PROMTOOL name a promtool program",
  );
  return Deno.exit(1);
}

const program = findPromtool() ?? await fetchPackage();
console.log(`promtool: ${program}`);
const tests = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "tools/run_tests.ts", "tests/telemetry/promtool_test.ts", ...Deno.args],
  cwd: join(import.meta.dirname!, "..", ".."),
  env: { PROMTOOL: program },
  stdin: "null",
}).spawn();
Deno.exit((await tests.status).code);
