/**
 * npm's `package.json` and `package-lock.json` (lock file versions 1 to 3).
 *
 * @module
 */
import type { Dependency } from "../../audit_types.ts";
import { asList, asRecord, asText, type Loose, type Manifest, type Named } from "../manifest.ts";

const SECTIONS: [string, Dependency["kind"]][] = [
  ["dependencies", "runtime"],
  ["devDependencies", "dev"],
  ["peerDependencies", "peer"],
  ["optionalDependencies", "optional"],
];

/** Reads a `package.json`. */
export function readPackageJson(text: string): Manifest {
  const parsed = asRecord(JSON.parse(text));
  const dependencies = SECTIONS.flatMap(([section, kind]) =>
    Object.entries(asRecord(parsed[section])).map(([name, range]): Named => (
      { ecosystem: "npm", name, range: asText(range), kind, direct: true }
    ))
  );
  const project = { name: asText(parsed.name), version: asText(parsed.version) };
  return { project: { ...project, licence: licenceOf(parsed) }, dependencies };
}

/** The `license` of a package: a text, an object of old, or a list of them. */
export function licenceOf(parsed: Record<string, Loose>): string | null {
  const named = [...asList(parsed.license), ...asList(parsed.licenses)]
    .map((licence) => asText(licence) ?? asText(asRecord(licence).type))
    .filter((licence) => licence !== null);
  return named.length === 0 ? null : [...new Set(named)].join(" OR ");
}

/** Reads a `package-lock.json`. */
export function readPackageLock(text: string): Manifest {
  const parsed = asRecord(JSON.parse(text));
  const dependencies = parsed.packages
    ? Object.entries(asRecord(parsed.packages)).flatMap(readLocked)
    : readTree(asRecord(parsed.dependencies));
  return { dependencies };
}

function readLocked([path, value]: [string, Loose]): Named[] {
  const entry = asRecord(value);
  const at = path.lastIndexOf("node_modules/");
  if (at < 0 || entry.link === true) return [];
  const name = asText(entry.name) ?? path.slice(at + "node_modules/".length);
  return [{
    ecosystem: "npm",
    name,
    version: asText(entry.version),
    kind: kindOf(entry),
    direct: false,
    licence: licenceOf(entry),
  }];
}

function readTree(tree: Record<string, Loose>): Named[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const entry = asRecord(value);
    const version = asText(entry.version);
    const own: Named = { ecosystem: "npm", name, version, kind: kindOf(entry), direct: false };
    return [own, ...readTree(asRecord(entry.dependencies))];
  });
}

function kindOf(entry: Record<string, Loose>): Dependency["kind"] {
  if (entry.dev === true || entry.devOptional === true) return "dev";
  return entry.optional === true ? "optional" : entry.peer === true ? "peer" : "runtime";
}
