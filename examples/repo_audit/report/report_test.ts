import assert from "node:assert/strict";
import type { Measurement } from "../audit_types.ts";
import { buildReport, type Findings } from "./build_report.ts";
import { squarify } from "./charts.ts";
import { html } from "./html.ts";
import { code, escapeText, renderMarkdown } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { visibleText } from "./visible_text.ts";

/** File names, licences and function names that want to be more than text. */
const HOSTILE = [
  `<script>alert(1)</script>.ts`,
  `"><img src=x onerror=alert(1)>.ts`,
  `'onmouseover='alert(1).ts`,
  "a`b``c|d.ts",
  "[x](javascript:alert(1)).ts",
  "line\nbreak\x1b[31m\u202egnp.ts",
  "</style></title>&lt;b&gt;.ts",
];

function findingsOf(paths: string[]): Findings {
  const measure: Measurement = {
    files: paths.map((path, at) => ({
      path,
      language: "TypeScript",
      ...{ bytes: 100, lines: 10 + at, unterminated: false, code: 8, comments: 1, blank: 1 + at },
      ...{ complexity: 3, functions: 1, nestingMax: 1, parsed: true },
    })),
    functions: paths.map((path) => ({
      path,
      name: path,
      line: 1,
      lines: 5,
      complexity: 3,
      nesting: 1,
    })),
    histogram: [paths.length, 0, 0, 0, 0],
    longFunctions: 0,
    unreadable: [],
  };
  return {
    walk: {
      name: paths[0]!,
      counts: {
        files: paths.length,
        bytes: 700,
        directories: 1,
        ignored: 2,
        skipped: { binary: 7 },
      },
      skipped: paths.map((path) => ({ path, reason: "binary" })),
    },
    measures: [measure, null],
    secrets: [{
      findings: paths.map((path) => ({
        ...{ path, line: 1, column: 2, rule: "r", title: "t", severity: "high" as const },
        ...{ confidence: "high" as const, preview: "abcd****", fingerprint: null },
      })),
      unreadable: [],
    }, null],
    inventory: {
      projects: paths.map((path) => ({ name: path, version: path, licence: path, source: path })),
      dependencies: paths.map((path) => ({
        ...{ ecosystem: "npm" as const, name: path, version: path, range: path },
        ...{ kind: "dev" as const, direct: true, manifest: path, licence: path },
      })),
      problems: paths.map((path) => ({ path, problem: "cannot be understood" })),
    },
    duplicates: {
      identical: [{ bytes: 1, paths }],
      clones: [{ lines: 12, occurrences: paths.map((path) => ({ path, start: 1, end: 12 })) }],
      ...{ duplicatedLines: 12, clonesFound: 1 },
    },
    longFunctionLines: 60,
    date: HOSTILE[0],
  };
}

Deno.test("renderPage() escapes every text of the tree", () => {
  const page = renderPage(buildReport(findingsOf(HOSTILE)));
  for (
    const forbidden of [
      "<script",
      "<img",
      "onerror=alert(1)>",
      "'onmouseover='",
      "\x1b",
      "\u202e",
      "</style></title>",
    ]
  ) {
    assert.ok(!page.includes(forbidden), forbidden);
  }
  const tags = new Set(
    [...page.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag!.toLowerCase()),
  );
  const known =
    "html head meta title style body header h1 p nav a main section div b span h2 h3 h4 svg g rect text table thead tbody tr th td code i br details summary footer";
  assert.deepEqual([...tags].filter((tag) => !known.split(" ").includes(tag)), []);
});

Deno.test("renderPage() needs nothing from elsewhere", () => {
  const page = renderPage(buildReport(findingsOf(["a.ts"])));
  assert.ok(!/\b(?:src|href)=["'](?!#)/.test(page) && !/url\(|@import|https?:/.test(page));
  assert.ok(page.includes(`content="default-src 'none'; style-src 'unsafe-inline'"`));
});

Deno.test("renderMarkdown() keeps hostile names inside their cells", () => {
  const markdown = renderMarkdown(buildReport(findingsOf(HOSTILE)));
  assert.ok(!/[\p{Cc}\u202e]/u.test(markdown.replaceAll("\n", "")));
  for (const line of markdown.split("\n").filter((line) => line.startsWith("|"))) {
    const outside = line.replace(/(`+) .*? \1(?!`)|`[^`]*`/g, "");
    assert.ok(!/<script|<img|\]\(javascript/.test(outside), line);
  }
});

Deno.test("code() and escapeText() leave no way out", () => {
  assert.equal(code("a"), "`a`");
  assert.equal(code("a`b``c"), "``` a`b``c ```");
  assert.equal(code("a|b"), "`a\\|b`");
  assert.equal(escapeText("<b>*x*[y]"), "&lt;b&gt;\\*x\\*\\[y\\]");
});

Deno.test("html`` escapes values and keeps markup", () => {
  assert.equal(
    html`<p title="${`"&'<>`}">${[html`<b>${1}</b>`, "<"]}${null}</p>`.toString(),
    `<p title="&quot;&amp;&#39;&lt;&gt;"><b>1</b>&lt;</p>`,
  );
});

Deno.test("visibleText() spells control characters out", () => {
  assert.equal(visibleText("a\nb\u202ec"), "a\\u{a}b\\u{202e}c");
  assert.equal(visibleText("Grüße 漢字 🙂"), "Grüße 漢字 🙂");
});

Deno.test("buildReport() does not depend on the order in which batches ended", () => {
  const one = findingsOf(["b.ts", "a.ts", "c/d.ts"]);
  const [first, last] = [findingsOf(["a.ts"]), findingsOf(["b.ts", "c/d.ts"])];
  const report = (...findings: Findings[]) =>
    buildReport({
      ...one,
      date: "",
      measures: findings.flatMap((f) => f.measures),
      secrets: findings.flatMap((f) => f.secrets),
    });
  const forward = report(first, last);
  const backward = report(last, first);
  assert.deepEqual(forward.secrets, backward.secrets);
  assert.deepEqual(forward.mostComplexFunctions, backward.mostComplexFunctions);
  assert.deepEqual(forward.files.map(({ path }) => path), ["a.ts", "b.ts", "c/d.ts"]);
});

Deno.test("buildReport() adds up", () => {
  const { totals, languages, directories } = buildReport(
    findingsOf(["a.ts", "b/c.ts", "b/d/e.ts"]),
  );
  for (const parts of [languages, directories]) {
    for (const key of ["files", "lines", "code", "complexity"] as const) {
      assert.equal(parts.reduce((sum, part) => sum + part[key], 0), totals[key], key);
    }
  }
  assert.equal(totals.skipped, 7);
});

Deno.test("squarify() fills the area without overlaps", () => {
  const tiles = [60, 30, 20, 5, 5, 1].map((value) => ({ label: "", value, heat: 0, tip: "" }));
  const placed = squarify(tiles, { x: 0, y: 0, width: 100, height: 50 });
  const area = placed.reduce((sum, { width, height }) => sum + width * height, 0);
  assert.ok(Math.abs(area - 5_000) < 1e-6);
  for (const [at, a] of placed.entries()) {
    for (const b of placed.slice(at + 1)) {
      const apart = a.x + a.width <= b.x + 1e-9 || b.x + b.width <= a.x + 1e-9 ||
        a.y + a.height <= b.y + 1e-9 || b.y + b.height <= a.y + 1e-9;
      assert.ok(apart);
    }
  }
});
