/**
 * Programs that nobody here wrote, which look at the API: a linter of its description, and a tester
 * that asks for everything that the description promises. They are fetched once, in pinned versions.
 *
 * @module
 */
import { join } from "node:path";

const REDOCLY = "@redocly/cli@2.77.0";
const SCHEMATHESIS = "schemathesis==4.32.5";

/** Where they are kept between runs. */
function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(home, "denizen-test-api");
}

/** Runs a program with its output on the terminal. @returns whether it succeeded */
async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const child = new Deno.Command(program, { args, env, stdin: "null" }).spawn();
  return (await child.status).success;
}

/** Redocly's linter over a description. @returns whether it has nothing to say against it */
export async function lint(document: string, config: string): Promise<boolean> {
  const args = ["-y", REDOCLY, "lint", document, "--config", config, "--max-problems", "1000"];
  return await run("npx", args, {
    REDOCLY_TELEMETRY: "off",
    REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
  });
}

/** How Schemathesis is started. */
export interface ContractTester {
  /** @returns whether all that was asked was answered as described */
  test(args: string[], config: string): Promise<boolean>;
}

/** Installs Schemathesis where it is missing: in a virtual environment, or a folder of its own. */
export async function openContractTester(): Promise<ContractTester> {
  const folder = join(cacheFolder(), SCHEMATHESIS);
  const python = join(folder, "bin", "python");
  const isThere = await Deno.stat(join(folder, "installed")).then(() => true, () => false);
  if (!isThere) await install(folder);
  const isVirtual = await Deno.stat(python).then(() => true, () => false);
  const env = { PYTHONUNBUFFERED: "1", ...(isVirtual ? {} : { PYTHONPATH: folder }) };
  return {
    test: (args, config) =>
      run(
        isVirtual ? python : "python3",
        ["-m", "schemathesis.cli", "--config-file", config, "run", ...args],
        env,
      ),
  };
}

async function install(folder: string): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const quiet = ["--quiet", "--disable-pip-version-check"];
  const pip = ["-m", "pip", "install", ...quiet];
  let isDone = false;
  if (await run("python3", ["-m", "venv", folder])) {
    isDone = await run(join(folder, "bin", "python"), [...pip, SCHEMATHESIS]);
  } else {
    // Debian has the part of Python that makes virtual environments in a package of its own.
    await Deno.remove(folder, { recursive: true });
    isDone = await run("python3", [...pip, "--target", folder, SCHEMATHESIS]);
  }
  if (!isDone) throw new Error(`Cannot install ${SCHEMATHESIS}: it takes Python 3.10 with pip`);
  await Deno.writeTextFile(join(folder, "installed"), `${new Date().toISOString()}\n`);
}
