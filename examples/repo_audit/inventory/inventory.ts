/**
 * Lists what the projects of a tree depend on, and under which licences it all stands, from the
 * files at hand alone.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Dependency, Inventory, Project } from "../audit_types.ts";
import { redact } from "../secrets/redact.ts";
import { classifyLicence } from "./licences.ts";
import { asRecord, type Manifest, type ManifestReader } from "./manifest.ts";
import { isLicenceText, isRequirements } from "./manifest_names.ts";
import { readCargoLock, readCargoToml } from "./manifests/cargo.ts";
import { readDenoJson, readDenoLock } from "./manifests/deno.ts";
import { readGoMod } from "./manifests/go.ts";
import { readPom } from "./manifests/maven.ts";
import { licenceOf, readPackageJson, readPackageLock } from "./manifests/npm.ts";
import { readPyproject, readRequirements } from "./manifests/python.ts";

/** Larger manifests are reported and left out. */
const MANIFEST_BYTES_MAX = 32 * 2 ** 20;

const READERS: Record<string, ManifestReader> = {
  "package.json": readPackageJson,
  "package-lock.json": readPackageLock,
  "npm-shrinkwrap.json": readPackageLock,
  "deno.json": readDenoJson,
  "deno.jsonc": readDenoJson,
  "deno.lock": readDenoLock,
  "pyproject.toml": readPyproject,
  "go.mod": readGoMod,
  "Cargo.toml": readCargoToml,
  "Cargo.lock": readCargoLock,
  "pom.xml": readPom,
};

/**
 * Reads all manifests of the tree.
 *
 * @param path the audited directory
 * @param manifests paths below it, as the walker found them
 */
export async function takeInventory(
  path: string,
  manifests: string[],
  options: { signal?: AbortSignal; onProgress?: (done: number, path: string) => void } = {},
): Promise<Inventory> {
  const root = resolve(path);
  const inventory: Inventory = { projects: [], dependencies: [], problems: [] };
  const own = manifests.filter((path) => !/(?:^|\/)node_modules\//.test(path));
  for (const [done, manifest] of own.entries()) {
    try {
      readOne(root, manifest, inventory);
    } catch (error) {
      inventory.problems.push({ path: manifest, problem: problemOf(error) });
    }
    options.onProgress?.(done + 1, manifest);
    await new Promise((resume) => setTimeout(resume, 0));
    options.signal?.throwIfAborted();
  }
  const dependencies = mergeLocked(inventory.dependencies);
  for (const dependency of dependencies) dependency.licence ??= installedLicence(root, dependency);
  return {
    projects: inventory.projects.map(shown).sort((a, b) => order(a.source, b.source)),
    dependencies: dependencies.map(shown).sort(byName),
    problems: inventory.problems,
  };
}

function readOne(root: string, path: string, inventory: Inventory): void {
  const file = `${root}/${path}`;
  if (Deno.statSync(file).size > MANIFEST_BYTES_MAX) throw new RangeError("too large");
  const text = Deno.readTextFileSync(file).replace(/^\uFEFF/, "");
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (isLicenceText(name)) {
    const licence = classifyLicence(text);
    inventory.projects.push({ name: null, version: null, licence, source: path });
    return;
  }
  const read = READERS[name] ?? (isRequirements(name) ? readRequirements : undefined);
  if (read) addManifest(read(text), path, inventory);
}

function addManifest(manifest: Manifest, path: string, inventory: Inventory): void {
  const { project } = manifest;
  if (project && (project.name ?? project.licence) !== null) {
    inventory.projects.push({ ...project, source: path });
  }
  for (const named of manifest.dependencies) {
    const { version = null, range = null, licence = null } = named;
    inventory.dependencies.push({ ...named, version, range, licence, manifest: path });
  }
}

/** Never the parser's own message: it may quote the file. */
function problemOf(error: unknown): string {
  if (error instanceof RangeError) return "too large";
  if (error instanceof Deno.errors.NotFound) return "not found";
  const isDenied = error instanceof Deno.errors.NotCapable ||
    error instanceof Deno.errors.PermissionDenied;
  return isDenied ? "may not be read" : "cannot be understood";
}

/** Gives direct dependencies the versions that a lock file beside or above them fixed. */
function mergeLocked(all: Dependency[]): Dependency[] {
  const direct = all.filter((one) => one.direct);
  const byKey = Map.groupBy(direct, (one) => `${one.ecosystem} ${one.name}`);
  const merged = new Map<string, Dependency>();
  for (const locked of all.filter((one) => !one.direct)) {
    const folder = folderOf(locked.manifest);
    const named = (byKey.get(`${locked.ecosystem} ${locked.name}`) ?? [])
      .filter((one) => folder === "" || one.manifest.startsWith(`${folder}/`));
    const takers = named.filter(({ version }) => version === null || version === locked.version);
    for (const taker of takers) {
      taker.version = locked.version;
      taker.licence ??= locked.licence;
    }
    const key = `${locked.manifest} ${locked.name} ${locked.version}`;
    if (takers.length === 0 && !merged.has(key)) merged.set(key, locked);
  }
  return [...direct, ...merged.values()];
}

/** The licence that an installed npm package declares, in the nearest `node_modules`. */
function installedLicence(root: string, { ecosystem, name, manifest }: Dependency): string | null {
  const isPlain = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/.test(name);
  if (!isPlain || (ecosystem !== "npm" && ecosystem !== "deno")) return null;
  for (let folder: string | null = folderOf(manifest); folder !== null; folder = above(folder)) {
    const place = folder === "" ? root : `${root}/${folder}`;
    try {
      const text = Deno.readTextFileSync(`${place}/node_modules/${name}/package.json`);
      return licenceOf(asRecord(JSON.parse(text)));
    } catch {
      continue;
    }
  }
  return null;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function above(folder: string): string | null {
  return folder === "" ? null : folderOf(folder);
}

/** Longest text of a manifest that is shown. */
const SHOWN_MAX = 200;

/** Takes credentials out of every text: ranges and names may be addresses with passwords. */
function shown<T extends Project | Dependency>(entry: T): T {
  const texts = Object.entries(entry).map(([key, value]) =>
    key === "manifest" || key === "source" || typeof value !== "string"
      ? [key, value]
      : [key, redact(value).slice(0, SHOWN_MAX)]
  );
  return Object.fromEntries(texts) as T;
}

function byName(a: Dependency, b: Dependency): number {
  return order(a.ecosystem, b.ecosystem) || Number(b.direct) - Number(a.direct) ||
    order(a.name, b.name) || order(a.manifest, b.manifest) || order(a.kind, b.kind) ||
    order(a.version ?? "", b.version ?? "");
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
