import * as assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_DELIVERY } from "../delivery/mod.ts";
import { isMessageType, parseAddress } from "../messages/mod.ts";
import { noPermissions } from "../permissions.ts";
import { checkSupervisor, SUPERVISION_DEFAULTS } from "../supervision/mod.ts";
import { isTopicPattern } from "../topics/mod.ts";
import { isSystemFile, parseSystem, parseSystemValue } from "./parse_system.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const VALID = new URL("../../tests/actors/valid_systems/", import.meta.url);

/** The definition of a file that must be right. */
function define(text: string) {
  const { definition, issues } = parseSystem(text, "test.yaml");
  assert.deepEqual(issues, []);
  return definition!;
}

const HEAD = "system: a\nactors: { w: { module: ./w.ts }, v: { module: ./v.ts } }\n";

Deno.test("parseSystem() applies every default", () => {
  const { strategy, intensity, delay } = SUPERVISION_DEFAULTS;
  assert.deepEqual(define("system: a\nactors: { w: { module: ./w.ts } }\n"), {
    name: "a",
    actors: [{
      name: "w",
      module: "./w.ts",
      permissions: noPermissions(),
      isolation: "shared",
      replicas: { min: 0, max: 2 },
      memoryMb: 256,
      mailbox: { messagesMax: 1_000, charsMax: 8_388_608 },
      timeout: { handleMs: 30_000, heartbeatMs: 5_000 },
      idleMs: 60_000,
      deliver: DEFAULT_DELIVERY,
      options: {},
    }],
    residentMax: 1_000,
    supervisor: { name: "a", strategy, intensity, delay, children: [] },
    topics: [],
    subscriptions: [],
    deduplicate: { windowMs: 600_000, idsMax: 100_000 },
  });
});

Deno.test("parseSystem() reads short forms as the long ones", () => {
  const { actors: [w], supervisor, topics, subscriptions } = define(`system: a
actors: { w: { module: ./w.ts, timeout: 5s, rate: { messages: 7 } } }
supervisor: { children: [w] }
topics: [{ name: t, retain: { age: 1h } }]
subscriptions: [{ topic: t, to: "actor://w" }]
`);
  assert.deepEqual(w!.timeout, { handleMs: 5_000, heartbeatMs: 5_000 });
  assert.deepEqual(w!.rate, { messages: 7, perMs: 1_000, burst: 7 });
  assert.deepEqual(supervisor.children, [
    {
      kind: "actor",
      id: "w/main",
      actor: "w",
      key: "main",
      restart: "permanent",
      shutdownMs: 5_000,
    },
  ]);
  assert.deepEqual(topics[0], {
    pattern: "t",
    retain: { messagesMax: 1_000, charsMax: 8_388_608, ageMs: 3_600_000 },
    durable: false,
  });
  assert.deepEqual(subscriptions[0], { topic: "t", to: "actor://w", message: "event" });
});

Deno.test("parseSystem() makes one child of each key that count stands for", () => {
  const text = `${HEAD}supervisor: { children: [{ actor: w, count: 3, restart: transient }, v] }\n`;
  const { children } = define(text).supervisor;
  assert.deepEqual(children.map(({ id, restart }) => [id, restart]), [
    ["w/1", "transient"],
    ["w/2", "transient"],
    ["w/3", "transient"],
    ["v/main", "permanent"],
  ]);
});

Deno.test("parseSystem() keeps supervisors within supervisors, stopped without a limit", () => {
  const { children: [pool] } = define(`${HEAD}supervisor:
  children: [{ supervisor: pool, strategy: one_for_all, restart: temporary, children: [w] }]
`).supervisor;
  assert.ok(pool?.kind === "supervisor");
  assert.equal(pool.supervisor.strategy, "one_for_all");
  assert.equal(pool.restart, "temporary");
  assert.equal(pool.shutdownMs, "infinity");
  assert.equal(pool.supervisor.children[0]!.id, "w/main");
});

Deno.test("parseSystem() raises a longest delay that is below the first one given", () => {
  const { supervisor } = define(`${HEAD}supervisor: { delay: { initial: 1m } }\n`);
  assert.deepEqual(supervisor.delay, { initialMs: 60_000, factor: 2, maxMs: 60_000 });
});

Deno.test("parseSystem() keeps the order of the file, also of names that are numbers elsewhere", () => {
  const text = "system: a\nactors: { z: { module: ./z.ts }, a1: { module: ./a.ts } }\n";
  assert.deepEqual(define(text).actors.map(({ name }) => name), ["z", "a1"]);
});

Deno.test("parseSystem() tells where a pointer leads, for issues found later", () => {
  const { placeOf } = parseSystem(HEAD, "test.yaml");
  assert.deepEqual(placeOf("/actors/v/module"), { line: 2, column: 47 });
  assert.deepEqual(placeOf("/nowhere"), { line: 1, column: 1 });
});

Deno.test("parseSystem() bounds what a few lines can stand for", () => {
  const many = Array.from({ length: 30 }, (_, i) => `{ actor: w, key: "k${i}", count: 10000 }`);
  const counts = Array.from({ length: 500 }, () => "{ actor: w, count: 10000 }").join(", ");
  for (const children of [many.join(", "), counts]) {
    const { definition, issues } = parseSystem(
      `${HEAD}supervisor: { children: [${children}] }`,
      "test.yaml",
    );
    assert.equal(definition, null);
    assert.ok(issues.length <= 501, `${issues.length} issues`);
  }
});

Deno.test("parseSystem() stays quick with all the wrong names that a file has room for", () => {
  const actors = Array.from(
    { length: 1_001 },
    (_, i) => `  actor-number-${i}: { module: ./a.ts }\n`,
  );
  const children = Array.from({ length: 40_000 }, (_, i) => `unknown-child-${i}`).join(", ");
  const text = `system: a\nactors:\n${actors.join("")}supervisor: { children: [${children}] }\n`;
  const beforeMs = processorTimeMs();
  const { issues } = parseSystem(text, "test.yaml");
  assert.ok(processorTimeMs() - beforeMs < 20_000);
  assert.equal(issues[0]!.code, "INVALID_VALUE");
  assert.equal(issues.filter(({ code }) => code === "UNKNOWN_ACTOR").length, 40_000);
  assert.equal(issues.filter(({ code }) => code === "TOO_MANY_CHILDREN").length, 1);
});

Deno.test("parseSystem() refuses more subscriptions than a system may have", () => {
  const one = (i: number) => `  - { topic: t${i}, to: "actor://w/${i % 20}" }\n`;
  const text = (count: number) =>
    `${HEAD}subscriptions:\n${Array.from({ length: count }, (_, i) => one(i)).join("")}`;
  assert.equal(define(text(10_000)).subscriptions.length, 10_000);
  const { issues } = parseSystem(text(10_002), "test.yaml");
  assert.deepEqual(issues.map(({ code, line }) => [code, line]), [
    ["TOO_MANY_SUBSCRIPTIONS", 10_004],
  ]);
});

Deno.test("parseSystem() refuses more subscriptions than one actor may have", () => {
  const lines = Array.from({ length: 1_002 }, (_, i) => `  - { topic: t${i}, to: "actor://w" }\n`);
  const { issues } = parseSystem(`${HEAD}subscriptions:\n${lines.join("")}`, "test.yaml");
  assert.deepEqual(issues.map(({ code, line }) => [code, line]), [
    ["TOO_MANY_SUBSCRIPTIONS", 1_004],
  ]);
});

Deno.test("parseSystem() takes the names that addresses, messages and topics take", () => {
  const rough = fc.oneof(
    fc.stringMatching(/^[a-zA-Z0-9.*_$-]{0,12}$/),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const isAccepted = (text: string) => parseSystemValue(JSON.parse(text)).definition !== null;
  const actors = (name: string) =>
    `{ "system": "s", "actors": { ${name}: { "module": "./a.ts" } } `;
  fc.assert(
    fc.property(rough.filter((text) => text !== "__proto__"), (text) => {
      const name = JSON.stringify(text);
      const isName = !("problem" in parseAddress(`actor://${text}`)) && !text.includes("/");
      assert.equal(isAccepted(`${actors(name)}}`), isName);
      const child = `{ "children": [{ "actor": "a", "key": ${name} }] }`;
      const isKey = !("problem" in parseAddress(`actor://a/${text}`));
      assert.equal(isAccepted(`${actors('"a"')}, "supervisor": ${child} }`), isKey);
      const topic = `{ "topic": ${name}, "to": "actor://a" }`;
      assert.equal(
        isAccepted(`${actors('"a"')}, "subscriptions": [${topic}] }`),
        isTopicPattern(text),
      );
      const message = `{ "topic": "t", "to": "actor://a", "message": ${name} }`;
      assert.equal(
        isAccepted(`${actors('"a"')}, "subscriptions": [${message}] }`),
        isMessageType(text),
      );
    }),
    { numRuns: 500 },
  );
});

Deno.test("isSystemFile() goes by the first key, whatever stands before it", () => {
  for (
    const text of [
      "system: a",
      "\uFEFF# note\n\n---\nsystem: a",
      "%YAML 1.2\n---\n'system' : a",
      '{ "system": "a" }',
      "{\n  # note\n  system: a }",
      "system: [unclosed\n\tactors",
      '{ "system": "a", "actors": { "b": { "module": "./b.json" } } }',
      "system: a\nactors: { b: ./c.yaml }",
    ]
  ) assert.equal(isSystemFile(text), true, text);
  for (
    const text of [
      "",
      "name: system\nsystem: a",
      "# system: a\nname: b",
      "systems: a",
      "system",
      "system: ./system.yaml\nname: a",
      'system: "../a/b.yml" # shared\nname: a',
      '{ "system": "a.json", "name": "b" }',
    ]
  ) {
    assert.equal(isSystemFile(text), false, text);
  }
  assert.equal(isSystemFile(`${" #\n---\n".repeat(50_000)}{`), false);
});

const samples = [...Deno.readDirSync(VALID)].filter(({ name }) => name.endsWith(".yaml"))
  .map(({ name }) => Deno.readTextFileSync(new URL(name, VALID)))
  .filter((text) => text.length > 0);

/** A valid file with pieces cut out, doubled or put in. */
const broken = fc.tuple(
  fc.constantFrom(...samples),
  fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.string({ maxLength: 4 }),
        fc.constantFrom(
          "\n",
          "\t",
          ": ",
          "- ",
          "{",
          "}",
          "[",
          "]",
          '"',
          "*",
          "actor: ",
          "supervisor: ",
          "&a ",
          "*a ",
          "count: 9999",
          "\u0000",
          "${{ x }}",
        ),
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
).map(([text, edits]) =>
  edits.reduce((all, { at, cut, put }) => {
    const from = Math.floor(at * all.length);
    return all.slice(0, from) + put + all.slice(from + cut);
  }, text)
);

Deno.test("parseSystem() answers any broken file with issues inside of it", () => {
  fc.assert(
    fc.property(broken, (text) => {
      const { definition, issues } = parseSystem(text, "test.yaml");
      const lines = text.split("\n");
      for (const issue of issues) {
        assert.ok(issue.line >= 1 && issue.line <= lines.length, JSON.stringify(issue));
        assert.ok(issue.column >= 1 && issue.column <= lines[issue.line - 1]!.length + 1);
      }
      const hasErrors = issues.some((issue) => issue.severity === "error");
      assert.equal(definition === null, hasErrors);
      if (definition !== null) assert.deepEqual(checkSupervisor(definition.supervisor), []);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("parseSystemValue() answers any value, and with places that exist in it", () => {
  const value = fc.anything({ withMap: true, withDate: true, withBigInt: true, maxDepth: 5 });
  const system = fc.record({
    system: fc.oneof(fc.constant("demo"), value),
    actors: fc.oneof(fc.constant({ w: { module: "./w.ts" } }), fc.dictionary(fc.string(), value)),
    supervisor: fc.oneof(fc.record({ children: fc.array(value) }), value),
    subscriptions: value,
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(system, value), (input) => {
      const { definition, issues } = parseSystemValue(input, "code");
      assert.equal(definition === null, issues.some(({ severity }) => severity === "error"));
      for (const { line, column, file } of issues) {
        assert.deepEqual([line, column, file], [0, 0, "code"]);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("parseSystemValue() tells places by pointer, in the order of the value", () => {
  const { issues } = parseSystemValue({
    system: "demo",
    actors: { w: { module: "./w.ts", idle: 5 }, "a/b": { module: "./x.ts" } },
    supervisor: { children: ["v", "w", { actor: "w" }] },
  });
  assert.deepEqual(issues.map(({ code, pointer }) => [code, pointer]), [
    ["INVALID_DURATION", "/actors/w/idle"],
    ["INVALID_NAME", "/actors/a~1b"],
    ["UNKNOWN_ACTOR", "/supervisor/children/0"],
    ["DUPLICATE_CHILD", "/supervisor/children/2/actor"],
  ]);
  assert.match(issues[3]!.message, /already at \/supervisor\/children\/1$/);
});
