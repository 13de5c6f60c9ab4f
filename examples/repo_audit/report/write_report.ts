/**
 * Writes the three forms of the report into a directory.
 *
 * @module
 */
import { resolve } from "node:path";
import type { AuditReport } from "./build_report.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";

/** Absolute paths of what was written. */
export interface WrittenReport {
  html: string;
  markdown: string;
  json: string;
}

/** Writes `report.html`, `report.md` and `report.json` below `out`, which is made if need be. */
export function writeReport(report: AuditReport, out: string): WrittenReport {
  const folder = resolve(out);
  const paths = {
    html: `${folder}/report.html`,
    markdown: `${folder}/report.md`,
    json: `${folder}/report.json`,
  };
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(paths.json, `${JSON.stringify(report, null, 2)}\n`);
  Deno.writeTextFileSync(paths.markdown, renderMarkdown(report));
  Deno.writeTextFileSync(paths.html, renderPage(report));
  return paths;
}
