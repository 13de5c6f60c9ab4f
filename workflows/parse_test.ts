import * as assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_RETRY } from "../core/retry.ts";
import { parseWorkflow } from "./parse.ts";

const VALID = new URL("../tests/workflows/valid/", import.meta.url);

function parse(text: string) {
  return parseWorkflow(text, { file: "test.yaml" });
}

/** The definition of a file that must be right. */
function define(text: string) {
  const { definition, issues } = parse(text);
  assert.deepEqual(issues, []);
  return definition!;
}

Deno.test("parseWorkflow() applies every default", () => {
  const text = "name: a\nagents: { w: { module: ./w.ts } }\ntasks: { t: { agent: w } }\n";
  assert.deepEqual(define(text), {
    name: "a",
    vars: {},
    agents: [{
      name: "w",
      module: "./w.ts",
      permissions: {},
      concurrency: 1,
      replicas: { min: 0, max: 2 },
      memoryMb: 256,
    }],
    concurrency: 16,
    priority: 5,
    tasks: [{
      id: "t",
      needs: [],
      target: { type: "agent", agent: "w" },
      with: {},
      retry: DEFAULT_RETRY,
      timeout: { attemptMs: 300_000, heartbeatMs: 5_000 },
      continueOnError: false,
    }],
  });
});

Deno.test("parseWorkflow() lets defaults: of the file stand over ours, and the task over both", () => {
  const { tasks: [plain, own] } = define(`
name: a
defaults:
  timeout: { attempt: 30s, total: 1m }
  retry: { maxAttempts: 5, backoff: { initial: 1s }, on: [FAILED] }
  continueOnError: true
agents: { w: { module: ./w.ts } }
tasks:
  plain: { agent: w }
  own:
    agent: w
    timeout: 10s
    retry: { maxAttempts: 1, backoff: { jitter: none } }
    continueOnError: false
`);
  assert.deepEqual(plain!.timeout, { attemptMs: 30_000, totalMs: 60_000, heartbeatMs: 5_000 });
  assert.deepEqual(plain!.retry, {
    maxAttempts: 5,
    backoff: { ...DEFAULT_RETRY.backoff, initialMs: 1_000 },
    on: ["FAILED"],
  });
  assert.equal(plain!.continueOnError, true);
  assert.deepEqual(own!.timeout, { attemptMs: 10_000, totalMs: 60_000, heartbeatMs: 5_000 });
  assert.deepEqual(own!.retry.backoff, {
    ...DEFAULT_RETRY.backoff,
    initialMs: 1_000,
    jitter: "none",
  });
  assert.equal(own!.retry.maxAttempts, 1);
  assert.equal(own!.continueOnError, false);
});

Deno.test("parseWorkflow() turns expressions into bare CEL, and constants too", () => {
  const { tasks } = define(`
name: a
tasks:
  a: { if: true, value: 1 }
  b: { if: " \${{ success() }} ", value: 1 }
  c: { forEach: [x, 2, { y: "z" }], value: "\${{ item }}" }
  d: { wait: { for: 1h30m } }
  e: { wait: { until: "2030-01-01T00:00:00Z" }, estimate: 250ms }
`);
  assert.deepEqual(tasks.map((task) => task.if), [
    "true",
    "success()",
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(tasks[2]!.forEach, '["x",2,{"y":"z"}]');
  assert.deepEqual(tasks[3]!.target, { type: "wait", forMs: 5_400_000 });
  assert.deepEqual(tasks[4]!.target, { type: "waitUntil", until: "2030-01-01T00:00:00Z" });
  assert.equal(tasks[4]!.estimateMs, 250);
});

Deno.test("parseWorkflow() yields plain JSON", () => {
  for (const { name } of Deno.readDirSync(VALID)) {
    const { definition } = parse(Deno.readTextFileSync(new URL(name, VALID)));
    if (definition !== null) assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition);
  }
});

Deno.test("parseWorkflow() keeps the order of the file", () => {
  const { tasks } = define(
    "name: a\ntasks:\n  z: { value: 1 }\n  '10': { value: 1 }\n  a: { value: 1 }\n",
  );
  assert.deepEqual(tasks.map((task) => task.id), ["z", "10", "a"]);
});

Deno.test("parseWorkflow() checks a text of very many expressions in one pass", () => {
  // Looked at anew for each of them, the text takes a quarter of an hour.
  const text = "${{ 1 }} ".repeat(100_000);
  const begunAt = performance.now();
  const { definition, issues } = parseWorkflow(
    `name: long\ntasks:\n  t: { value: "${text}" }\n`,
    { file: "w.yaml" },
  );
  assert.deepEqual(issues, []);
  assert.equal(definition?.tasks.length, 1);
  const tookMs = performance.now() - begunAt;
  assert.ok(tookMs < 60_000, `it took ${tookMs} ms`);
});

Deno.test("parseWorkflow() tells the first thousand of very many issues, errors before warnings", () => {
  const twice = parse(
    `name: a\ntasks:\n  a: { value: 1 }\n  b: { value: 1, needs: [${"a,".repeat(5_000)}] }\n`,
  );
  assert.equal(twice.definition, null);
  assert.equal(twice.issues.length, 1_000);
  assert.deepEqual(twice.issues.at(-1)?.pointer, "/tasks/b/needs/1000");
  const lines = Array.from({ length: 1_500 }, (_, n) => `  t${n}: { value: "{{ input.x }}" }\n`);
  const { issues } = parse(`name: a\ntasks:\n${lines.join("")}  last: { agent: nobody }\n`);
  assert.equal(issues.length, 1_000);
  assert.deepEqual(issues.filter(({ severity }) => severity === "error").length, 1);
  assert.equal(issues.at(-1)?.code, "UNKNOWN_AGENT");
});

Deno.test("parseWorkflow() refuses a file above 1 MiB at once", () => {
  const { definition, issues } = parse(`name: a\n# ${"x".repeat(1_100_000)}\n`);
  assert.equal(definition, null);
  assert.deepEqual(issues.map((issue) => issue.code), ["FILE_TOO_LARGE"]);
});

Deno.test("parseWorkflow() survives brackets that nest without end", () => {
  const { issues } = parse(`name: a\ntasks: ${"[".repeat(200_000)}`);
  assert.ok(issues.length > 0);
});

Deno.test("parseWorkflow() gives places in code units for lines of any ending", () => {
  for (const end of ["\n", "\r\n"]) {
    const text = [
      "name: a",
      "description: 'ä😀'",
      "tasks:",
      "  ä😀: { value: 1 }",
      "  b: { vale: 1 }",
      "",
    ];
    const { issues } = parse(text.join(end));
    assert.deepEqual(
      issues.map(({ code, line, column }) => ({ code, line, column })),
      [{ code: "INVALID_NAME", line: 4, column: 3 }, { code: "UNKNOWN_KEY", line: 5, column: 8 }],
    );
  }
});

Deno.test("parseWorkflow() gives JSON pointers that escape their parts", () => {
  const { issues } = parse('name: a\ntasks:\n  "a/b~c": { value: 1 }\n');
  assert.equal(issues[0]?.pointer, "/tasks/a~1b~0c");
});

Deno.test("parseWorkflow() takes a chain of 2,000 tasks that all look back", () => {
  const tasks = Array.from(
    { length: 2_000 },
    (_, i) =>
      i === 0
        ? "  t0: { value: 1 }"
        : `  t${i}: { needs: [t${i - 1}], value: "\${{ tasks.t0.output + tasks.t${
          i - 1
        }.output }}" }`,
  );
  assert.equal(define(`name: a\ntasks:\n${tasks.join("\n")}\n`).tasks.length, 2_000);
});

/** Valid files, broken by random edits. */
const broken = fc.tuple(
  fc.constantFrom(
    ...[...Deno.readDirSync(VALID)].map(({ name }) => Deno.readTextFileSync(new URL(name, VALID))),
  ),
  fc.array(
    fc.record({
      at: fc.nat(2_000),
      cut: fc.nat(12),
      put: fc.constantFrom(
        "",
        " ",
        "\n",
        "\t",
        ":",
        "- ",
        "{",
        "}",
        "[",
        "'",
        '"',
        "${{",
        "}}",
        "*a",
        "&a",
        "#",
        "💥",
        "null",
        "!!map",
        "? ",
      ),
    }),
    { minLength: 1, maxLength: 4 },
  ),
).map(([text, edits]) =>
  edits.reduce((result, { at, cut, put }) => {
    const from = at % (result.length + 1);
    return result.slice(0, from) + put + result.slice(from + cut);
  }, text)
);

Deno.test("parseWorkflow() answers any broken file with issues inside of it", () => {
  fc.assert(
    fc.property(broken, (text) => {
      const { definition, issues } = parse(text);
      const lines = text.split("\n");
      for (const issue of issues) {
        assert.ok(issue.line >= 1 && issue.line <= lines.length, JSON.stringify(issue));
        assert.ok(issue.column >= 1 && issue.column <= lines[issue.line - 1]!.length + 1);
      }
      const hasErrors = issues.some((issue) => issue.severity === "error");
      assert.equal(definition === null, hasErrors);
    }),
    { numRuns: 500 },
  );
});
