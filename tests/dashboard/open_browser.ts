/**
 * Chromium for tests, from npm alone: unpacked once for each machine.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import unpacker from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";
import config from "../../deno.json" with { type: "json" };

/** Also as root, and where `/dev/shm` is small. */
const ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"];

/** Starts a browser; whoever called closes it. */
export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await unpack(), args: ARGS });
}

/** Path of the program. It is put in its place whole: another process may look at the same time. */
async function unpack(): Promise<string> {
  const version = config.imports["@sparticuz/chromium"].split("@").at(-1)!;
  const folder = join(tmpdir(), `denizen-chromium-${version}`);
  const program = join(folder, "chromium");
  if (await isThere(program)) return program;
  const draft = await Deno.makeTempDir({ prefix: "denizen-chromium-draft-" });
  const before = Deno.env.get("TMPDIR");
  // The package unpacks into the folder for temporary files, and trusts whatever lies there.
  Deno.env.set("TMPDIR", draft);
  try {
    const unpacked = await unpacker.executablePath();
    await Deno.rename(dirname(unpacked), folder);
  } catch (error) {
    if (!(await isThere(program))) throw error;
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(draft, { recursive: true }).catch(() => {});
  }
  return program;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
