/**
 * Chromium for tests, from npm alone: unpacked once for each machine.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import config from "./chromium.json" with { type: "json" };

/** Also as root, and where `/dev/shm` is small. */
const ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"];

/** A busy machine is slow, a browser that hangs is broken. */
const START_MS = 180_000;

/**
 * Starts a browser; whoever called closes it.
 *
 * @param args more of the command line
 */
export async function openBrowser(args: readonly string[] = []): Promise<Browser> {
  return await chromium.launch({
    executablePath: await unpack(),
    args: [...ARGS, ...args],
    timeout: START_MS,
  });
}

/** Path of the program. It is put in its place whole: another process may look at the same time. */
async function unpack(): Promise<string> {
  const version = config.imports["@sparticuz/chromium"].split("@").at(-1)!;
  const folder = join(tmpdir(), `denizen-chromium-${version}`);
  const program = join(folder, "chromium");
  if (await isThere(program)) return program;
  // The package unpacks into the folder for temporary files, and trusts whatever lies there.
  const draft = await Deno.makeTempDir({ prefix: "denizen-chromium-draft-" });
  try {
    await Deno.rename(dirname(await unpackInto(draft)), folder);
  } catch (error) {
    if (!(await isThere(program))) throw error;
  } finally {
    await Deno.remove(draft, { recursive: true }).catch(() => {});
  }
  return program;
}

/** Answers with the path of the program. */
async function unpackInto(folder: string): Promise<string> {
  const [config, script] = ["chromium.json", "unpack_chromium.ts"]
    .map((name) => join(import.meta.dirname!, name));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config!, script!],
    env: { TMPDIR: folder },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout).trim();
  throw new Error(`Chromium could not be unpacked:\n${decoder.decode(stderr)}`);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
