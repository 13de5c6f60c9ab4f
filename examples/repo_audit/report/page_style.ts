/**
 * The style sheet of `report.html`.
 *
 * @module
 */

/** CSS, with light and dark themes by the reader's own setting. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#ffffff, #14161a);
  --panel: light-dark(#f6f7f9, #1c1f25);
  --line: light-dark(#e1e4ea, #2d323b);
  --ink: light-dark(#1a1d23, #e7e9ee);
  --quiet: light-dark(#5b6472, #9aa3b2);
  --link: light-dark(#0b5cad, #7db8f5);
  --code: light-dark(#2f6fb5, #5b9be0);
  --comments: light-dark(#5aa17f, #58a884);
  --blank: light-dark(#cfd4dc, #3d434e);
  --heat: light-dark(#c2502e, #e0714d);
  --critical: light-dark(#a3123a, #ff6f91);
  --high: light-dark(#b4531a, #f39b5f);
  --medium: light-dark(#8a6a00, #e0bd4d);
  --low: light-dark(#5b6472, #9aa3b2);
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 56px; }
header p { color: var(--quiet); margin: 4px 0 0; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -0.02em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 22px; letter-spacing: -0.01em; margin: 64px 0 6px; }
h3 { font-size: 15px; margin: 32px 0 10px; }
section > p { color: var(--quiet); margin: 0 0 18px; max-width: 68ch; }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 22px 0 0; padding: 12px 0; border-block: 1px solid var(--line); font-size: 14px; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 28px 0 0; }
.tiles > div { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tiles b { display: block; font-size: 27px; font-weight: 650; letter-spacing: -0.02em; line-height: 1.2; }
.tiles span { color: var(--quiet); font-size: 13px; }
.tiles .alert b { color: var(--critical); }
.chart { display: block; width: 100%; height: auto; margin: 8px 0 20px; }
.chart text { dominant-baseline: central; font-size: 13px; fill: var(--ink); }
.chart .label { text-anchor: end; }
.chart .value { fill: var(--quiet); }
.chart .tile { font-weight: 600; }
.chart .small { font-weight: 400; font-size: 12px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--quiet); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: 12.5px; white-space: nowrap; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
td.place, td.name { overflow-wrap: anywhere; }
code, .place { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.place div + div { margin-top: 2px; }
.severity { font-weight: 600; white-space: nowrap; }
.severity::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%; background: currentColor; margin-right: 7px; }
.critical { color: var(--critical); } .high { color: var(--high); }
.medium { color: var(--medium); } .low { color: var(--low); }
@media (max-width: 640px) { .tiles { grid-template-columns: repeat(2, 1fr); } main, header, footer { padding: 0 16px; } }
details { margin: 14px 0; } summary { cursor: pointer; color: var(--link); font-size: 14px; }
.none { color: var(--quiet); font-style: italic; }
footer { color: var(--quiet); font-size: 13px; padding-block: 56px 40px; }
@media print { nav { display: none; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
`;
