/**
 * The core conformance cases of the CEL specification (cel-spec, as packed by
 * `@bufbuild/cel-spec`), through our environment: our replacements of standard functions, our own
 * strings and our counting of loops. What mixes doubles and ints is left out, since it makes
 * expressions work that CEL proper refuses; a case of its own counts what it changes.
 */
import * as assert from "node:assert/strict";
import { celEnv, celUint, isCelError, objectType, parse, plan } from "@bufbuild/cel";
import type { CelEnv, CelFunc, CelInput } from "@bufbuild/cel";
import { getConformanceSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { getTestRegistry } from "@bufbuild/cel-spec/testdata/registry.js";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  boundedStrings,
  budgeted,
  mixedArithmetic,
  stringsWithDoubles,
} from "../rules/cel_environment.ts";
import { rewrite } from "../rules/engine.ts";

type Suite = ReturnType<typeof getConformanceSuite>;
type Case = Suite["tests"][number]["original"];
type Value = NonNullable<Case["bindings"][string]["kind"]["value"]>;

/** Sections that are not of the language's core, or not of its evaluation. */
const SECTIONS_LEFT_OUT: Readonly<Record<string, string>> = {
  bindings_ext: "extension cel.bind, not offered",
  block_ext: "extension cel.block, made by optimisers only",
  encoders_ext: "extension base64, not offered",
  macros2: "macros with two variables, an extension that is not offered",
  math_ext: "extension math, not offered",
  network_ext: "extension net, not offered",
  optionals: "optional values, an extension that is not offered",
  proto2_ext: "extension proto.getExt, not offered",
  type_deductions: "results of the type checker, which is not used",
};

const BACK_QUOTES = "field names in back-quotes, which the library's parser does not know";

/** Groups of cases that fail, with their number and the reason; all come with the library. */
const KNOWN_FAILURES: Readonly<Record<string, { count: number; reason: string }>> = {
  "fields/quoted_map_fields/": { count: 6, reason: BACK_QUOTES },
  "fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous": {
    count: 1,
    reason: "{0: 'x', 0u: 'y'} is accepted although the keys are equal",
  },
  "proto2/quoted_fields/": { count: 2, reason: BACK_QUOTES },
  "proto2/extensions_": { count: 18, reason: BACK_QUOTES },
  "proto3/quoted_fields/": { count: 2, reason: BACK_QUOTES },
};

/** Cases that expect an error and get a number, because the numbers may mix. */
const CHANGED_BY_MIXING = 1;

interface Tally {
  passed: string[];
  failed: { name: string; why: string }[];
  leftOut: Map<string, number>;
}

const registry = getTestRegistry();

const isSame = plan(
  celEnv({ registry }),
  parse("(a == b && type(a) == type(b)) || (a != a && b != b)"),
);

function runAll(extra: readonly CelFunc[]): Tally {
  const tally: Tally = { passed: [], failed: [], leftOut: new Map() };
  const funcs = [...boundedStrings(), ...budgeted(), ...extra];
  const environments = new Map<string, CelEnv>();
  const environmentOf = (namespace: string) => {
    const env = environments.get(namespace) ?? celEnv({ namespace, registry, funcs });
    environments.set(namespace, env);
    return env;
  };
  for (const section of getConformanceSuite().suites) {
    for (const { name, test } of casesOf(section)) {
      const reason = SECTIONS_LEFT_OUT[section.name] ?? reasonOfCase(name);
      if (reason !== null) {
        tally.leftOut.set(reason, (tally.leftOut.get(reason) ?? 0) + 1);
        continue;
      }
      const why = failureOf(test, environmentOf(test.container));
      if (why === null) tally.passed.push(name);
      else tally.failed.push({ name, why });
    }
  }
  return tally;
}

/** The specification knows two kinds of enums; an implementation has one of them. */
function reasonOfCase(name: string): string | null {
  return /^enums\/strong_/.test(name) ? "enums as types of their own; here they are ints" : null;
}

function casesOf(suite: Suite, path = suite.name): { name: string; test: Case }[] {
  return [
    ...suite.tests.map((test) => ({ name: `${path}/${test.name}`, test: test.original })),
    ...suite.suites.flatMap((inner) => casesOf(inner, `${path}/${inner.name}`)),
  ];
}

/** Why a case fails, or `null`. The expected value is compared by CEL's own equality and type. */
function failureOf(test: Case, env: CelEnv): string | null {
  const { case: kind, value } = test.resultMatcher;
  const result = evaluate(test, env);
  if (kind === "evalError" || kind === "anyEvalErrors") {
    return isCelError(result) ? null : "an error was expected";
  }
  if (isCelError(result)) return result.message;
  const wanted = kind === "value" ? value : kind === "typedResult" ? value.result : undefined;
  const expected: CelInput = wanted === undefined ? true : toInput(wanted);
  const same = isSame({ a: result, b: expected });
  return same === true ? null : `got ${String(result)}, not ${String(expected)}`;
}

function evaluate(test: Case, env: CelEnv) {
  try {
    const { expr } = parse(test.expr);
    const bindings = Object.entries(test.bindings).map(([name, { kind }]) => {
      assert.equal(kind.case, "value");
      return [name, toInput(kind.value as Value)];
    });
    return plan(env, rewrite(expr!))(Object.fromEntries(bindings));
  } catch (error) {
    return Object.assign(errorResult(), { message: String(error) });
  }
}

function errorResult() {
  const result = plan(celEnv(), parse("1 / 0"))();
  assert.ok(isCelError(result));
  return result;
}

function toInput(value: Value): CelInput {
  assert.ok("kind" in value);
  const { kind } = value as Extract<Value, { $typeName: "cel.expr.Value" }>;
  switch (kind.case) {
    case "nullValue":
      return null;
    case "uint64Value":
      return celUint(kind.value);
    case "listValue":
      return kind.value.values.map((item) => toInput(item));
    case "mapValue":
      return new Map(
        kind.value.entries.map((entry) => [toInput(entry.key!), toInput(entry.value!)]),
      ) as CelInput;
    case "objectValue":
      return anyUnpack(kind.value, registry)! as CelInput;
    case "enumValue":
      return BigInt(kind.value.value);
    case "typeValue": {
      // Enums have no type of their own here: they are ints.
      const type = plan(celEnv({ registry }), parse(kind.value))();
      return (isCelError(type) ? objectType(kind.value) : type) as CelInput;
    }
    default:
      return kind.value as CelInput;
  }
}

Deno.test("expressions pass the CEL conformance cases", () => {
  const { passed, failed, leftOut } = runAll([]);
  const total = passed.length + failed.length;
  const percent = (100 * passed.length / total).toFixed(1);
  console.log(`CEL conformance: ${passed.length} of ${total} (${percent} %)`);
  for (const [reason, count] of leftOut) console.log(`  left out: ${count}, ${reason}`);
  for (const [group, { count, reason }] of Object.entries(KNOWN_FAILURES)) {
    console.log(`  fail: ${count}, ${group}: ${reason}`);
    assert.equal(failed.filter(({ name }) => name.startsWith(group)).length, count, group);
  }
  const isKnown = (name: string) =>
    Object.keys(KNOWN_FAILURES).some((group) => name.startsWith(group));
  assert.deepEqual(failed.filter(({ name }) => !isKnown(name)), []);
  assert.ok(passed.length >= 1_843, `${passed.length} passed`);
});

Deno.test("mixing doubles and ints changes only cases that expect a refusal", () => {
  const before = new Set(runAll([]).passed);
  const { failed } = runAll([...mixedArithmetic(), ...stringsWithDoubles()]);
  const changed = failed.filter(({ name }) => before.has(name));
  for (const { name, why } of changed) console.log(`changed: ${name}: ${why}`);
  assert.ok(changed.every(({ why }) => why === "an error was expected"));
  assert.ok(changed.length <= CHANGED_BY_MIXING, `${changed.length} changed`);
});
