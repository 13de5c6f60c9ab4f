/**
 * Makes one content-hashed module of an agent's file and all that it imports. Runs in the node, so
 * what may be read here is decided here: nothing outside the agent's own folder, and only code.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { type DenizenError, InvalidInputError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { isInside } from "../../actors/permissions.ts";
import { withEsbuild } from "./esbuild_service.ts";
import { importPlugin, type Refusal } from "./import_plugin.ts";
import { cacheNpmPackages } from "./npm_packages.ts";

/** One module, ready for a cell. */
export interface Bundle {
  code: string;
  /** SHA-256 (hex) of {@linkcode code}. */
  hash: string;
  /** Every file that went into it. */
  inputs: BundleInput[];
  /** Pinned specifiers that it imports when it is loaded or runs. */
  packages: string[];
}

export interface BundleInput {
  /** Absolute. */
  path: string;
  /** Of the file's bytes, hex. */
  sha256: string;
}

export interface BundleOptions {
  /** Folder of the workflow file; a module elsewhere may import from its own folder only. */
  root: string;
  /** Where finished bundles are kept between starts. */
  cacheDir: string;
  /**
   * What becomes of a static import of a file outside the folder: `refuse` throws; `defer` leaves
   * it for the worker, where it is denied and the attempt goes on the run's record.
   */
  foreign?: "refuse" | "defer";
}

/** Goes into the key of the cache: raise it when a bundle would come out differently. */
const BUNDLE_VERSION = 1;

/**
 * Bundles the module at `entry`, or takes the bundle of an earlier start when no file has changed.
 *
 * @throws {InvalidInputError} `AGENT_MODULE_NOT_FOUND`, `AGENT_IMPORT_REFUSED`, `PERMISSION_DENIED`
 *   (an import of a file outside), `AGENT_SYNTAX`; details carry `file`, `line` and `column` (from 1)
 * @throws {UnavailableError} `NPM_PACKAGE_UNAVAILABLE`
 */
export async function bundleAgent(entry: string, options: BundleOptions): Promise<Bundle> {
  const file = await realFile(entry);
  const root = await Deno.realPath(options.root);
  const base = isInside(root, file) ? root : dirname(file);
  const foreign = options.foreign ?? "refuse";
  const name = sha256(JSON.stringify([BUNDLE_VERSION, file, base, foreign]));
  const cachePath = join(options.cacheDir, `${name}.json`);
  const bundle = await readCache(cachePath) ?? await build(file, base, foreign, cachePath);
  await cacheNpmPackages(bundle.packages);
  return bundle;
}

async function realFile(entry: string): Promise<string> {
  try {
    const path = await Deno.realPath(resolve(entry));
    if ((await Deno.stat(path)).isFile) return path;
  } catch {
    // Told below, with what to do about it.
  }
  throw new InvalidInputError("AGENT_MODULE_NOT_FOUND", {
    message: `Cannot find module "${entry}"`,
    hint: "Check `module:`; it is relative to the file that names it",
  });
}

// --- cache ---

/** The bundle at `path`, if every file in it is still what it was. */
async function readCache(path: string): Promise<Bundle | null> {
  try {
    const bundle = JSON.parse(await Deno.readTextFile(path)) as Bundle;
    if (sha256(bundle.code) !== bundle.hash) return null;
    const isSame = await Promise.all(bundle.inputs.map(isUnchanged));
    return isSame.includes(false) ? null : bundle;
  } catch {
    return null; // Absent or damaged: made anew.
  }
}

async function isUnchanged({ path, sha256: expected }: BundleInput): Promise<boolean> {
  return sha256(await Deno.readFile(path)) === expected;
}

/** A reader sees the whole file or none. */
async function writeCache(path: string, bundle: Bundle): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(bundle));
  await Deno.rename(draft, path);
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

// --- build ---

async function build(
  file: string,
  base: string,
  foreign: "refuse" | "defer",
  cachePath: string,
): Promise<Bundle> {
  const packages = new Set<string>();
  try {
    const { outputFiles, metafile } = await withEsbuild((esbuild) =>
      esbuild.build({
        ...BUILD_OPTIONS,
        absWorkingDir: base,
        entryPoints: [file],
        plugins: [importPlugin({ base, entry: file, foreign, packages })],
      })
    );
    const code = outputFiles[0]!.text;
    const paths = Object.keys(metafile.inputs).map((path) => resolve(base, path));
    const inputs = await Promise.all(
      paths.sort().map(async (path) => ({
        path,
        sha256: sha256(await Deno.readFile(path)),
      })),
    );
    const bundle = { code, hash: sha256(code), inputs, packages: [...packages].sort() };
    await writeCache(cachePath, bundle);
    return bundle;
  } catch (error) {
    throw isBuildFailure(error) ? toError(error.errors[0]!, base) : error;
  }
}

const BUILD_OPTIONS = {
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  platform: "neutral",
  target: "esnext",
  // Also drops the comments that name files: the same code has the same hash wherever it lies.
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "silent",
  // No `tsconfig.json` that happens to lie around may change what comes out.
  tsconfigRaw: "{}",
} as const;

interface BuildMessage {
  text: string;
  location: { file: string; line: number; column: number } | null;
  detail?: unknown;
}

function isBuildFailure(error: unknown): error is { errors: BuildMessage[] } {
  return error instanceof Error && Array.isArray((error as { errors?: unknown }).errors) &&
    (error as unknown as { errors: unknown[] }).errors.length > 0;
}

function toError({ text, location, detail }: BuildMessage, base: string): DenizenError {
  const refusal = detail as Refusal | undefined;
  const place: JsonObject = location === null ? {} : {
    file: resolve(base, location.file),
    line: location.line,
    column: location.column + 1,
  };
  const where = location === null
    ? ""
    : ` (${location.file}:${location.line}:${location.column + 1})`;
  if (refusal?.code !== undefined) {
    const message = refusal.message + where;
    return new InvalidInputError(refusal.code, { message, hint: refusal.hint, details: place });
  }
  return new InvalidInputError("AGENT_SYNTAX", {
    message: `Cannot read the agent's module: ${text}${where}`,
    hint: "Mend the syntax at this place",
    details: place,
  });
}
