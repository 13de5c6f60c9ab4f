/**
 * Makes one content-hashed text of an agent's module, from a path or from text that came along.
 *
 * @module
 */
import { isPlainPath, PATH_CHARS_MAX } from "../cells/plain_path.ts";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { DenizenError, InvalidInputError } from "../../core/errors.ts";
import { type Bundle, bundleAgent } from "../cells/mod.ts";
import type { AgentSource } from "./agent_registry.ts";

/** Name of a module that came as text, among its files and in what is said of it. */
export const MODULE_FILE = "agent.ts";

const FILES_MAX = 500;
const FILES_CHARS_MAX = 8 * 1024 * 1024;
/** Folders that a node left behind when it was killed. */
const STALE_MS = 3_600_000;

/** A bundled module, and what it was made of. */
export interface LoadedModule {
  bundle: Bundle;
  /** Path as it was given, or {@linkcode MODULE_FILE}. */
  module: string;
}

/**
 * Bundles a module.
 *
 * @param dataDir state directory: bundles are kept in it, and files for as long as they are read
 * @throws {InvalidInputError} `AGENT_FILES_WRONG`, and as `bundleAgent()` does
 */
export async function loadModule(source: AgentSource, dataDir: string): Promise<LoadedModule> {
  if (!("module" in source)) return await loadText(source, dataDir);
  const { module } = source;
  const root = dirname(resolve(module));
  const bundle = await bundleAgent(module, { root, cacheDir: join(dataDir, "bundles") });
  return { bundle, module };
}

async function loadText(
  { source, files = {} }: { source: string; files?: Record<string, string> },
  dataDir: string,
): Promise<LoadedModule> {
  const checked = checkFiles(source, files);
  const parent = join(resolve(dataDir), "registry");
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await tidyUp(parent);
  const folder = await mkdtemp(join(parent, "agent-"));
  try {
    const root = join(folder, "source");
    for (const [path, text] of checked) {
      await mkdir(dirname(join(root, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(root, path), text, { mode: 0o600 });
    }
    const bundle = await bundleAgent(join(root, MODULE_FILE), {
      root,
      cacheDir: join(folder, "bundles"),
    });
    return { bundle, module: MODULE_FILE };
  } catch (error) {
    throw withoutFolder(error, join(folder, "source"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checkFiles(source: string, files: Record<string, string>): Map<string, string> {
  const entries = Object.entries(files);
  if (entries.length > FILES_MAX) throw filesWrong(`there are more than ${FILES_MAX}`);
  const checked = new Map([[MODULE_FILE, source]]);
  let chars = source.length;
  for (const [path, text] of entries) {
    if (!isPlainPath(path)) {
      throw filesWrong(`"${path.slice(0, PATH_CHARS_MAX)}" is no path below the module`);
    }
    if (path === MODULE_FILE && text !== source) {
      throw filesWrong(`"${MODULE_FILE}" is where the module itself stands`);
    }
    chars += text.length;
    checked.set(path, text);
  }
  if (chars > FILES_CHARS_MAX) {
    throw filesWrong(`they have more than ${FILES_CHARS_MAX} characters`);
  }
  const names = [...checked.keys()];
  const folder = names.find((path) => names.some((other) => other.startsWith(`${path}/`)));
  if (folder !== undefined) throw filesWrong(`"${folder}" is a file and a folder`);
  return checked;
}

function filesWrong(why: string): InvalidInputError {
  return new InvalidInputError("AGENT_FILES_WRONG", {
    message: `Cannot take the files of the agent: ${why}`,
    hint: 'Name each file by its path relative to the module, such as "words/count.ts"',
  });
}

/** Nobody who sent text is helped by the place where it lay for a moment. */
function withoutFolder(error: unknown, folder: string): unknown {
  const plain = (text: string) => text.replaceAll(`${folder}/`, "").replaceAll(folder, ".");
  if (error instanceof DenizenError) error.message = plain(error.message);
  if (!(error instanceof InvalidInputError)) return error;
  const { code, message, hint, details } = error;
  return new InvalidInputError(code, {
    message,
    hint: hint === undefined ? undefined : plain(hint),
    details: details === undefined ? undefined : JSON.parse(plain(JSON.stringify(details))),
  });
}

/** Removes what nodes left that were killed while they loaded something. */
async function tidyUp(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith("agent-")) continue;
    const info = await stat(join(parent, name)).catch(() => null);
    if (info === null || Date.now() - info.mtimeMs < STALE_MS) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}
