/**
 * Serves the dashboard: one page and its files, from memory, by a fixed map of names.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { securityHeaders } from "../access/mod.ts";
import { type Asset, type BrowserBundle, bundleBrowser, hashSources } from "./bundle_browser.ts";
import { readBundle, writeBundle } from "./bundle_cache.ts";
import { AGAIN_PATH, AGAIN_SCRIPT, brokenPage, shellPage, waitingPage } from "./shell_page.ts";

/** What the files of the dashboard weigh, in bytes. */
export interface DashboardSizes {
  /** All scripts together, gzipped; those of pages that nobody has opened, too. */
  scriptsGzip: number;
  /** The scripts of the first page, gzipped. */
  firstScriptsGzip: number;
  stylesGzip: number;
}

/** The dashboard of a node. */
export interface Dashboard {
  /**
   * Answers what belongs to the dashboard: `/`, and what is below `/assets/`.
   *
   * @returns `null` for any other path
   */
  fetch(request: Request): Response | null;
  /**
   * Settles when the dashboard can be served; until then `/` says so with status 503.
   *
   * Rejects with `UnavailableError` `NPM_PACKAGE_UNAVAILABLE` when its packages cannot be had.
   */
  ready: Promise<void>;
  /** `null` until it is ready. */
  sizes(): DashboardSizes | null;
}

interface Served {
  shell: { text: string; etag: string };
  assets: Map<string, Asset>;
  sizes: DashboardSizes;
}

/**
 * Makes the dashboard in the background, or takes what an earlier start made of the same sources.
 *
 * @param options `cacheDir`: a folder of the node's own; made when it is missing
 */
export function createDashboard(options: { cacheDir: string }): Dashboard {
  let state: Served | "building" | "broken" = "building";
  const ready = loadBundle(options.cacheDir).then(
    (bundle) => void (state = toServed(bundle)),
    (error) => {
      state = "broken";
      throw error;
    },
  );
  // Whoever cares awaits `ready`; a node serves its API without a dashboard, too.
  ready.catch(() => {});
  return {
    fetch: (request) => answer(request, state),
    ready,
    sizes: () => typeof state === "string" ? null : state.sizes,
  };
}

async function loadBundle(cacheDir: string): Promise<BrowserBundle> {
  await Deno.mkdir(cacheDir, { recursive: true, mode: 0o700 });
  const key = await hashSources();
  const kept = await readBundle(cacheDir, key);
  if (kept !== null) return kept;
  const workDir = await Deno.makeTempDir({ prefix: "denizen-dashboard-" });
  try {
    const bundle = await bundleBrowser(workDir);
    await writeBundle(cacheDir, key, bundle);
    return bundle;
  } finally {
    await Deno.remove(workDir, { recursive: true });
  }
}

function toServed({ entries, assets }: BrowserBundle): Served {
  const text = shellPage(entries);
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  const first = new Set([entries.script, ...entries.preloads]);
  const gzipOf = (isCounted: (path: string) => boolean) =>
    assets.filter(({ path }) => isCounted(path))
      .reduce((sum, { gzip }) => sum + gzip.length, 0);
  return {
    shell: { text, etag: `"${hash}"` },
    assets: new Map(assets.map((asset) => [asset.path, asset])),
    sizes: {
      scriptsGzip: gzipOf((path) => path.endsWith(".js")),
      firstScriptsGzip: gzipOf((path) => first.has(path)),
      stylesGzip: gzipOf((path) => path.endsWith(".css")),
    },
  };
}

function answer(request: Request, state: Served | "building" | "broken"): Response | null {
  const { pathname } = new URL(request.url);
  const isAsset = pathname.startsWith("/assets/");
  if (pathname !== "/" && !isAsset) return null;
  if (request.method !== "GET" && request.method !== "HEAD") {
    return respond(request, 405, "This can only be read\n", { ...TEXT, allow: "GET, HEAD" });
  }
  if (pathname === AGAIN_PATH) return respond(request, 200, AGAIN_SCRIPT, SCRIPT);
  if (typeof state === "string") return answerWithout(request, state);
  if (!isAsset) return answerShell(request, state.shell);
  const asset = state.assets.get(pathname);
  if (asset === undefined) return respond(request, 404, "There is no such file\n", TEXT);
  return answerAsset(request, asset);
}

function answerWithout(request: Request, state: "building" | "broken"): Response {
  const html = { "content-type": HTML, "cache-control": "no-store" };
  if (state === "broken") return respond(request, 500, brokenPage(), html);
  return respond(request, 503, waitingPage(), { ...html, "retry-after": "1" });
}

const HTML = "text/html; charset=utf-8";
const SCRIPT = { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-store" };
const TEXT = { "content-type": "text/plain; charset=utf-8" };

function answerShell(request: Request, { text, etag }: Served["shell"]): Response {
  const headers = { "content-type": HTML, "cache-control": "no-cache", etag };
  const known = request.headers.get("if-none-match")?.split(",").map((tag) =>
    tag.trim().replace(/^W\//, "")
  );
  const isKnown = known?.includes(etag) || known?.includes("*");
  return isKnown ? respond(request, 304, null, headers) : respond(request, 200, text, headers);
}

function answerAsset(request: Request, asset: Asset): Response {
  const encoding = chooseEncoding(request.headers.get("accept-encoding") ?? "");
  const body = encoding === "br" ? asset.brotli : encoding === "gzip" ? asset.gzip : asset.plain;
  return respond(request, 200, body, {
    "content-type": asset.contentType,
    // The name changes with the content.
    "cache-control": "public, max-age=31536000, immutable",
    vary: "accept-encoding",
    "content-length": String(body.length),
    ...(encoding === null ? {} : { "content-encoding": encoding }),
  });
}

/** The smallest form that the browser takes (RFC 9110, 12.5.3). */
function chooseEncoding(accepted: string): "br" | "gzip" | null {
  const names = accepted.split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(";")[0]!.trim());
  return names.includes("br") ? "br" : names.includes("gzip") ? "gzip" : null;
}

function respond(
  request: Request,
  status: number,
  body: BodyInit | null,
  headers: Record<string, string>,
): Response {
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: [...securityHeaders("dashboard"), ...Object.entries(headers)],
  });
}
