/**
 * Writes the report as one HTML page that needs nothing else: no script, no font, no network.
 *
 * @module
 */
import type { FunctionMeasure } from "../audit_types.ts";
import type { AuditReport } from "./build_report.ts";
import { barChart, treemap } from "./charts.ts";
import { formatBytes, formatCount, formatNumber, formatShare } from "./format.ts";
import { Html, html, type HtmlValue } from "./html.ts";
import { PAGE_STYLE } from "./page_style.ts";

/** Rows that stand open; what is beyond is folded away, and beyond {@linkcode ROWS_MAX} left out. */
const ROWS_OPEN = 25;
const ROWS_MAX = 1_000;

const SECTIONS = [
  "Overview",
  "Languages",
  "Functions",
  "Secrets",
  "Dependencies",
  "Duplicates",
  "Files",
];

/** The report as a page. Its policy forbids scripts and requests, whatever its texts hold. */
export function renderPage(report: AuditReport): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  const links = SECTIONS.map((name) => html`<a href="#${name.toLowerCase()}">${name}</a>`);
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
        <title>Audit of ${report.name}</title>
        <style>${new Html(PAGE_STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>${report.name}</h1>
          <p>Repository audit${report.date
            ? html`
              · ${report.date}
            `
            : null}</p>
          <nav>${links}</nav>
        </header>
        <main>
    ${overview(report)}
    ${languages(report)}
    ${functions(report)}
    ${secrets(report)}
    ${dependencies(report)}
    ${duplicates(report)}
    ${files(report)}
        </main>
        <footer>Made by the repo-audit workflow of Denizen. Values of secrets are masked; all numbers are in report.json.</footer>
      </body>
    </html>
  `;
  return page.toString();
}

function section(name: string, said: HtmlValue, body: HtmlValue): Html {
  return html`<section id="${name.toLowerCase()}"><h2>${name}</h2><p>${said}</p>${body}</section>`;
}

/** Decisions for each line of code that give a folder the strongest colour. */
const DENSE = 0.4;

function overview(report: AuditReport): Html {
  const { totals, duplicates: found } = report;
  const tile = (value: string, label: string, alert = false) =>
    html`<div class="${alert ? "alert" : ""}"><b>${value}</b><span>${label}</span></div>`;
  const tiles = [
    tile(formatCount(totals.files), `files in ${formatNumber(totals.directories, "folder")}`),
    tile(
      formatCount(totals.lines),
      `lines, ${formatShare(totals.comments, totals.lines)} comments`,
    ),
    tile(formatCount(totals.code), "lines of code"),
    tile(formatCount(totals.functions), `functions, ${formatCount(totals.longFunctions)} long`),
    tile(formatCount(totals.secrets), "probable secrets", totals.secrets > 0),
    tile(formatCount(totals.dependencies), "dependencies"),
    tile(
      formatShare(totals.duplicatedLines, totals.lines),
      `duplicated, ${formatNumber(found.clonesFound, "clone")}`,
    ),
    tile(formatCount(totals.skipped), `skipped, ${formatCount(totals.ignored)} ignored`),
  ];
  const map = report.directories.map((one) => ({
    label: one.path,
    value: one.code,
    heat: one.code === 0 ? 0 : one.complexity / one.code / DENSE,
    tip: `${one.path}: ${formatNumber(one.code, "line")} of code, ${
      formatNumber(one.files, "file")
    }, complexity ${formatCount(one.complexity)}`,
  }));
  return html`<section id="overview"><div class="tiles">${tiles}</div>
<h3>Folders by lines of code; a stronger colour is more decisions per line</h3>${
    treemap("Folders by lines of code", map)
  }</section>`;
}

function languages(report: AuditReport): Html {
  const bars = report.languages.slice(0, 12).map((one) => ({
    label: one.name,
    parts: [
      { value: one.code, color: "code", name: "lines of code" },
      { value: one.comments, color: "comments", name: "lines of comments" },
      { value: one.blank, color: "blank", name: "blank lines" },
    ],
  }));
  const legend = ["code", "comments", "blank"].map((name) =>
    html`<span><i style="background:var(--${name})"></i>${name}</span>`
  );
  const rows = report.languages.map((one) => [
    cell(one.name),
    ...[one.files, one.lines, one.code, one.comments, one.blank, one.functions, one.complexity].map(
      number,
    ),
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
  const said =
    "Lines are newline characters, as wc -l counts them. Languages with functions were parsed.";
  const chart = barChart("Lines by language", bars);
  return section(
    "Languages",
    said,
    html`<div class="legend">${legend}</div>${chart}${table(header, rows)}`,
  );
}

function functions(report: AuditReport): Html {
  const names = ["1–5 simple", "6–10", "11–20", "21–50", "over 50"];
  const bars = report.complexityHistogram.map((value, at) => ({
    label: names[at]!,
    parts: [{ value, color: at < 2 ? "code" : "heat", name: "functions" }],
  }));
  const said = `Cyclomatic complexity: one, and one more for each decision. ${
    formatNumber(report.totals.longFunctions, "function")
  } longer than ${report.longFunctionLines} lines.`;
  const body = html`<h3>Functions by complexity</h3>${barChart("Functions by complexity", bars)}
<h3>Most complex</h3>${functionTable(report.mostComplexFunctions)}<h3>Longest</h3>${
    functionTable(report.longestFunctions)
  }`;
  return section("Functions", said, body);
}

function functionTable(list: FunctionMeasure[]): Html {
  const rows = list.map((one) => [
    html`<td class="name"><code>${one.name}</code></td>`,
    place(`${one.path}:${one.line}`),
    ...[one.complexity, one.lines, one.nesting].map(number),
  ]);
  return table(["Function", "Place", "Complexity", "Lines", "Nesting"], rows);
}

function secrets({ secrets: { bySeverity, findings } }: AuditReport): Html {
  const counts = Object.entries(bySeverity).map(([name, count]) =>
    html`<div><b class="${name}">${formatCount(count)}</b><span>${name}</span></div>`
  );
  const rows = findings.map((one) => [
    html`<td class="severity ${one.severity}">${one.severity}</td>`,
    cell(one.confidence),
    cell(one.title),
    place(`${one.path}:${one.line}:${one.column}`),
    html`<td><code>${one.preview}</code></td>`,
  ]);
  const header = ["Severity", "Confidence", "What", "Place", "Value"];
  const said =
    "Known shapes and random-looking texts. A secret that was ever committed has to be replaced, not only removed.";
  return section(
    "Secrets",
    said,
    html`<div class="tiles">${counts}</div><br>${table(header, rows)}`,
  );
}

function dependencies(report: AuditReport): Html {
  const projects = report.projects.map((one) => [
    place(one.source),
    cell(one.name ?? "–"),
    cell(one.version ?? "–"),
    cell(one.licence ?? "unknown"),
  ]);
  const list = report.dependencies.map((one) => [
    cell(one.ecosystem),
    html`<td class="name">${one.name}</td>`,
    cell(one.version ?? one.range ?? "any"),
    cell(one.direct ? one.kind : `${one.kind}, locked`),
    cell(one.licence ?? "unknown"),
    place(one.manifest),
  ]);
  const bars = report.licences.slice(0, 10).map(({ licence, count }) => ({
    label: licence,
    parts: [{ value: count, color: "code", name: "projects and packages" }],
  }));
  const problems = report.inventoryProblems.map((one) => [place(one.path), cell(one.problem)]);
  const said =
    "From manifests, lock files and licence texts in the tree; nothing was looked up elsewhere.";
  const body = html`<h3>Licences</h3>${bars.length > 0 ? barChart("Licences", bars) : none()}
<h3>Projects</h3>${table(["Source", "Project", "Version", "Licence"], projects)}
<h3>Packages</h3>${table(["Ecosystem", "Package", "Version", "Kind", "Licence", "Named in"], list)}
${
    problems.length > 0
      ? html`<h3>Not understood</h3>${table(["Manifest", "Problem"], problems)}`
      : null
  }`;
  return section("Dependencies", said, body);
}

function duplicates({ duplicates: found, totals }: AuditReport): Html {
  const clones = found.clones.map((one) => [
    number(one.lines),
    places(one.occurrences.map(({ path, start, end }) => `${path}:${start}–${end}`)),
  ]);
  const identical = found.identical.map((one) => [
    html`<td class="number">${formatBytes(one.bytes)}</td>`,
    places(one.paths),
  ]);
  const said = `${formatNumber(found.clonesFound, "clone")} in ${
    formatNumber(totals.duplicatedLines, "line")
  }, without white space and comments.`;
  const body = html`${table(["Lines", "Places"], clones)}<h3>Identical files</h3>${
    table(["Size", "Files"], identical)
  }`;
  return section("Duplicates", said, body);
}

function files(report: AuditReport): Html {
  const { skipped, totals } = report;
  const largest = report.files.toSorted((a, b) => b.code - a.code || (a.path < b.path ? -1 : 1))
    .slice(0, 25).map((one) => [
      place(one.path),
      cell(one.language),
      ...[one.lines, one.code, one.comments, one.functions, one.complexity].map(number),
    ]);
  const left = [
    ...skipped.listed.map((one) => [place(one.path), cell(one.reason)]),
    ...skipped.unreadable.map((path) => [place(path), cell("unreadable")]),
  ];
  const counts = Object.entries(skipped.byReason).map(([reason, count]) =>
    `${formatCount(count)} ${reason}`
  );
  const said = `${formatCount(totals.skipped)} skipped${
    counts.length > 0 ? ` (${counts.join(", ")})` : ""
  }, ${formatCount(totals.ignored)} left out by .gitignore.`;
  const header = ["File", "Language", "Lines", "Code", "Comments", "Functions", "Complexity"];
  const body = html`<h3>Largest</h3>${table(header, largest)}<h3>Skipped</h3>${
    table(["Path", "Reason"], left)
  }`;
  return section("Files", said, body);
}

const NUMBERS = new Set([
  "Files",
  "Lines",
  "Code",
  "Comments",
  "Blank",
  "Functions",
  "Complexity",
  "Nesting",
  "Size",
]);

function table(header: string[], rows: Html[][]): Html {
  if (rows.length === 0) return none();
  const head = header.map((name, at) =>
    html`<th class="${
      NUMBERS.has(name) && !(at > 0 && header[0] === "Size") ? "number" : ""
    }">${name}</th>`
  );
  const body = (some: Html[][]) =>
    html`
      <div class="scroll">
        <table>
          <thead>
            <tr>${head}</tr>
          </thead>
          <tbody>${some.map((row) => html`<tr>${row}</tr>`)}</tbody>
        </table>
      </div>
    `;
  const rest = rows.slice(ROWS_OPEN, ROWS_MAX);
  const beyond = rows.length - ROWS_OPEN - rest.length;
  const more = beyond > 0
    ? html`<p class="none">${formatCount(beyond)} more in report.json</p>`
    : null;
  const folded = html`<details><summary>${formatCount(rest.length)} more</summary>${
    body(rest)
  }${more}</details>`;
  return html`${body(rows.slice(0, ROWS_OPEN))}${rest.length > 0 ? folded : null}`;
}

function none(): Html {
  return html`<p class="none">None.</p>`;
}

function cell(value: HtmlValue): Html {
  return html`<td>${value}</td>`;
}

function number(value: number): Html {
  return html`<td class="number">${formatCount(value)}</td>`;
}

function place(path: string): Html {
  return html`<td class="place">${path}</td>`;
}

function places(paths: string[]): Html {
  return html`<td class="place">${paths.map((path) => html`<div>${path}</div>`)}</td>`;
}
