/**
 * Go's `go.mod` (go.dev/ref/mod#go-mod-file).
 *
 * @module
 */
import type { Manifest, Named } from "../manifest.ts";

/** Reads a `go.mod`: the module and what it requires; `// indirect` marks what others require. */
export function readGoMod(text: string): Manifest {
  const module = /^module\s+"?([^\s"]+)"?/m.exec(text)?.[1] ?? null;
  const dependencies: Named[] = [];
  let block: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const opened = /^\s*(\w+)\s*\($/.exec(line.replace(/\s*\/\/.*$/, ""));
    if (opened) block = opened[1]!;
    else if (/^\s*\)/.test(line)) block = null;
    else dependencies.push(...requirement(line, block));
  }
  return { project: { name: module, version: null, licence: null }, dependencies };
}

function requirement(line: string, block: string | null): Named[] {
  const rest = block === "require" ? line : /^\s*require\s+(.*)$/.exec(line)?.[1] ?? "";
  const found = /^\s*"?([^\s"]+)"?\s+(v[^\s/]+)\s*(\/\/\s*indirect)?/.exec(rest);
  if (!found || (block !== null && block !== "require")) return [];
  const direct = found[3] === undefined;
  const version = found[2]!;
  return [{ ecosystem: "go", name: found[1]!, version, range: version, kind: "runtime", direct }];
}
