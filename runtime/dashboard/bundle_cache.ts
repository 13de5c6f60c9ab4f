/**
 * Keeps the finished bundle between starts, in one file named by the hash of its sources.
 *
 * @module
 */
import { join } from "node:path";
import type { Asset, BrowserBundle } from "./bundle_browser.ts";

/** Bytes as text; everything else as it is. */
type StoredAsset =
  & Omit<Asset, "plain" | "gzip" | "brotli">
  & Record<"plain" | "gzip" | "brotli", string>;

/** The bundle that was kept under `key`; `null` when there is none, or none that can be read. */
export async function readBundle(cacheDir: string, key: string): Promise<BrowserBundle | null> {
  try {
    const { entries, assets } = JSON.parse(await Deno.readTextFile(fileOf(cacheDir, key)));
    return { entries, assets: assets.map(toAsset) };
  } catch {
    return null; // Absent or damaged: made anew.
  }
}

function toAsset(stored: StoredAsset): Asset {
  return {
    ...stored,
    plain: Uint8Array.fromBase64(stored.plain),
    gzip: Uint8Array.fromBase64(stored.gzip),
    brotli: Uint8Array.fromBase64(stored.brotli),
  };
}

/** Keeps a bundle and drops those of other sources. A reader sees the whole file or none. */
export async function writeBundle(
  cacheDir: string,
  key: string,
  { entries, assets }: BrowserBundle,
): Promise<void> {
  const file = fileOf(cacheDir, key);
  const draft = `${file}.${crypto.randomUUID()}`;
  const stored = assets.map((asset): StoredAsset => ({
    ...asset,
    plain: asset.plain.toBase64(),
    gzip: asset.gzip.toBase64(),
    brotli: asset.brotli.toBase64(),
  }));
  await Deno.writeTextFile(draft, JSON.stringify({ entries, assets: stored }), { mode: 0o600 });
  await Deno.rename(draft, file);
  for await (const { name } of Deno.readDir(cacheDir)) {
    const isOld = /^dashboard-[0-9a-f]{64}\.json$/.test(name) && name !== nameOf(key);
    // Another node that starts beside this one may have been faster.
    if (isOld) await Deno.remove(join(cacheDir, name)).catch(() => {});
  }
}

function fileOf(cacheDir: string, key: string): string {
  return join(cacheDir, nameOf(key));
}

function nameOf(key: string): string {
  return `dashboard-${key}.json`;
}
