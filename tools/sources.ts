import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const FOREIGN_FOLDERS = new Set(["node_modules", ".git", ".denizen", "coverage"]);
/** Trees that are read as data by tests, not as our code. */
const DATA_FOLDERS = new Set([
  "tests/corpus",
  "tests/workflows/invalid",
  "tests/actors/invalid_systems",
]);

/** Paths of every TypeScript file below `root`, relative to it, sorted. */
export async function listSources(root: string, folder = root): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    const fromRoot = relative(root, path);
    if (entry.isDirectory && !FOREIGN_FOLDERS.has(entry.name) && !DATA_FOLDERS.has(fromRoot)) {
      found.push(...await listSources(root, path));
    } else if (entry.isFile && /\.tsx?$/.test(entry.name) && !entry.name.startsWith(".")) {
      found.push(fromRoot);
    }
  }
  return found.sort();
}

/** The path of a `file:` URL, or `null` for any other specifier. */
export function fromFileUrl(specifier: string): string | null {
  return specifier.startsWith("file://") ? fileURLToPath(specifier) : null;
}
