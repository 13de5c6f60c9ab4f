import type { Import } from "./read_imports.ts";

/** An import that breaks a law, in words. */
export interface Violation {
  place: string;
  message: string;
}

const PURE = ["core", "rules", "actors", "plugins", "workflows"];

/**
 * What each top folder (or top file) may import beside itself; folders that are missing here
 * (tests, tools, bench) may import anything, and nothing may import them.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  rules: ["core"],
  actors: ["core"],
  plugins: ["core"],
  workflows: ["core", "rules"],
  runtime: PURE,
  "agent.ts": ["core"],
  "mod.ts": [...PURE, "runtime", "agent.ts"],
  "main.ts": [...PURE, "runtime"],
  examples: ["mod.ts"],
};

/** Packages that compute and do nothing else, which the pure folders may therefore use. */
const PURE_PACKAGES = new Set([
  "@bufbuild/cel",
  "@bufbuild/cel-spec",
  "ajv",
  "graphology",
  "graphology-gexf",
  "graphology-shortest-path",
  "graphology-types",
  "minisearch",
  "yaml",
  "zod",
]);

/** Everything that breaks the laws of `docs/architecture.md`: layers, packages and cycles. */
export function findViolations(imports: readonly Import[]): Violation[] {
  return [...imports.flatMap(checkLayer), ...findCycles(imports)];
}

function checkLayer(one: Import): Violation[] {
  const place = `${one.from}:${one.line}`;
  const from = topOf(one.from);
  if (one.isPackage) {
    return PURE.includes(from) && !PURE_PACKAGES.has(one.to)
      ? [{ place, message: `Cannot import package "${one.to}" in pure folder "${from}"` }]
      : [];
  }
  const to = topOf(one.to);
  if (from === to) return [];
  const allowed = MAY_IMPORT[from];
  if (allowed === undefined || allowed.includes(to)) return [];
  const wanted = allowed.length === 0 ? "nothing of ours" : allowed.join(", ");
  return [{
    place,
    message: `Cannot import "${one.to}" from "${from}": it may import ${wanted}`,
  }];
}

/** `core` of `core/json.ts`, `mod.ts` of `mod.ts`. */
function topOf(path: string): string {
  return path.split("/")[0]!;
}

/** One violation for each set of folders that import each other in a ring. */
function findCycles(imports: readonly Import[]): Violation[] {
  const edges = new Map<string, Map<string, Import>>();
  for (const one of imports) {
    if (one.isPackage) continue;
    const [from, to] = [folderOf(one.from), folderOf(one.to)];
    if (from === to) continue;
    const targets = edges.get(from) ?? new Map<string, Import>();
    edges.set(from, targets.has(to) ? targets : targets.set(to, one));
  }
  const found = new Map<string, Violation>();
  for (const start of [...edges.keys()].sort()) {
    const ring = ringThrough(start, edges);
    if (ring === null) continue;
    const key = ring.map((one) => folderOf(one.from)).sort().join(" ");
    if (found.has(key)) continue;
    const names = [...ring.map((one) => folderOf(one.from)), start].join(" → ");
    const witnesses = ring.map((one) => `${one.from}:${one.line} imports ${one.to}`).join("; ");
    found.set(key, {
      place: `${ring[0]!.from}:${ring[0]!.line}`,
      message: `Cannot accept a cycle of folders: ${names} (${witnesses})`,
    });
  }
  return [...found.values()];
}

/** An example is one folder, whatever it looks like inside. */
function folderOf(path: string): string {
  if (path.startsWith("examples/")) return path.split("/").slice(0, 2).join("/");
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
}

/** The imports of a shortest ring of folders through `start`, breadth first; `null` without one. */
function ringThrough(
  start: string,
  edges: ReadonlyMap<string, ReadonlyMap<string, Import>>,
): Import[] | null {
  const queue: [folder: string, path: Import[]][] = [[start, []]];
  const seen = new Set<string>();
  for (const [folder, path] of queue) {
    for (const [to, one] of edges.get(folder) ?? []) {
      if (to === start) return [...path, one];
      if (seen.has(to)) continue;
      seen.add(to);
      queue.push([to, [...path, one]]);
    }
  }
  return null;
}
