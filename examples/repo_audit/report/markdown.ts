/**
 * Writes the report as Markdown (GitHub flavour).
 *
 * @module
 */
import type { FunctionMeasure } from "../audit_types.ts";
import type { AuditReport } from "./build_report.ts";
import { formatBytes, formatCount, formatNumber, formatShare } from "./format.ts";
import { visibleText } from "./visible_text.ts";

type Cell = string | number;

/** Rows that a table of this report shows. */
const ROWS_MAX = 50;

/** The report as Markdown. */
export function renderMarkdown(report: AuditReport): string {
  const sections = [
    `# Audit of ${escapeText(report.name)}`,
    summary(report),
    "## Languages",
    languages(report),
    "## Most complex functions",
    functions(report.mostComplexFunctions),
    "## Longest functions",
    `${
      formatNumber(report.totals.longFunctions, "function")
    } longer than ${report.longFunctionLines} lines.`,
    functions(report.longestFunctions),
    "## Secrets",
    secrets(report),
    "## Dependencies and licences",
    dependencies(report),
    "## Duplicates",
    duplicates(report),
    "## Skipped",
    skipped(report),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function summary({ totals, date }: AuditReport): string {
  const said = [
    `${formatNumber(totals.files, "file")} in ${formatNumber(totals.directories, "folder")}, ${
      formatBytes(totals.bytes)
    }`,
    `${formatNumber(totals.lines, "line")}: ${formatCount(totals.code)} code, ${
      formatCount(totals.comments)
    } comments, ${formatCount(totals.blank)} blank`,
    `${formatNumber(totals.functions, "function")}, ${formatCount(totals.longFunctions)} long`,
    `${formatNumber(totals.secrets, "probable secret")}`,
    `${formatCount(totals.dependencies)} dependencies`,
    `${formatNumber(totals.duplicatedLines, "duplicated line")} (${
      formatShare(totals.duplicatedLines, totals.lines)
    })`,
    ...(date ? [`Date: ${escapeText(date)}`] : []),
  ];
  return said.map((line) => `- ${line}`).join("\n");
}

function languages(report: AuditReport): string {
  const rows = report.languages.map((one): Cell[] => [
    one.name,
    ...[one.files, one.lines, one.code, one.comments, one.blank, one.functions, one.complexity],
  ]);
  const header = [
    "Language",
    "Files",
    "Lines",
    "Code",
    "Comments",
    "Blank",
    "Functions",
    "Complexity",
  ];
  return table(header, rows, Infinity);
}

function functions(list: FunctionMeasure[]): string {
  const rows = list.map((one): Cell[] => [
    code(one.name),
    code(`${one.path}:${one.line}`),
    ...[one.complexity, one.lines, one.nesting],
  ]);
  return table(["Function", "Place", "Complexity", "Lines", "Nesting"], rows);
}

function secrets({ secrets: { bySeverity, findings } }: AuditReport): string {
  if (findings.length === 0) return "None found.";
  const counts = Object.entries(bySeverity).map(([name, count]) => `${formatCount(count)} ${name}`);
  const rows = findings.map((one): Cell[] => [
    one.severity,
    one.confidence,
    one.title,
    code(`${one.path}:${one.line}:${one.column}`),
    code(one.preview),
  ]);
  const header = ["Severity", "Confidence", "What", "Place", "Value"];
  return `${counts.join(", ")}. Values are masked.\n\n${table(header, rows, 500)}`;
}

function dependencies(report: AuditReport): string {
  const projects = report.projects.map((one): Cell[] => [
    code(one.source),
    escapeText(one.name ?? "–"),
    escapeText(one.version ?? "–"),
    escapeText(one.licence ?? "unknown"),
  ]);
  const direct = report.dependencies.filter((one) => one.direct).map((one): Cell[] => [
    one.ecosystem,
    code(one.name),
    escapeText(one.version ?? one.range ?? "any"),
    one.kind,
    escapeText(one.licence ?? "unknown"),
    code(one.manifest),
  ]);
  const licences = report.licences.map(({ licence, count }) => [escapeText(licence), count]);
  return [
    projects.length > 0 ? table(["Source", "Project", "Version", "Licence"], projects) : "",
    direct.length > 0
      ? table(["Ecosystem", "Package", "Version", "Kind", "Licence", "Manifest"], direct, 200)
      : "No dependencies declared.",
    licences.length > 0 ? table(["Licence", "Projects and packages"], licences) : "",
    report.inventoryProblems.map((one) => `- ${code(one.path)} ${one.problem}`).join("\n"),
  ].filter((part) => part !== "").join("\n\n");
}

function duplicates({ duplicates: found }: AuditReport): string {
  const clones = found.clones.map((one): Cell[] => [
    one.lines,
    one.occurrences.map(({ path, start, end }) => code(`${path}:${start}-${end}`)).join("<br>"),
  ]);
  const identical = found.identical.map((one): Cell[] => [
    formatBytes(one.bytes),
    one.paths.map(code).join("<br>"),
  ]);
  return [
    `${formatNumber(found.clonesFound, "clone")}, ${
      formatNumber(found.identical.length, "group")
    } of identical files.`,
    clones.length > 0 ? table(["Lines", "Places"], clones) : "",
    identical.length > 0 ? table(["Size", "Identical files"], identical) : "",
  ].filter((part) => part !== "").join("\n\n");
}

function skipped({ skipped: { byReason, listed, unreadable }, totals }: AuditReport): string {
  const counts = Object.entries(byReason).map(([reason, count]) =>
    `${formatCount(count)} ${reason}`
  );
  const said = `${formatNumber(totals.skipped, "entry").replace("entrys", "entries")} skipped${
    counts.length > 0 ? `: ${counts.join(", ")}` : ""
  }. ${formatCount(totals.ignored)} left out by .gitignore.`;
  const rows = [
    ...listed.map((one): Cell[] => [code(one.path), one.reason]),
    ...unreadable.map((path): Cell[] => [code(path), "unreadable"]),
  ];
  return rows.length > 0 ? `${said}\n\n${table(["Path", "Reason"], rows)}` : said;
}

function table(header: string[], rows: Cell[][], max = ROWS_MAX): string {
  const isNumber = header.map((_, at) => rows.length > 0 && typeof rows[0]![at] === "number");
  const line = (cells: Cell[]) => `| ${cells.map(cellText).join(" | ")} |`;
  const rule = `| ${isNumber.map((right) => (right ? "---:" : "---")).join(" | ")} |`;
  const left = rows.length - Math.min(rows.length, max);
  const more = left > 0 ? [`\n… and ${formatCount(left)} more in \`report.json\`.`] : [];
  return [line(header), rule, ...rows.slice(0, max).map(line), ...more].join("\n");
}

function cellText(cell: Cell): string {
  return typeof cell === "number" ? formatCount(cell) : cell;
}

/** `text` as a code span that nothing inside can close; pipes would end a table's cell. */
export function code(text: string): string {
  const shown = visibleText(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 || shown === "" ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** `text` without any meaning to Markdown or HTML. */
export function escapeText(text: string): string {
  return visibleText(text).replace(/[\\`*_{}[\]()#+!|~]/g, "\\$&")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
