import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { isInside } from "../../../actors/permissions.ts";
import { InvalidInputError } from "../../../core/errors.ts";
import { bundleAgent } from "../../cells/bundle.ts";
import { readSourceFile } from "../../cells/bundle_modules.ts";
import { type LoadedWorkflow, type LoadOptions, loadWorkflow } from "../../node/mod.ts";

const PROGRAM = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/+$/, "");

/** A workflow as a server takes it: nothing of it stays on this machine. */
export interface Sources {
  /** Text of the workflow file. */
  source: string;
  /** Text by path from the workflow file: agents' modules, and what they import. */
  files: Record<string, string>;
  /** The same, checked here, where mistakes can be shown in their files. */
  loaded: LoadedWorkflow;
}

/**
 * Checks a workflow file, and gathers all files that it needs.
 *
 * @param options `registered`: agents of the server, where the file names one that it has not
 * @throws {InvalidWorkflowError} `INVALID_WORKFLOW` with every issue found
 * @throws {InvalidInputError} `SOURCES_OUTSIDE`
 */
export async function collectSources(
  file: string,
  { registered }: Pick<LoadOptions, "registered">,
): Promise<Sources> {
  const cacheDir = await Deno.makeTempDir({ prefix: "denizen-sources-" });
  try {
    // What agents can do is asked of their code by the server.
    const describe = () => Promise.resolve(null);
    const loaded = await loadWorkflow(file, { cacheDir, describe, registered });
    const folder = await Deno.realPath(dirname(resolve(file)));
    const files: Record<string, string> = {};
    for (const path of await pathsOf(loaded, folder, cacheDir)) {
      // What `import "denizen"` brings in, the server has.
      if (isInside(PROGRAM, path) && !isInside(folder, path)) continue;
      files[nameIn(folder, path)] = await Deno.readTextFile(path);
    }
    return { source: await readSourceFile(file, "workflow file"), files, loaded };
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/**
 * Text of an agent's module, and of what it imports from its folder and below, as a server takes it.
 *
 * @throws {InvalidInputError} `AGENT_MODULE_NOT_FOUND`, `AGENT_SYNTAX`, `SOURCES_OUTSIDE`
 */
export async function collectModule(
  module: string,
): Promise<{ source: string; files: Record<string, string> }> {
  const cacheDir = await Deno.makeTempDir({ prefix: "denizen-sources-" });
  try {
    const entry = resolve(module);
    const root = dirname(entry);
    const { inputs } = await bundleAgent(entry, { root, cacheDir });
    const folder = await Deno.realPath(root);
    const own = await Deno.realPath(entry);
    const files: Record<string, string> = {};
    for (const { path } of inputs) {
      if (path === own || (isInside(PROGRAM, path) && !isInside(folder, path))) continue;
      files[nameIn(folder, path)] = await Deno.readTextFile(path);
    }
    return { source: await Deno.readTextFile(own), files };
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/** Absolute paths of modules, of what they import, and of the actor system's file. */
async function pathsOf(
  { definition, package: { system } }: LoadedWorkflow,
  folder: string,
  cacheDir: string,
): Promise<Set<string>> {
  const paths = new Set<string>();
  const add = async (root: string, modules: readonly string[]) => {
    for (const module of modules) {
      const entry = isAbsolute(module) ? module : join(root, module);
      for (const { path } of (await bundleAgent(entry, { root, cacheDir })).inputs) paths.add(path);
    }
  };
  await add(folder, definition.agents.map(({ module }) => module));
  if (system === undefined) return paths;
  const systemFile = await Deno.realPath(resolve(folder, system.file));
  paths.add(systemFile);
  await add(dirname(systemFile), system.definition.actors.map(({ module }) => module));
  return paths;
}

function nameIn(folder: string, path: string): string {
  const name = relative(folder, path).split(sep).join("/");
  if (!name.startsWith("../") && !isAbsolute(name)) return name;
  throw new InvalidInputError("SOURCES_OUTSIDE", {
    message: `Cannot send "${path}" to a server: it is outside the folder of what is sent`,
    hint: `Move it below "${folder}"`,
    details: { path, folder },
  });
}
