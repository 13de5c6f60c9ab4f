import * as assert from "node:assert/strict";
import fc from "fast-check";
import { DenizenError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Bindings } from "./bindings.ts";
import { compileCel } from "./engine.ts";
import { compileExpression } from "./expression.ts";
import { ExpressionError } from "./expression_error.ts";
import { processorTimeMs } from "../tests/processor_time.ts";

const BINDINGS: Bindings = {
  input: {
    n: 5,
    half: 2.5,
    path: "/src",
    text: "a-b-c",
    list: [1, 2, 3],
    nothing: null,
    constructor: 7,
    deep: { x: { y: [{ z: 1 }] } },
  },
  tasks: {
    list: {
      status: "completed",
      output: { count: 2, files: [{ name: "q", size: 4 }, { name: "r", size: 9 }] },
    },
    "x-y": { status: "failed", output: null, error: { code: "TIMEOUT" } },
  },
  item: { file: "f" },
  index: 2,
  run: { id: "r1", attempt: 1, startedAt: "2026-01-01T00:00:00Z" },
  vars: {},
  status: { success: true, failure: false, cancelled: false },
};

const VALUES: readonly [source: string, value: Json][] = [
  // JSON numbers and whole-number literals mix.
  ["input.n + 1", 6],
  ["1 + input.n", 6],
  ["input.n - 1", 4],
  ["input.n * 2", 10],
  ["input.n / 2", 2.5],
  ["input.n % 2", 1],
  ["input.half * 2", 5],
  ["-input.n", -5],
  ["index % 2 == 0", true],
  ["input.n > 3 && input.n <= 5", true],
  ["input.n == 5", true],
  ["7 / 2", 3],
  ["7.0 / 2", 3.5],
  ["size(input.list) + 1", 4],
  ["size(input.list) * input.half", 7.5],
  ["string(input.n)", "5"],
  ["string(5.0)", "5"],
  ["int(input.half)", 2],
  ["input.list[index]", 3],
  ["input.list[0] + input.list[1]", 3],
  ["2 in input.list", true],
  ["input.text.substring(index)", "b-c"],
  ["input.text.charAt(index)", "b"],
  ["input.text.indexOf('-', index)", 3],
  // Texts
  ["input.text.split('-')", ["a", "b", "c"]],
  ["input.text.replace('-', '+')", "a+b+c"],
  ["input.text.replace('-', '+', 1)", "a+b-c"],
  ["'aaa'.replace('', '.')", ".a.a.a."],
  ["'aaa'.replace('', '.', 2)", ".a.aa"],
  ["['a', 'b'].join(', ')", "a, b"],
  ["'%s is %d'.format(['x', 3])", "x is 3"],
  ["'Abc'.lowerAscii() + 'Abc'.upperAscii()", "abcABC"],
  ["input.path.startsWith('/') && input.path.matches('^/s.c$')", true],
  // Lists and objects
  ["tasks.list.output.files.filter(f, f.size > 5).map(f, f.name)", ["r"]],
  ["tasks.list.output.files.map(f, f.size > 5, f.name)", ["r"]],
  ["tasks.list.output.files.exists(f, f.size == 9)", true],
  ["tasks.list.output.files.all(f, f.size == 9)", false],
  ["tasks.list.output.files.exists_one(f, f.size == 9)", true],
  ["input.list.map(x, input.list.map(y, x * y))", [[1, 2, 3], [2, 4, 6], [3, 6, 9]]],
  ["(input.list + [4]) + ([5] + input.list)", [1, 2, 3, 4, 5, 1, 2, 3]],
  ["[input.list.filter(x, x > 1)].map(l, (l + [8]) + (l + [9]))", [[2, 3, 8, 2, 3, 9]]],
  ["{'a': input.n, 'b': [1, input.list]}", { a: 5, b: [1, [1, 2, 3]] }],
  ["input.deep.x['y'][0].z", 1],
  ["input.deep.map(k, k)", ["x"]],
  ["'n' in input && !('zebra' in input)", true],
  ["input.constructor", 7],
  ["has(input.nothing) && input.nothing == null", true],
  ["has(input.zebra) ? 1 : 2", 2],
  ["has(input.toString)", false],
  ["tasks['x-y'].error.code", "TIMEOUT"],
  ["tasks.list.output == tasks.list.output", true],
  // Other kinds as JSON
  ["timestamp(run.startedAt) + duration('1h')", "2026-01-01T01:00:00Z"],
  ["duration('90s')", "90s"],
  ["timestamp(run.startedAt).getFullYear()", 2026],
  ["b'abc'", "YWJj"],
  ["type(1)", "int"],
  ["5u", 5],
  // Status
  ["success() && !failure() && always() && !cancelled()", true],
];

for (const [source, value] of VALUES) {
  Deno.test(`compileExpression() evaluates ${source}`, () => {
    assert.deepEqual(compileExpression(source).evaluate(BINDINGS), value);
  });
}

const FAILURES: readonly [source: string, message: RegExp, hint?: RegExp][] = [
  ["input.pth", /input has no member "pth"/, /Did you mean "path"\?/],
  ["input.nothing.x", /input\.nothing is null and has no member "x"/],
  ["input.path.x", /input\.path is a text and has no member "x"/],
  ["input.list.x", /input\.list is a list/, /input\.list\[0\]/],
  ["input.list[9]", /input\.list has 3 items, so there is no item 9/],
  ["input.list[input.half]", /there is no item 2\.5/],
  ["tasks['x-y'].output.n", /tasks\['x-y'\]\.output is null/],
  ["constructor", /"constructor" is not known here/],
  ["__proto__", /"__proto__" is not known here/],
  ["input.toString", /input has no member "toString"/],
  ["event.x", /"event" is not known here/],
  ["'n=' + input.n", /"\+" does not work with text and number/, /string\(/],
  ["input.path * 2", /"\*" does not work with text and whole number/, /double\(/],
  ["input.n && true", /&& and \|\| need true or false, but got number/],
  ["foo(1)", /there is no function "foo"/],
  ["input.n.substring(1)", /substring\(\) on number does not take/],
  ["1 / 0", /divide by zero/],
  ["input.n / 0", /no JSON number/],
  ["9007199254740993", /too large to be exact/],
  ["input.list.map(x, x.y)", /no member "y"/],
];

for (const [source, message, hint] of FAILURES) {
  Deno.test(`compileExpression() explains the failure of ${source}`, () => {
    assert.throws(() => compileExpression(source).evaluate(BINDINGS), (error) => {
      assert.ok(error instanceof ExpressionError);
      assert.equal(error.code, "EXPRESSION_FAILED");
      assert.match(error.message, message);
      if (hint !== undefined) assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

const SYNTAX_ERRORS: readonly [source: string, offset: number, hint: RegExp][] = [
  ["", 0, /Write an expression/],
  ["input.n +", 8, /what follows "\+"/],
  ["size(input.n", 4, /Close it with "\)"/],
  ["[1, 2", 0, /Close it with "\]"/],
  ["'open", 0, /closing '/],
  ["a = b", 2, /==/],
  ["a === b", 2, /==/],
  ["a and b", 2, /&&/],
  ["not a", 0, /!/],
  ["a ?? b", 2, /has\(/],
  ["$x", 0, /input\.name/],
  ["x => x", 2, /map/],
  ["if", 0, /another name/],
  ["a b", 2, /missing operator/],
  ["(".repeat(60) + "1" + ")".repeat(60), 0, /Split/],
  [`'${"x".repeat(9_000)}'`, 0, /vars/],
];

for (const [source, offset, hint] of SYNTAX_ERRORS) {
  Deno.test(`compileExpression() refuses ${source.slice(0, 30)}`, () => {
    assert.throws(() => compileExpression(source), (error) => {
      assert.ok(error instanceof DenizenError);
      assert.equal(error.code, "EXPRESSION_SYNTAX");
      assert.equal(error.details?.offset, offset);
      assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

Deno.test("compileExpression() lists references with offsets, without loop variables", () => {
  const source = "tasks.a.output.filter(f, f.size > input.n) + tasks['x-y'].output[input.key].z";
  const { references } = compileExpression(source);
  assert.deepEqual(references.map(({ path }) => path), [
    ["tasks", "a", "output"],
    ["input", "n"],
    ["tasks", "x-y", "output"],
    ["input", "key"],
  ]);
  for (const { path, offsets } of references) {
    for (const [i, part] of path.entries()) {
      const at = source.slice(offsets[i]).replace(/^'/, "");
      assert.ok(at.startsWith(String(part)), `${part} at ${offsets[i]}`);
    }
  }
  assert.deepEqual(references.map(({ isPartial }) => isPartial), [false, false, true, false]);
});

Deno.test("compileExpression() tells whether status functions are used", () => {
  assert.equal(compileExpression("input.n > 1 || failure()").usesStatusFunction, true);
  assert.equal(compileExpression("input.always").usesStatusFunction, false);
  assert.equal(compileExpression("input.failure == 'success()'").usesStatusFunction, false);
});

Deno.test("evaluate() reads only the bindings that it needs, and copies nothing", () => {
  let reads = 0;
  const output = { files: [{ name: "a" }], rest: {} };
  Object.defineProperty(output.rest, "huge", {
    enumerable: true,
    get: () => assert.fail("a member that nobody asked for was read"),
  });
  const task = {
    status: "completed",
    get output() {
      reads++;
      return output;
    },
  };
  const tasks = Object.defineProperty({ a: task }, "b", {
    enumerable: true,
    get: () => assert.fail("a task that nobody asked for was read"),
  });
  for (const source of ["tasks.a.output.files", "true ? tasks.a.output.files : []"]) {
    reads = 0;
    assert.equal(compileExpression(source).evaluate({ tasks }), output.files);
    assert.equal(reads, 1);
  }
});

Deno.test("evaluate() stops loops that would hold up the node", () => {
  const input = { list: Array.from({ length: 2_000 }, (_, i) => i) };
  const loops = [
    "input.list.map(a, input.list.map(b, input.list.map(c, a + b + c)))",
    "input.list.exists(a, input.list.exists(b, a + b < 0))",
    "input.list.all(a, input.list.all(b, b in input.list)) || true",
    "input.list.filter(a, input.list == input.list + [1]) == []",
    `input.list.map(a, input.list.map(b, ${Array(500).fill("b").join(" + ")}))`,
    "input.list.filter(a, string(a).matches(string(a) + '[a-z]+$'))",
  ];
  for (const source of loops) {
    const beforeMs = processorTimeMs();
    assert.throws(
      () => compileExpression(source).evaluate({ input }),
      /takes more than 100000 steps/,
      source,
    );
    assert.ok(processorTimeMs() - beforeMs < 5_000);
  }
});

Deno.test("evaluate() bounds the texts that it makes", () => {
  const input = { text: "a".repeat(1_000) };
  const source = "input.text.replace('a', input.text).replace('a', input.text)";
  assert.throws(() => compileExpression(source).evaluate({ input }), /the text would have/);
});

Deno.test("evaluate() filters and maps long lists in linear time", () => {
  const input = { list: Array.from({ length: 20_000 }, (_, n) => ({ n })) };
  const result = compileExpression("input.list.filter(x, x.n >= 10).map(x, x.n)").evaluate({
    input,
  });
  assert.equal((result as Json[]).length, 19_990);
});

/** Names that occur as members, some of them awkward. */
const MEMBERS = ["a", "b", "x-y", "0", "constructor", "__proto__", "length", "toString", "in"];

const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1.5, "text"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(fc.constantFrom(...MEMBERS), tie("value")), {
      maxLength: 4,
      selector: ([key]) => key,
    }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

const paths = fc.tuple(
  fc.constantFrom("input", "item", "index", "vars", "event"),
  fc.array(
    fc.oneof(
      fc.constantFrom("a", "b", "constructor", "length", "in").map((name) => `.${name}`),
      fc.constantFrom(...MEMBERS).map((name) => `['${name}']`),
      fc.nat(3).map((at) => `[${at}]`),
    ),
    { maxLength: 4 },
  ),
).map(([root, members]) => root + members.join(""));

/** The value or the error's message. */
function outcomeOf(evaluate: () => Json): unknown {
  try {
    return { value: evaluate() };
  } catch (error) {
    assert.ok(error instanceof DenizenError, String(error));
    return { error: error.message };
  }
}

Deno.test("the short way for plain paths agrees with CEL", () => {
  fc.assert(
    fc.property(paths, values, values, (source, input, item) => {
      const bindings = { input, item, index: 3, vars: { a: item } };
      const short = outcomeOf(() => compileExpression(source).evaluate(bindings));
      const long = outcomeOf(() => compileCel(source).evaluate(bindings));
      assert.deepEqual(short, long, source);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("compileExpression() reads references of plain paths as CEL does", () => {
  fc.assert(fc.property(paths, (source) => {
    const short = outcomeOf(() => compileExpression(source).references as unknown as Json);
    const long = outcomeOf(() => compileCel(source).references as unknown as Json);
    const pathsOnly = (found: unknown) =>
      (found as { value?: { path: Json }[] }).value?.map(({ path }) => path);
    assert.deepEqual(pathsOnly(short), pathsOnly(long), source);
  }));
});
