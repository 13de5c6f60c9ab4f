/**
 * `deno task test:kv-connect [OPTIONS]`: the tests of the stores on a KV Connect server. The server
 * is `DENOKV_BIN`, or `denokv` on the `PATH`, or is built by cargo, once; nothing is skipped.
 *
 * @module
 */
import { join } from "node:path";
import { cacheFolder, findDenokv } from "./denokv_server.ts";

async function build(): Promise<string> {
  const root = cacheFolder();
  console.log(`Found no denokv by DENOKV_BIN or on the PATH: cargo builds it, about 12 minutes`);
  const args = ["install", "denokv", "--locked", "--root", root];
  try {
    const { success } = await new Deno.Command("cargo", { args, stdin: "null" }).spawn().status;
    if (success) return join(root, "bin", "denokv");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.error(
    "Cannot build denokv: install Rust (https://rustup.rs), or let DENOKV_BIN name a denokv program",
  );
  return Deno.exit(1);
}

const program = findDenokv() ?? await build();
console.log(`KV Connect server: ${program}`);
const tests = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", "tools/run_tests.ts", "tests/kv_connect", ...Deno.args],
  cwd: join(import.meta.dirname!, "..", ".."),
  env: { DENOKV_BIN: program },
  stdin: "null",
}).spawn();
Deno.exit((await tests.status).code);
