import assert from "node:assert/strict";
import { InvalidInputError } from "../../core/errors.ts";
import { parseWorld } from "./read_world.ts";

const HEAD = '{"agents":[{"name":"a","capabilities":["c"],"cost":0.5,"concurrency":2},' +
  '{"name":"b","capabilities":["c"]}]}';

Deno.test("parseWorld() reads agents, tasks and what each makes of them", () => {
  const { agents, tasks } = parseWorld(
    `${HEAD}\n{"id":"late","capability":"c","text":"x","at":20,"outcomes":{"a":{"success":false}}}\n` +
      '{"id":"soon","capability":"c","at":10,' +
      '"outcomes":{"b":{"success":true,"latencyMs":7,"cost":0.25}}}\n',
    "w.jsonl",
  );
  assert.deepEqual(agents.map(({ name, costUsd }) => [name, costUsd]), [["a", 0.5], ["b", 0]]);
  assert.deepEqual(tasks.map(({ id, at }) => [id, at]), [["soon", 10], ["late", 20]]);
  assert.deepEqual([...tasks[0]!.outcomes], [
    ["b", { isSuccess: true, latencyMs: 7, costUsd: 0.25 }],
  ]);
  assert.deepEqual([...tasks[1]!.outcomes], [
    ["a", { isSuccess: false, latencyMs: 0, costUsd: 0.5 }],
  ]);
});

Deno.test("parseWorld() gives defaults to what is left out", () => {
  const { agents, tasks } = parseWorld(
    `\uFEFF${HEAD}\r\n\r\n{"capability":"c"}\r\n{"capability":"c"}\r\n{"capability":"c","at":9000}`,
    "w.jsonl",
  );
  assert.ok(agents[1]!.concurrency > 1_000);
  assert.deepEqual(tasks.map(({ id, at, text }) => [id, at, text]), [
    ["3", 0, ""],
    ["4", 1_000, ""],
    ["5", 9_000, ""],
  ]);
  assert.equal(tasks[0]!.outcomes.size, 0);
});

Deno.test("parseWorld() takes success as a boolean, as 0 or 1 and as a share", () => {
  for (const [success, isSuccess] of [["1", true], ["0", false], ["0.5", true], ["0.4", false]]) {
    const line = `{"capability":"c","outcomes":{"a":{"success":${success}},"b":null,"z":null}}`;
    const [task] = parseWorld(`${HEAD}\n${line}`, "w.jsonl").tasks;
    assert.equal(task!.outcomes.get("a")!.isSuccess, isSuccess);
    assert.deepEqual([...task!.outcomes.keys()], ["a"]);
  }
});

Deno.test("parseWorld() takes any name for a name", () => {
  const names = ["__proto__", "constructor", "toString", " "];
  const head = {
    agents: names.map((name) => ({ name, capabilities: names })),
    // Written as text: in a literal the name would set the prototype.
    isA: JSON.parse('{"__proto__":["constructor"]}'),
  };
  const outcomes = `{${names.map((name) => `${JSON.stringify(name)}:{"success":1}`).join()}}`;
  const line = `{"id":"__proto__","capability":"__proto__","outcomes":${outcomes}}`;
  const { tasks, tree, remarks } = parseWorld(`${JSON.stringify(head)}\n${line}`, "w.jsonl");
  assert.deepEqual([...tasks[0]!.outcomes.keys()], names);
  assert.ok(tree.isNarrower("__proto__", "constructor"));
  assert.deepEqual(remarks, []);
});

Deno.test("parseWorld() remarks on agents that are not named, and tasks that nobody can take", () => {
  const task = (id: string, capability: string, agent: string) =>
    `{"id":"${id}","capability":"${capability}","outcomes":{"${agent}":{"success":true}}}`;
  const lines = [HEAD, task("1", "c", "a"), task("2", "c", "A"), task("3", "d", "a")];
  const { remarks } = parseWorld(lines.join("\n"), "w.jsonl");
  assert.match(remarks![0]!, /^w\.jsonl:3: left out what "A" makes .*\(1 task has /);
  assert.match(remarks![1]!, /^w\.jsonl:3: found no agent that offers "c" .*\(2 tasks can /);
});

Deno.test("parseWorld() remarks once on each key that it does not know", () => {
  const task = (id: number, outcome: string) =>
    `{"id":${id},"capability":"c","family":"x","outcomes":{"a":{"success":true,${outcome}}}}`;
  const head = HEAD.replace('"concurrency"', '"concurency"');
  const lines = [head, task(1, '"latency":5'), task(2, '"latency":5')];
  const { remarks } = parseWorld(lines.join("\n"), "w.jsonl");
  const keys = remarks!.filter((remark) => remark.includes("unknown key"));
  assert.deepEqual(keys.toSorted(), [
    'w.jsonl:1: passed over the unknown key "concurency"; did you mean "concurrency"?',
    'w.jsonl:2: passed over the unknown key "family"',
    'w.jsonl:2: passed over the unknown key "latency"; did you mean "latencyMs"?',
  ]);
});

Deno.test("parseWorld() says where a file is wrong", () => {
  const cases: [text: string, message: RegExp][] = [
    ["", /w\.jsonl:1: the file is empty/],
    ["{", /w\.jsonl:1: .*JSON/],
    ["[]", /w\.jsonl:1: the line: .*object/],
    ['{"agents":[]}', /w\.jsonl:1: agents: /],
    ['{"agents":[{"name":"a"}]}', /w\.jsonl:1: agents\.0\.capabilities: /],
    [HEAD.replace('"b"', '"a"'), /w\.jsonl:1: two agents have the same name/],
    [`${HEAD}\n{"id":1}`, /w\.jsonl:2: capability: /],
    [`${HEAD}\n\n{"capability":"c","at":"noon"}`, /w\.jsonl:3: at: /],
    [
      `${HEAD}\n{"capability":"c","outcomes":{"a":{"success":"yes"}}}`,
      /w\.jsonl:2: outcomes\.a\.success: /,
    ],
    [
      `${HEAD}\n{"id":"x","capability":"c"}\n{"id":"x","capability":"c"}`,
      /w\.jsonl:3: a task before has the id "x" too/,
    ],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseWorld(text, "w.jsonl"), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.match(error.message, message);
      return true;
    });
  }
});
