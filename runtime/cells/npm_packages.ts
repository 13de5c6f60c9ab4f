/**
 * The npm packages that agents may import: pinned, and in Deno's cache before a cell starts,
 * because cells run with `--cached-only`.
 *
 * @module
 */
import { join } from "node:path";
import { UnavailableError } from "../../core/errors.ts";

/** `npm:@scope/name@1.2.3/sub/path`, taken apart. */
export interface NpmSpecifier {
  name: string;
  version: string | null;
  /** With its slash, or empty. */
  path: string;
}

const EXACT_VERSION = /^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;
const SPECIFIER = /^(?:npm:)?\/?((?:@[\w.~-]+\/)?[\w.~-]+)(?:@([^/]+))?(\/.*)?$/;

let pins: Promise<Map<string, string>> | null = null;

/** Parts of an `npm:` or bare specifier; `null` when it is neither. */
export function parseNpmSpecifier(specifier: string): NpmSpecifier | null {
  const match = SPECIFIER.exec(specifier);
  return match === null
    ? null
    : { name: match[1]!, version: match[2] ?? null, path: match[3] ?? "" };
}

/**
 * The pinned specifier that stands for `specifier`: its own version where it names an exact one,
 * else the one that this project pins.
 *
 * @returns `null` when nothing pins it
 */
export async function pinNpmSpecifier(specifier: string): Promise<string | null> {
  const parts = parseNpmSpecifier(specifier);
  if (parts === null) return null;
  const { name, version, path } = parts;
  if (version !== null && EXACT_VERSION.test(version)) return `npm:${name}@${version}${path}`;
  const pinned = (await (pins ??= readPins())).get(name);
  return pinned === undefined ? null : `npm:${name}@${pinned}${path}`;
}

/** Exact versions in the `imports` of this project's `deno.json`, by package. */
async function readPins(): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  const { imports } = JSON.parse(text) as { imports: Record<string, string> };
  const found = new Map<string, string>();
  for (const target of Object.values(imports)) {
    const parts = target.startsWith("npm:") ? parseNpmSpecifier(target) : null;
    if (parts?.version) found.set(parts.name, parts.version);
  }
  return found;
}

/**
 * Brings packages into Deno's cache where they are missing. Uses the network only then.
 *
 * @throws {UnavailableError} `NPM_PACKAGE_UNAVAILABLE` when a package cannot be fetched
 */
export async function cacheNpmPackages(specifiers: string[]): Promise<void> {
  const folders = await registryFolders();
  const missing: string[] = [];
  for (const specifier of new Set(specifiers)) {
    const { name, version } = parseNpmSpecifier(specifier)!;
    const found = await Promise.all(folders.map((folder) => isCached(folder, name, version!)));
    if (!found.includes(true)) missing.push(`npm:${name}@${version}`);
  }
  if (missing.length > 0) await fetchPackages([...new Set(missing)]);
}

async function fetchPackages(specifiers: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-config", "--no-lock", "--quiet", ...specifiers],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  throw new UnavailableError("NPM_PACKAGE_UNAVAILABLE", {
    message: `Could not fetch ${specifiers.map((name) => `"${name}"`).join(", ")}`,
    hint: "Check name and version, and that the npm registry is reachable",
    details: { reason: new TextDecoder().decode(stderr).slice(-2_000) },
  });
}

/** One folder a registry: `DENO_DIR/npm/registry.npmjs.org`. */
async function registryFolders(): Promise<string[]> {
  const root = join(denoDir(), "npm");
  try {
    return await Array.fromAsync(Deno.readDir(root), ({ name }) => join(root, name));
  } catch {
    return [];
  }
}

/** Where Deno keeps its cache, as Deno itself finds it. */
function denoDir(): string {
  const given = Deno.env.get("DENO_DIR");
  if (given) return given;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "";
  if (Deno.build.os === "darwin") return join(home, "Library", "Caches", "deno");
  if (Deno.build.os === "windows") return join(Deno.env.get("LOCALAPPDATA") ?? home, "deno");
  return join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "deno");
}

/**
 * Whether a package and all that it depends on can be resolved from the cache. What a lock file
 * brought there lacks the registry's answer, without which a cell, which has no lock file, finds no
 * version.
 */
async function isCached(
  folder: string,
  name: string,
  version: string,
  seen: Set<string> = new Set(),
): Promise<boolean> {
  const key = `${name}@${version}`;
  if (seen.has(key)) return true;
  seen.add(key);
  if (!(await exists(join(folder, name, "registry.json")))) return false;
  const dependencies = await dependenciesOf(join(folder, name, version));
  if (dependencies === null) return false;
  for (const dependency of dependencies) {
    // Any version will do: the registry's answer beside it says which one is meant.
    const versions = await versionsOf(join(folder, dependency));
    const found = await Promise.all(
      versions.map((one) => isCached(folder, dependency, one, seen)),
    );
    if (versions.length === 0 || found.includes(false)) return false;
  }
  return true;
}

/** Names; `null` when the package is not there. */
async function dependenciesOf(packageFolder: string): Promise<string[] | null> {
  try {
    const text = await Deno.readTextFile(join(packageFolder, "package.json"));
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    return Object.keys(dependencies);
  } catch {
    return null;
  }
}

async function versionsOf(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter((entry) => entry.isDirectory).map((entry) => entry.name);
  } catch {
    return [];
  }
}

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
