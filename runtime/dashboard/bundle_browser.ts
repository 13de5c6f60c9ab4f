/**
 * Makes the files that a browser loads from the sources in `browser/`: scripts split by page, one
 * style sheet, the icon; each named by its content, each compressed once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { basename, extname, join, relative } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Metafile } from "esbuild";
import { withEsbuild } from "../cells/mod.ts";
import { linkFolder, linkPackages } from "./link_packages.ts";

/** A file as it is served. */
export interface Asset {
  /** Such as `/assets/main-ABCD1234.js`. */
  path: string;
  contentType: string;
  plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer>;
  brotli: Uint8Array<ArrayBuffer>;
}

/** What the shell names. */
export interface Entries {
  script: string;
  styles: string;
  icon: string;
  /** Loaded with the script, before it asks: chunks that it imports statically. */
  preloads: string[];
  /** Scripts of workers by name: `layout_worker` of `browser/run/layout_worker.ts`. */
  workers: Record<string, string>;
}

/** The dashboard, ready to be served. */
export interface BrowserBundle {
  entries: Entries;
  assets: Asset[];
}

/** Raise it when the same sources would come out differently. */
const BUNDLE_VERSION = 1;
const ROOT = join(import.meta.dirname!, "../..");
const SOURCES = join(import.meta.dirname!, "browser");
/** Sources of the node that browsers get too: words that both say, without an effect. */
const SHARED = ["core/explain_assignment.ts", "workflows/assignment_words.ts"];
const ASSETS = "/assets/";
/** Packages that the browser's code names; what they need themselves is found. */
const PACKAGES = [
  "@dagrejs/dagre",
  "@preact/signals",
  "diff",
  "graphology",
  "graphology-layout-forceatlas2",
  "preact",
  "sigma",
  "uplot",
];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Another text for each content of the sources and their packages. */
export async function hashSources(): Promise<string> {
  const hash = createHash("sha256").update(String(BUNDLE_VERSION));
  const lock = join(ROOT, "deno.lock");
  const shared = SHARED.map((path) => join(ROOT, path));
  for (const path of [...await listFiles(SOURCES), ...shared, lock]) {
    const content = await Deno.readFile(path);
    hash.update(`\0${relative(SOURCES, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** Everything but tests, sorted. */
async function listFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await listFiles(path));
    else if (/\.(tsx?|css|svg|json)$/.test(name) && !/_test\.tsx?$/.test(name)) found.push(path);
  }
  return found.sort();
}

/**
 * Builds everything anew.
 *
 * @param workDir an empty folder for links to the sources and packages
 * @throws {UnavailableError} `NPM_PACKAGE_UNAVAILABLE`
 * @throws {Error} of esbuild, when the sources are broken
 */
export async function bundleBrowser(workDir: string): Promise<BrowserBundle> {
  await linkPackages(PACKAGES, join(workDir, "node_modules"));
  await linkFolder(ROOT, join(workDir, "repository"));
  const sources = join(workDir, "repository", relative(ROOT, SOURCES));
  const workers = (await listFiles(sources)).filter((path) => path.endsWith("_worker.ts"));
  const { outputFiles, metafile } = await withEsbuild((esbuild) =>
    esbuild.build({
      ...BUILD_OPTIONS,
      entryPoints: [
        { in: join(sources, "main.tsx"), out: "main" },
        { in: join(sources, "styles", "main.css"), out: "styles" },
        ...workers.map((path) => ({ in: path, out: basename(path, ".ts") })),
      ],
      // Every path is told from here: names are the same on each node, wherever its files lie.
      absWorkingDir: workDir,
      outdir: workDir,
    })
  );
  refuseForeignSources(metafile);
  const icon = await Deno.readFile(join(SOURCES, "styles", "icon.svg"));
  const iconPath = `${ASSETS}icon-${sha256(icon).slice(0, 8).toUpperCase()}.svg`;
  const assets = [await toAsset(iconPath, icon)];
  for (const { path, contents } of outputFiles) {
    // Other work of the node gets its turns in between: a heartbeat must not wait for this.
    await turn();
    assets.push(await toAsset(ASSETS + basename(path), Uint8Array.from(contents)));
  }
  return { entries: { ...readEntries(metafile), icon: iconPath }, assets };
}

const BUILD_OPTIONS = {
  bundle: true,
  splitting: true,
  write: false,
  metafile: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  legalComments: "none",
  logLevel: "silent",
  // Files are known by the links that lead to them.
  preserveSymlinks: true,
  // No `tsconfig.json` that happens to lie around may change what comes out.
  tsconfigRaw: "{}",
} as const;

/**
 * Brotli works on the thread of the node: the best quality would stop its heartbeat for a second.
 * This one takes some milliseconds a file, and 7 % more bytes.
 */
const BROTLI = { [constants.BROTLI_PARAM_QUALITY]: 9 };

async function toAsset(path: string, plain: Uint8Array<ArrayBuffer>): Promise<Asset> {
  const small = await promisify(gzip)(plain, { level: 9 });
  const smallest = await promisify(brotliCompress)(plain, { params: BROTLI });
  return {
    path,
    contentType: CONTENT_TYPES[extname(path)]!,
    plain,
    gzip: Uint8Array.from(small),
    brotli: Uint8Array.from(smallest),
  };
}

/** What lies elsewhere is not in the key of the cache, and the node's code is not for browsers. */
function refuseForeignSources({ inputs }: Metafile): void {
  const ours = join("repository", relative(ROOT, SOURCES)) + "/";
  const shared = new Set(SHARED.map((path) => join("repository", path)));
  const foreign = Object.keys(inputs)
    .filter((path) => path.startsWith("repository/") && !path.startsWith(ours))
    .filter((path) => !shared.has(path));
  if (foreign.length === 0) return;
  throw new Error(`Cannot bundle "${foreign[0]}": it lies outside "browser"; import types alone`);
}

function readEntries({ outputs }: Metafile): Omit<Entries, "icon"> {
  const entries: Omit<Entries, "icon"> = { script: "", styles: "", preloads: [], workers: {} };
  for (const [path, { entryPoint, imports }] of Object.entries(outputs)) {
    const served = ASSETS + basename(path);
    if (entryPoint?.endsWith("/browser/main.tsx")) {
      entries.script = served;
      const direct = imports.filter(({ kind }) => kind === "import-statement");
      entries.preloads = direct.map(({ path }) => ASSETS + basename(path));
    } else if (entryPoint?.endsWith("/styles/main.css")) entries.styles = served;
    else if (entryPoint?.endsWith("_worker.ts")) {
      entries.workers[basename(entryPoint, ".ts")] = served;
    }
  }
  return entries;
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
