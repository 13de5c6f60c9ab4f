import assert from "node:assert/strict";
import fc from "fast-check";
import { languageNamed } from "../languages.ts";
import { CLONE_LINES_MIN, fingerprintFile, significantLines } from "./fingerprint.ts";
import { countCovered, findClones } from "./find_clones.ts";
import { processorTimeMs } from "../../../tests/processor_time.ts";

async function clonesOf(files: Record<string, string>) {
  const encoder = new TextEncoder();
  const fingerprints = await Promise.all(
    Object.entries(files).map(([path, text]) =>
      fingerprintFile(path, "TypeScript", encoder.encode(text))
    ),
  );
  return await findClones(fingerprints, {
    linesOf: (path) => significantLines(files[path]!, languageNamed("TypeScript")),
    pause: () => Promise.resolve(),
  });
}

/** Lines that no other name has. */
function lines(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `  const ${name}${at} = compute(${at});`);
}

function text(...parts: string[][]): string {
  return `${parts.flat().join("\n")}\n`;
}

Deno.test("findClones() reports an equal passage with its lines in both files", async () => {
  const shared = lines("shared", 14);
  const found = await clonesOf({
    "a.ts": text(lines("a", 20), shared, lines("b", 5)),
    "b.ts": text(lines("c", 3), shared),
    "c.ts": text(lines("d", 40)),
  });
  assert.deepEqual(found.clones, [{
    lines: 14,
    occurrences: [{ path: "a.ts", start: 21, end: 34 }, { path: "b.ts", start: 4, end: 17 }],
  }]);
  assert.equal(found.duplicatedLines, 28);
});

Deno.test("findClones() sees through white space, comments and blank lines", async () => {
  const shared = lines("shared", 12);
  const spaced = shared.flatMap((
    line,
  ) => [`\t${line.trim().replaceAll(" ", "  ")}`, "", "// note"]);
  const { clones } = await clonesOf({ "a.ts": text(shared), "b.ts": text(["let x = 1;"], spaced) });
  assert.equal(clones.length, 1);
  assert.deepEqual(clones[0]!.occurrences[1], { path: "b.ts", start: 2, end: 35 });
});

Deno.test("findClones() leaves short passages out", async () => {
  const shared = lines("shared", CLONE_LINES_MIN - 1);
  const { clones } = await clonesOf({
    "a.ts": text(lines("a", 9), shared, lines("b", 9)),
    "b.ts": text(lines("c", 9), shared, lines("d", 9)),
  });
  assert.deepEqual(clones, []);
});

Deno.test("findClones() finds every passage that is long enough, wherever it lies", async () => {
  const place = fc.nat(30);
  await fc.assert(
    fc.asyncProperty(
      place,
      place,
      fc.integer({ min: CLONE_LINES_MIN, max: 60 }),
      async (a, b, count) => {
        const shared = lines("shared", count);
        const { clones } = await clonesOf({
          "a.ts": text(lines("a", a), shared, lines("b", 30 - a)),
          "b.ts": text(lines("c", b), shared, lines("d", 30 - b)),
        });
        assert.deepEqual(clones.map((one) => one.occurrences), [[
          { path: "a.ts", start: a + 1, end: a + count },
          { path: "b.ts", start: b + 1, end: b + count },
        ]]);
      },
    ),
    { numRuns: 60, seed: 3 },
  );
});

Deno.test("findClones() groups copies and names identical files apart", async () => {
  const shared = lines("shared", 20);
  const found = await clonesOf({
    "a.ts": text(shared),
    "b.ts": text(["let b = 1;"], shared),
    "c.ts": text(["let c = 1;"], shared),
    "copy.ts": text(shared),
  });
  assert.deepEqual(found.identical.map(({ paths }) => paths), [["a.ts", "copy.ts"]]);
  assert.deepEqual(found.clones.map(({ occurrences }) => occurrences.length), [3]);
});

Deno.test("findClones() finds a copy within one file", async () => {
  const shared = lines("shared", 15);
  const { clones } = await clonesOf({ "a.ts": text(shared, lines("x", 4), shared) });
  assert.deepEqual(clones.map((one) => one.occurrences), [[
    { path: "a.ts", start: 1, end: 15 },
    { path: "a.ts", start: 20, end: 34 },
  ]]);
});

Deno.test("findClones() stays quick when one passage is everywhere", async () => {
  const shared = lines("shared", 30);
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, at) => [`f${at}.ts`, text([`let only${at} = 1;`], shared)]),
  );
  const beforeMs = processorTimeMs();
  const { clones } = await clonesOf(files);
  assert.ok(processorTimeMs() - beforeMs < 10_000);
  assert.ok(clones[0]!.occurrences.length >= 20);
});

Deno.test("countCovered() counts lines that overlap once", () => {
  const at = (path: string, start: number, end: number) => ({ path, start, end });
  assert.equal(countCovered([at("a", 1, 10), at("a", 5, 12), at("b", 1, 3), at("a", 2, 3)]), 15);
  assert.equal(countCovered([]), 0);
});
