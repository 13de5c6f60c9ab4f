/**
 * Puts the findings of all agents together. Everything is sorted and nothing is taken from the
 * clock: the same tree gives the same report, byte for byte.
 *
 * @module
 */
import type {
  Dependency,
  Duplicates,
  FileMeasure,
  FunctionMeasure,
  Inventory,
  Measurement,
  Project,
  SecretFinding,
  SecretScan,
  Severity,
  SkippedFile,
  Walk,
} from "../audit_types.ts";
import { byComplexity, byLength } from "../measure/measure_batch.ts";

/** All that the report is made of. */
export interface Findings {
  walk: Omit<Walk, "batches" | "manifests">;
  measures: (Measurement | null)[];
  secrets: (SecretScan | null)[];
  inventory: Inventory;
  duplicates: Duplicates;
  longFunctionLines: number;
  /** Shown as it is; the report has no other date. */
  date?: string;
}

/** Sums over files. */
export interface Sums {
  files: number;
  bytes: number;
  lines: number;
  code: number;
  comments: number;
  blank: number;
  functions: number;
  complexity: number;
}

/** The report: `report.json` is this, the other two show it. */
export interface AuditReport {
  format: "denizen-repo-audit/1";
  name: string;
  date: string | null;
  totals: Sums & {
    directories: number;
    longFunctions: number;
    secrets: number;
    dependencies: number;
    duplicatedLines: number;
    ignored: number;
    skipped: number;
  };
  languages: (Sums & { name: string; parsed: boolean })[];
  /** Disjoint folders that cover the tree; a folder's own files stand under its path and `/.`. */
  directories: (Sums & { path: string })[];
  longFunctionLines: number;
  /** Functions by complexity: 1–5, 6–10, 11–20, 21–50, over 50. */
  complexityHistogram: number[];
  mostComplexFunctions: FunctionMeasure[];
  longestFunctions: FunctionMeasure[];
  secrets: { bySeverity: Record<Severity, number>; findings: SecretFinding[] };
  projects: Project[];
  dependencies: Dependency[];
  dependenciesByEcosystem: Record<string, { direct: number; locked: number }>;
  licences: { licence: string; count: number }[];
  inventoryProblems: Inventory["problems"];
  duplicates: Duplicates;
  skipped: { byReason: Record<string, number>; listed: SkippedFile[]; unreadable: string[] };
  files: FileMeasure[];
}

/** Functions listed by each measure. */
const FUNCTIONS_MAX = 25;

const SEVERITIES: Severity[] = ["critical", "high", "medium", "low"];

/** Puts the report together. */
export function buildReport(findings: Findings): AuditReport {
  const { walk, inventory, duplicates, longFunctionLines } = findings;
  const measures = findings.measures.filter((one) => one !== null);
  const files = measures.flatMap((one) => one.files).sort((a, b) => order(a.path, b.path));
  const functions = measures.flatMap((one) => one.functions);
  const secrets = sortSecrets(findings.secrets.flatMap((scan) => scan?.findings ?? []));
  const skipped = Object.values(walk.counts.skipped).reduce((sum, count) => sum + count, 0);
  return {
    format: "denizen-repo-audit/1",
    name: walk.name,
    date: findings.date ?? null,
    totals: {
      ...sumOf(files),
      directories: walk.counts.directories,
      longFunctions: measures.reduce((sum, one) => sum + one.longFunctions, 0),
      secrets: secrets.length,
      dependencies: inventory.dependencies.length,
      duplicatedLines: duplicates.duplicatedLines,
      ignored: walk.counts.ignored,
      skipped,
    },
    languages: languagesOf(files),
    directories: directoriesOf(files),
    longFunctionLines,
    complexityHistogram: [0, 1, 2, 3, 4].map((bucket) =>
      measures.reduce((sum, one) => sum + one.histogram[bucket]!, 0)
    ),
    mostComplexFunctions: functions.toSorted(byComplexity).slice(0, FUNCTIONS_MAX),
    longestFunctions: functions.toSorted(byLength).slice(0, FUNCTIONS_MAX),
    secrets: { bySeverity: countSeverities(secrets), findings: secrets },
    projects: inventory.projects,
    dependencies: inventory.dependencies,
    dependenciesByEcosystem: countEcosystems(inventory.dependencies),
    licences: countLicences(inventory),
    inventoryProblems: inventory.problems,
    duplicates,
    skipped: {
      byReason: walk.counts.skipped,
      listed: walk.skipped,
      unreadable: measures.flatMap((one) => one.unreadable).sort(order),
    },
    files,
  };
}

function sumOf(files: FileMeasure[]): Sums {
  const sums = { files: 0, bytes: 0, lines: 0, code: 0, comments: 0, blank: 0 };
  const total: Sums = { ...sums, functions: 0, complexity: 0 };
  for (const file of files) {
    total.files++;
    total.bytes += file.bytes;
    total.lines += file.lines;
    total.code += file.code;
    total.comments += file.comments;
    total.blank += file.blank;
    total.functions += file.functions;
    total.complexity += file.complexity;
  }
  return total;
}

function languagesOf(files: FileMeasure[]): AuditReport["languages"] {
  return [...Map.groupBy(files, ({ language }) => language)]
    .map(([name, own]) => ({ name, ...sumOf(own), parsed: own.some(({ parsed }) => parsed) }))
    .sort((a, b) => b.lines - a.lines || order(a.name, b.name));
}

/** Folders are split, the one with the most code first, until there are this many. */
const DIRECTORIES_WANTED = 24;

function directoriesOf(files: FileMeasure[]): AuditReport["directories"] {
  const whole = [{ path: "", files, code: codeOf(files), isSplit: false }];
  for (let folders = whole;;) {
    const largest = folders.filter(({ isSplit }) => !isSplit).sort((a, b) => b.code - a.code)[0];
    if (folders.length >= DIRECTORIES_WANTED || !largest) {
      return folders.map(toDirectory).sort(byCode);
    }
    folders = [...folders.filter((folder) => folder !== largest), ...splitFolder(largest)];
  }
}

/** Files that are shown as one. */
interface Folder {
  path: string;
  files: FileMeasure[];
  code: number;
  /** Holds the files that lie in the folder itself: there is nothing left to split. */
  isSplit: boolean;
}

function splitFolder({ path, files }: Folder): Folder[] {
  const prefix = path === "" ? "" : `${path}/`;
  const childOf = (file: FileMeasure) => {
    const slash = file.path.indexOf("/", prefix.length);
    return slash < 0 ? "." : file.path.slice(prefix.length, slash);
  };
  return [...Map.groupBy(files, childOf)].map(([child, own]) => (
    { path: prefix + child, files: own, code: codeOf(own), isSplit: child === "." }
  ));
}

function codeOf(files: FileMeasure[]): number {
  return files.reduce((sum, { code }) => sum + code, 0);
}

function toDirectory({ path, files }: Folder): AuditReport["directories"][number] {
  return { path, ...sumOf(files) };
}

function byCode(a: { path: string; code: number }, b: { path: string; code: number }): number {
  return b.code - a.code || order(a.path, b.path);
}

function sortSecrets(findings: SecretFinding[]): SecretFinding[] {
  const rank = ({ severity }: SecretFinding) => SEVERITIES.indexOf(severity);
  return findings.sort((a, b) =>
    rank(a) - rank(b) || order(a.path, b.path) || a.line - b.line || a.column - b.column
  );
}

function countSeverities(findings: SecretFinding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

function countEcosystems(dependencies: Dependency[]): AuditReport["dependenciesByEcosystem"] {
  const counts: AuditReport["dependenciesByEcosystem"] = {};
  for (const { ecosystem, direct } of dependencies) {
    counts[ecosystem] ??= { direct: 0, locked: 0 };
    counts[ecosystem][direct ? "direct" : "locked"]++;
  }
  return counts;
}

function countLicences({ projects, dependencies }: Inventory): AuditReport["licences"] {
  const counts = new Map<string, number>();
  for (const { licence } of [...projects, ...dependencies]) {
    const key = licence ?? "unknown";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([licence, count]) => ({ licence, count }))
    .sort((a, b) => b.count - a.count || order(a.licence, b.licence));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
