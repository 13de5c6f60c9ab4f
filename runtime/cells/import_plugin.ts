/**
 * Decides what becomes of each import of an agent: bundled, left for the worker, or refused.
 *
 * @module
 */
import { builtinModules } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OnResolveArgs, OnResolveResult, Plugin } from "esbuild";
import { isInside } from "../../actors/permissions.ts";
import { parseNpmSpecifier, pinNpmSpecifier } from "./npm_packages.ts";

/** Why an import is refused; travels as `detail` of esbuild's message. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
}

export interface ImportPluginOptions {
  /** Real path of the folder that the module may import from. */
  base: string;
  /** Real path of the module. */
  entry: string;
  foreign: "refuse" | "defer";
  /** Receives every pinned npm specifier that is met. */
  packages: Set<string>;
}

const CODE = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json"];
const AGENT_API = fileURLToPath(new URL("../../agent.ts", import.meta.url));

/** The plugin; the only one, so that nothing is resolved by esbuild's own rules. */
export function importPlugin(options: ImportPluginOptions): Plugin {
  return {
    name: "denizen-imports",
    setup(build) {
      build.onResolve({ filter: /.*/ }, (args) => resolveImport(args, options));
    },
  };
}

async function resolveImport(
  args: OnResolveArgs,
  options: ImportPluginOptions,
): Promise<OnResolveResult> {
  const { path, kind } = args;
  if (kind === "entry-point") return { path: options.entry };
  if (path === "denizen") return { path: AGENT_API };
  if (/^(?:https?|jsr):/i.test(path)) return refuse(remote(path));
  if (path.startsWith("node:") || /^(?:data|blob):/i.test(path)) return { path, external: true };
  if (/^\.{0,2}\/|^file:/i.test(path)) return await resolveFile(args, options);
  if (path.startsWith("npm:") || parseNpmSpecifier(path) !== null) {
    return await resolvePackage(path, options.packages);
  }
  return refuse(unknown(path));
}

async function resolvePackage(path: string, packages: Set<string>): Promise<OnResolveResult> {
  if (builtinModules.includes(path)) return { path: `node:${path}`, external: true };
  const pinned = await pinNpmSpecifier(path);
  if (pinned === null) return refuse(path.startsWith("npm:") ? noVersion(path) : unknown(path));
  packages.add(pinned);
  return { path: pinned, external: true };
}

async function resolveFile(
  args: OnResolveArgs,
  { base, foreign }: ImportPluginOptions,
): Promise<OnResolveResult> {
  const wanted = toPath(args.path, dirname(args.importer));
  if (wanted === null) return refuse(unknown(args.path));
  const real = await Deno.realPath(wanted).catch(() => null);
  // Where a path that leads nowhere would lie still decides whether it is anybody's business.
  if (!isInside(base, real ?? wanted)) {
    // A worker may try: it is denied there, and the attempt is on the run's record.
    const isLeft = foreign === "defer" || args.kind === "dynamic-import";
    if (isLeft) return { path: pathToFileURL(wanted).href, external: true };
    return refuse(outside(args.path, base));
  }
  if (real === null || !(await Deno.stat(real)).isFile) return refuse(missing(args.path));
  const type = args.with.type;
  if (!CODE.includes(extname(real)) || (type !== undefined && type !== "json")) {
    return refuse(noCode(args.path));
  }
  return { path: real };
}

function toPath(specifier: string, folder: string): string | null {
  try {
    return /^file:/i.test(specifier) ? fileURLToPath(specifier) : resolve(folder, specifier);
  } catch {
    return null;
  }
}

function refuse(refusal: Refusal): OnResolveResult {
  return { errors: [{ text: refusal.message, detail: refusal }] };
}

function remote(path: string): Refusal {
  return {
    code: "AGENT_IMPORT_REFUSED",
    message: `Cannot import "${path}": agents do not import from the network`,
    hint: "Use an npm package with its version, or copy the file into the agent's folder",
  };
}

function unknown(path: string): Refusal {
  return {
    code: "AGENT_IMPORT_REFUSED",
    message: `Cannot import "${path}": it is no package of this project`,
    hint: `Write it with its version, such as "npm:${
      parseNpmSpecifier(path)?.name ?? "name"
    }@1.2.3", or "./${path}" for a file`,
  };
}

function noVersion(path: string): Refusal {
  return {
    code: "AGENT_IMPORT_REFUSED",
    message: `Cannot import "${path}": it has no exact version`,
    hint: `Pin it, such as "npm:${parseNpmSpecifier(path)?.name ?? "name"}@1.2.3"`,
  };
}

function outside(path: string, base: string): Refusal {
  return {
    code: "PERMISSION_DENIED",
    message: `Cannot import "${path}": it lies outside "${base}"`,
    hint: "Move the file next to the agent, or the workflow file to a folder above both",
  };
}

function missing(path: string): Refusal {
  return {
    code: "AGENT_MODULE_NOT_FOUND",
    message: `Cannot find imported module "${path}"`,
    hint: "Check the path and write its extension, such as `.ts`",
  };
}

function noCode(path: string): Refusal {
  return {
    code: "PERMISSION_DENIED",
    message: `Cannot import "${path}": only code and JSON can be imported`,
    hint: "Grant the agent `read` on the file, and read it when it runs",
  };
}
