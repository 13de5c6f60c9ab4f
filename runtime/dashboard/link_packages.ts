/**
 * Gives esbuild a folder of packages: Deno keeps them in its cache, where esbuild cannot find them.
 *
 * @module
 */
import { findPackageJSON, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { UnavailableError } from "../../core/errors.ts";

/**
 * Links packages, and all that they depend on, into `folder` by their names.
 *
 * @param names as the imports of `deno.json` have them
 * @throws {UnavailableError} `NPM_PACKAGE_UNAVAILABLE` when one is neither cached nor to be fetched
 */
export async function linkPackages(names: readonly string[], folder: string): Promise<void> {
  if (names.some((name) => findPackage(name, import.meta.url) === null)) await fetchPackages();
  const waiting = names.map((name) => ({ name, from: import.meta.url }));
  const linked = new Set<string>();
  for (const { name, from } of waiting) {
    if (linked.has(name)) continue;
    linked.add(name);
    const manifest = findPackage(name, from);
    if (manifest === null) throw unavailable(name, "it is not in the cache after it was fetched");
    await linkFolder(dirname(manifest), join(folder, name));
    const { dependencies = {} } = JSON.parse(await Deno.readTextFile(manifest));
    waiting.push(...Object.keys(dependencies).map((name) => ({ name, from: manifest })));
  }
}

/** Path of the package's manifest. */
function findPackage(name: string, from: string): string | null {
  // Browsers have no module of Node's own: there, `events` is a package.
  const sought = isBuiltin(name) ? `${name}/package.json` : name;
  try {
    return findPackageJSON(sought, from) ?? null;
  } catch {
    return null; // Not in the cache.
  }
}

/** Makes `to` another name of the folder `from`. */
export async function linkFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  // A junction needs no rights on Windows; elsewhere the type says nothing.
  await Deno.symlink(from, to, { type: "junction" });
}

/** Brings what the browser's code imports into the cache, as the lock file pins it. */
async function fetchPackages(): Promise<void> {
  const entry = join(import.meta.dirname!, "browser", "main.tsx");
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", entry],
    cwd: import.meta.dirname!,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw unavailable("preact", new TextDecoder().decode(stderr).slice(-2_000));
}

function unavailable(name: string, reason: string): UnavailableError {
  return new UnavailableError("NPM_PACKAGE_UNAVAILABLE", {
    message: `Could not fetch "${name}", which the dashboard is made of`,
    hint: "Check that the npm registry is reachable, then start the node again",
    details: { reason },
  });
}
