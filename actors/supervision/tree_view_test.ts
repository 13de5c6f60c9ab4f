import assert from "node:assert/strict";
import { crash, TestTree } from "../../tests/supervision_kit.ts";
import { createDynamicSupervisor, recordCrash } from "./dynamic.ts";
import { treeLines, viewDynamic, viewTree } from "./tree_view.ts";

function given(): TestTree {
  const tree = new TestTree({
    name: "file-index",
    strategy: "rest_for_one",
    delay: { initialMs: 4_000 },
    children: [
      { actor: "counter" },
      {
        supervisor: {
          name: "pool",
          strategy: "one_for_all",
          intensity: { restarts: 1 },
          children: [{ actor: "worker", key: "1" }, { actor: "worker", key: "2" }],
        },
      },
      { actor: "walker", restart: "transient" },
    ],
  });
  tree.start();
  return tree;
}

Deno.test("treeLines() draws what runs, what was restarted and what it died of", () => {
  const tree = given();
  tree.at = 1_000;
  tree.crashed("worker/2");
  tree.settle();
  tree.exited("walker/main", { type: "normal" });
  assert.deepEqual(treeLines(viewTree(tree.state), 4_000), [
    "file-index  rest_for_one  running",
    "├─ counter/main  running",
    "├─ pool  one_for_all  running",
    "│  ├─ worker/1  running  1 restart  last: shutdown 3.0s ago",
    '│  └─ worker/2  running  1 restart  last: BOOM "boom" 3.0s ago',
    "└─ walker/main  transient  stopped  last: normal 3.0s ago",
  ]);
});

Deno.test("treeLines() tells who waits for whom, and for how long", () => {
  const tree = given();
  tree.crashed("worker/2");
  tree.settle();
  tree.at = 100;
  tree.crashed("worker/1");
  assert.deepEqual(treeLines(viewTree(tree.state), 200), [
    "file-index  rest_for_one  running",
    "├─ counter/main  running",
    "├─ pool  one_for_all  stopping, waits for worker/2",
    '│  ├─ worker/1  stopped  1 restart  last: BOOM "boom" 100ms ago',
    '│  └─ worker/2  stopping  1 restart  last: BOOM "boom" 200ms ago',
    "└─ walker/main  transient  running",
  ]);
  tree.settle();
  assert.deepEqual(treeLines(viewTree(tree.state), 200), [
    "file-index  rest_for_one  running",
    "├─ counter/main  running",
    "├─ pool  one_for_all  waiting 2.9s  last: RESTART_INTENSITY \"Cannot keep 'worker/1' running:" +
    ' more than 1 restart in 5000 ms" 100ms ago',
    '│  ├─ worker/1  stopped  1 restart  last: BOOM "boom" 100ms ago',
    "│  └─ worker/2  stopped  1 restart  last: shutdown 100ms ago",
    "└─ walker/main  transient  waiting 2.9s  last: shutdown 100ms ago",
  ]);
});

Deno.test("treeLines() keeps a message to one short line and cleans foreign text", () => {
  const tree = new TestTree({ name: "top", children: [{ actor: "a" }] });
  tree.start();
  const message = `one\n  "two" ${"x".repeat(500)}`;
  tree.exited("a/main", { type: "crash", error: { code: "BOOM", message } });
  const [, line] = treeLines(viewTree(tree.state), 0, (text) => text.replace("one", "[one]"));
  assert.match(line!, /last: BOOM "\[one\] 'two' x+…" 0ms ago$/);
  assert.ok(line!.length < 180);
});

Deno.test("viewTree() is plain JSON", () => {
  const view = viewTree(given().state);
  assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
  assert.deepEqual(view.children[0], {
    id: "counter/main",
    kind: "actor",
    strategy: null,
    address: "actor://counter/main",
    restart: "permanent",
    status: "running",
    incarnation: 2,
    restarts: 0,
    lastExit: null,
    startedAt: 0,
    startAt: null,
    busyWith: null,
    children: [],
  });
});

Deno.test("viewDynamic() shows the virtual actors that may not be activated yet", () => {
  const supervisor = createDynamicSupervisor({
    actor: "session",
    delay: { initialMs: 1_000, factor: 2, maxMs: 1_000 },
    healthyMs: 1_000,
    keysMax: 10,
  });
  for (const [key, at] of [["old", 0], ["new", 900], ["new", 1_000]] as const) {
    recordCrash(supervisor, { key, at, startedAt: null, reason: crash(), random: 0 });
  }
  assert.deepEqual(treeLines(viewDynamic(supervisor, 1_100), 1_100), [
    "session/*  virtual actors  running  3 restarts",
    '└─ session/new  waiting 400ms  2 restarts  last: BOOM "boom" 100ms ago',
  ]);
});
