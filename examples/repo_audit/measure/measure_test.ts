import assert from "node:assert/strict";
import fc from "fast-check";
import { measureFile } from "./measure.ts";
import { detectLanguage } from "../languages.ts";
import { classifyLines, countNewlines } from "./lines.ts";

/** One program for each language; the same shape in each, as far as the language has it. */
interface Sample {
  path: string;
  text: string;
  /** `[name, complexity, lines, nesting]` in the order of the text. */
  functions: [string, number, number, number][];
  code: number;
  comments: number;
  blank: number;
}

const SAMPLES: Sample[] = [
  {
    path: "a.ts",
    text: `// one comment
import { x } from "./x.ts";

/* two
   lines */
export function grade(score: number): string {
  if (score > 90 && score <= 100) return "a";
  else if (score > 80) return "b";
  for (const one of [1, 2]) {
    while (one > score) { score++; } // code and comment
  }
  return score > 50 ? "c" : "d";
}

const twice = (n: number) => n ?? 0;
class Shelf {
  fill(n: number) {
    switch (n) {
      case 1: return 1;
      case 2: return 2;
      default: return 3;
    }
  }
}
`,
    functions: [["grade", 7, 8, 2], ["twice", 2, 1, 0], ["fill", 3, 7, 1]],
    ...{ code: 19, comments: 3, blank: 2 },
  },
  {
    path: "a.tsx",
    text: `export const View = ({ on }: { on: boolean }) => <p>{on ? "yes" : "no"}</p>;
`,
    functions: [["View", 2, 1, 0]],
    ...{ code: 1, comments: 0, blank: 0 },
  },
  {
    path: "a.js",
    text: `module.exports = function outer(list) {
  list.forEach((item) => { if (item || list) throw item; });
  try { list(); } catch { return null; }
};
`,
    functions: [["outer", 2, 4, 1], ["(anonymous)", 3, 1, 1]],
    ...{ code: 4, comments: 0, blank: 0 },
  },
  {
    path: "a.py",
    text: `"""Module text."""
# comment

class Shelf:
    def fill(self, n):
        """What it does.

        At length.
        """
        if n > 1 and n < 5 or n == 9:
            return [x for x in range(n) if x]
        elif n:
            try:
                pass
            except ValueError:
                pass
        return 1 if n else 2

double = lambda n: n * 2
`,
    functions: [["fill", 9, 13, 2], ["double", 1, 1, 0]],
    ...{ code: 11, comments: 5, blank: 3 },
  },
  {
    path: "a.go",
    text: `package a

// Grade says.
func Grade(n int) string {
	for i := 0; i < n; i++ {
		if n > 1 && n < 9 {
			return "a"
		} else if n == 0 {
			return "b"
		}
	}
	switch n {
	case 1, 2:
		return "c"
	default:
		return "d"
	}
}

func (s *Shelf) Fill() { go func() { <-s.c }() }
`,
    functions: [["Grade", 6, 15, 2], ["Fill", 1, 1, 0], ["(anonymous)", 1, 1, 0]],
    ...{ code: 17, comments: 1, blank: 2 },
  },
  {
    path: "a.rs",
    text: `//! Crate text.
fn grade(n: u32) -> char {
    if n > 1 && n < 9 { return 'a'; } else if n == 0 { return 'b'; }
    for _ in 0..n { while n > 3 { } }
    match n {
        1 | 2 => 'c',
        3 => 'd',
        _ => 'e',
    }
}
/* block */
impl Shelf { fn fill(&self) { let f = |x| x; } }
`,
    functions: [["grade", 8, 9, 2], ["fill", 1, 1, 0], ["(anonymous)", 1, 1, 0]],
    ...{ code: 10, comments: 2, blank: 0 },
  },
  {
    path: "A.java",
    text: `/** Text. */
class A {
  A() { }
  char grade(int n) {
    if (n > 1 && n < 9) { return 'a'; }
    else if (n == 0) { return 'b'; }
    for (int i : list) { do { n--; } while (n > 0); }
    switch (n) { case 1: return 'c'; default: return n > 2 ? 'd' : 'e'; }
  }
  Runnable r = () -> { try { x(); } catch (E e) { } };
}
`,
    functions: [["A", 1, 1, 0], ["grade", 8, 6, 2], ["r", 2, 1, 1]],
    ...{ code: 10, comments: 1, blank: 0 },
  },
  {
    path: "a.c",
    text: `#include <stdio.h>
/* text */
static char *grade(int n) {
  if (n > 1 || n < -1) { return "a"; }
  else if (n == 0) { return "b"; }
  for (;;) { while (n) { do { n--; } while (n > 3); } }
  switch (n) { case 1: return "c"; default: return n ? "d" : "e"; }
}
`,
    functions: [["grade", 9, 6, 3]],
    ...{ code: 7, comments: 1, blank: 0 },
  },
  {
    path: "a.cpp",
    text: `// text
int Shelf::fill(int n) {
  for (auto x : list) { if (x && n) return 1; }
  try { n = f([](int y) { return y ? 1 : 2; }); } catch (...) { }
  return 0;
}
`,
    functions: [["Shelf::fill", 5, 5, 2], ["(anonymous)", 2, 1, 0]],
    ...{ code: 5, comments: 1, blank: 0 },
  },
  {
    path: "a.cs",
    text: `// text
class A {
  public char Grade(int n) {
    if (n > 1 && n < 9) { return 'a'; }
    else if (n == 0) { return 'b'; }
    foreach (var x in list) { while (n > 0) { n--; } }
    switch (n) { case 1: return 'c'; default: return 'd'; }
  }
  int Pick(int n) => n switch { 1 => 2, _ => n ?? 3 };
}
`,
    functions: [["Grade", 7, 6, 2], ["Pick", 3, 1, 1]],
    ...{ code: 9, comments: 1, blank: 0 },
  },
  {
    path: "a.rb",
    text: `# text
def grade(n)
  if n > 1 && n < 9
    'a'
  elsif n == 0
    'b'
  end
  while n > 3 do n -= 1 end
  case n
  when 1 then 'c'
  when 2 then 'd'
  else 'e'
  end
  return 'f' unless n
end

def self.fill; begin; x; rescue E; end; end
`,
    functions: [["grade", 8, 14, 1], ["fill", 2, 1, 1]],
    ...{ code: 15, comments: 1, blank: 1 },
  },
  {
    path: "a.php",
    text: `<?php
// text
function grade(int $n): string {
  if ($n > 1 && $n < 9) { return 'a'; }
  elseif ($n == 0) { return 'b'; }
  foreach ($list as $x) { while ($n) { $n--; } }
  switch ($n) { case 1: return 'c'; default: return 'd'; }
}
class A { function fill() { return fn($x) => $x ?? 1; } }
`,
    functions: [["grade", 7, 6, 2], ["fill", 1, 1, 0], ["(anonymous)", 2, 1, 0]],
    ...{ code: 8, comments: 1, blank: 0 },
  },
  {
    path: "a.sh",
    text: `#!/bin/bash
# text
grade() {
  if [[ $1 -gt 1 && $1 -lt 9 ]]; then
    echo a
  elif [ "$1" = 0 ]; then
    echo b
  fi
  for x in 1 2; do
    while false; do :; done
  done
  case "$1" in
    c) echo c ;;
    *) echo d ;;
  esac
  true && echo e
}
`,
    functions: [["grade", 8, 15, 2]],
    ...{ code: 15, comments: 2, blank: 0 },
  },
  {
    path: "a.ps1",
    text: `# text
function Get-Grade($n) {
  if ($n -gt 1 -and $n -lt 9) { 'a' }
  elseif ($n -eq 0) { 'b' }
  foreach ($x in 1..2) { while ($n) { $n-- } }
}
`,
    functions: [["Get-Grade", 6, 5, 2]],
    ...{ code: 5, comments: 1, blank: 0 },
  },
  {
    path: "a.swift",
    text: `// text
func grade(_ n: Int) -> String {
  if n > 1 && n < 9 { return "a" }
  else if n == 0 { return "b" }
  for x in 1...2 { while n > x { } }
  switch n {
  case 1: return "c"
  default: return n > 2 ? "d" : "e"
  }
}
`,
    functions: [["grade", 8, 9, 2]],
    ...{ code: 9, comments: 1, blank: 0 },
  },
  {
    path: "a.dart",
    text: `// text
String grade(int n) {
  if (n > 1 && n < 9) { return 'a'; }
  else if (n == 0) { return 'b'; }
  for (var x in list) { while (n > 3) { n--; } }
  return n > 2 ? 'c' : 'd';
}
`,
    functions: [["grade", 7, 6, 2]],
    ...{ code: 6, comments: 1, blank: 0 },
  },
];

function measure(path: string, text: string) {
  const bytes = new TextEncoder().encode(text);
  const language = detectLanguage(path, text);
  return measureFile({ path, bytes: bytes.length, language }, bytes);
}

for (const sample of SAMPLES) {
  Deno.test(`measureFile() measures ${detectLanguage(sample.path)}`, async () => {
    const { file, functions } = await measure(sample.path, sample.text);
    assert.ok(file.parsed);
    assert.deepEqual(
      functions.map(({ name, complexity, lines, nesting }) => [name, complexity, lines, nesting]),
      sample.functions,
    );
    const { code, comments, blank } = file;
    assert.deepEqual({ code, comments, blank }, {
      code: sample.code,
      comments: sample.comments,
      blank: sample.blank,
    });
    assert.equal(file.lines, sample.text.split("\n").length - 1);
  });
}

Deno.test("measureFile() counts decisions outside of functions for the file", async () => {
  const { file } = await measure("a.js", "if (a) b(); for (;;) c();\nconst f = () => 1;\n");
  assert.equal(file.complexity, 3);
  assert.equal(file.nestingMax, 1);
});

Deno.test("measureFile() reads broken code without failing", async () => {
  const { file } = await measure("a.ts", "function (((( { if } else ]]] \u0001 `${\n".repeat(50));
  assert.equal(file.lines, 50);
  assert.equal(file.code + file.comments + file.blank, 50);
});

Deno.test("measureFile() does not parse generated one-line files", async () => {
  const { file } = await measure("a.min.js", `${"if(a){b()}".repeat(200)}\n`);
  assert.deepEqual([file.parsed, file.code, file.functions], [false, 1, 0]);
});

Deno.test("measureFile() finds comments of languages without a grammar", async () => {
  const cases: [string, string, number, number][] = [
    ["a.yaml", "# one\na: 1 # not\n\nb: '# no'\n", 2, 1],
    ["a.sql", "-- one\nselect 1;\n/* two\nthree */\n", 1, 3],
    ["a.html", "<p>\n<!-- one\ntwo -->\n</p>\n", 2, 2],
    ["a.md", "# Title\n\ntext\n", 2, 0],
    ["Makefile", "all:\n\techo # no\n# yes\n", 2, 1],
  ];
  for (const [path, text, code, comments] of cases) {
    const { file } = await measure(path, text);
    assert.deepEqual([file.code, file.comments], [code, comments], path);
  }
});

/** `wc -l` of the system, as a second opinion. */
async function wordCountLines(paths: string[]): Promise<number[]> {
  const { stdout } = await new Deno.Command("wc", { args: ["-l", "--", ...paths] }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").slice(0, paths.length)
    .map((line) => parseInt(line.trim()));
}

Deno.test({
  name: "measureFile() counts lines as wc -l does",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "repo-audit-wc-" });
    try {
      const texts = [
        "",
        "\n",
        "a",
        "a\n",
        "a\nb",
        "a\r\nb\r\n",
        "\r\r",
        "\n\n\n",
        "ä\u2028b\n",
        "\ufeffx\n",
      ];
      const broken = new Uint8Array([0x61, 0x0a, 0xff, 0xfe, 0x0a, 0xc3]);
      const contents = [...texts.map((text) => new TextEncoder().encode(text)), broken];
      const paths = contents.map((_, at) => `${folder}/f${at}.ts`);
      for (const [at, bytes] of contents.entries()) await Deno.writeFile(paths[at]!, bytes);
      const ours = await Promise.all(contents.map(async (bytes) => {
        const { file } = await measureFile(
          { path: "f.ts", bytes: 0, language: "TypeScript" },
          bytes,
        );
        assert.equal(
          file.code + file.comments + file.blank,
          file.lines + Number(file.unterminated),
        );
        return file.lines;
      }));
      assert.deepEqual(
        ours,
        await wordCountLines([...paths, paths[0]!]).then((all) => all.slice(0, -1)),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("classifyLines() puts every line into one class", () => {
  const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\t", "/") });
  const spans = fc.array(fc.tuple(fc.nat(30), fc.nat(10)), { maxLength: 4 });
  fc.assert(fc.property(text, spans, (text, spans) => {
    let from = 0;
    const comments = spans.map(([gap, length]) => {
      const start = from + gap;
      from = start + length;
      return { start, end: from };
    });
    const { code, comments: commented, blank } = classifyLines(text, comments);
    const newlines = countNewlines(new TextEncoder().encode(text));
    const rest = text !== "" && !text.endsWith("\n") ? 1 : 0;
    assert.equal(code + commented + blank, newlines + rest);
  }));
});
