/**
 * Deno's `deno.json` or `deno.jsonc`, and `deno.lock` (versions 2 to 5).
 *
 * @module
 */
import { asRecord, asText, type Manifest, type Named } from "../manifest.ts";

/** Reads a `deno.json`: the registries that its import map names. */
export function readDenoJson(text: string): Manifest {
  const parsed = asRecord(JSON.parse(withoutComments(text)));
  const maps = [parsed.imports, ...Object.values(asRecord(parsed.scopes))];
  const dependencies = maps.flatMap((map) => Object.values(asRecord(map)))
    .flatMap((specifier) => fromSpecifier(asText(specifier) ?? ""));
  const { name, version, license } = parsed;
  return {
    project: { name: asText(name), version: asText(version), licence: asText(license) },
    dependencies: dependencies.filter((one, at) =>
      dependencies.findIndex((other) => other.name === one.name && other.range === one.range) === at
    ),
  };
}

/** `npm:zod@^4/v4`, `jsr:@std/path@1`, `https://deno.land/x/oak@v12.0.0/mod.ts`. */
function fromSpecifier(specifier: string): Named[] {
  const registry = /^(npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?/.exec(specifier);
  if (registry) {
    const [, scheme, name, range = null] = registry;
    const version = range && /^\d+\.\d+\.\d+[\w.+-]*$/.test(range) ? range : null;
    const full = scheme === "jsr" ? `jsr:${name!}` : name!;
    return [{ ecosystem: "deno", name: full, version, range, kind: "runtime", direct: true }];
  }
  if (!/^https?:\/\//.test(specifier)) return [];
  const [, name, range = null] = /^https?:\/\/([^@?#]+)(?:@([^/]+))?/.exec(specifier) ?? [];
  if (!name) return [];
  return [{ ecosystem: "deno", name, version: range, range, kind: "runtime", direct: true }];
}

/** Reads a `deno.lock`. */
export function readDenoLock(text: string): Manifest {
  const parsed = asRecord(JSON.parse(text));
  const packages = parsed.packages ? asRecord(parsed.packages) : parsed;
  const locked = (key: "npm" | "jsr") =>
    Object.keys(asRecord(packages[key])).flatMap((id): Named[] => {
      const found = /^((?:@[^/]+\/)?[^@/]+)@([^_]+)/.exec(id);
      if (!found) return [];
      const name = key === "jsr" ? `jsr:${found[1]!}` : found[1]!;
      return [{ ecosystem: "deno", name, version: found[2]!, kind: "runtime", direct: false }];
    });
  return { dependencies: [...locked("npm"), ...locked("jsr")] };
}

/** JSON with comments and trailing commas as plain JSON. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string) => string ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string) => string ?? "");
}
