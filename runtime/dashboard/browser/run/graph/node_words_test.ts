import assert from "node:assert/strict";
import { definitionOf, type ShortTask, TestRun } from "../../../../../tests/decider_kit.ts";
import { ListedAssigner } from "../../../../../tests/listed_assigner.ts";
import { graphOf } from "../../../../control/task_graph.ts";
import { createLiveRun, foldRun, workNameOf } from "../live/mod.ts";
import { detailOf } from "./node_words.ts";

/** A run of one task that asks for a capability, and what its node says. */
function asked(task: Partial<ShortTask>, agents = ["a", "b", "d"]) {
  const target = { type: "capability", capability: "c" } as const;
  const run = new TestRun(definitionOf([{ id: "m", target, ...task }]));
  run.assigner = new ListedAssigner({ c: agents });
  for (const agent of agents) run.capacity.set(agent, 100);
  const live = () => {
    const folded = createLiveRun("run-1", graphOf(run.state.plan.tasks));
    for (const event of run.events) foldRun(folded, event);
    return folded;
  };
  return { run, live, words: () => detailOf(live().tasks[0]!) };
}

Deno.test("detailOf() tells how many of those who contend have ended, and whose result counts", () => {
  const { run, words } = asked({ assign: { waitMs: 1_000, vote: { of: 3, ties: "evidence" } } });
  assert.equal(words(), "vote of 3");
  run.submit();
  run.whenStarted();
  assert.equal(words(), "vote of 3 · 0 ended");
  run.complete("m", 5, 1);
  assert.equal(words(), "vote of 3 · 1 ended");
  run.complete("m", 6, 2);
  run.complete("m", 6, 3);
  assert.equal(words(), "vote of 3 · b");
});

Deno.test("detailOf() names who judges while it does", () => {
  const { run, words } = asked({ assign: { waitMs: 1_000, judge: { of: 2, by: "b" } } }, [
    "a",
    "d",
  ]);
  run.submit();
  run.whenStarted();
  run.complete("m", 5, 1);
  run.complete("m", 6, 2);
  run.whenStarted();
  assert.equal(words(), "judge of 2 · b judges");
});

Deno.test("detailOf() says that nobody can, that bids are asked for, and which items wait", () => {
  const nobody = asked({ assign: { waitMs: 1_000 } }, []);
  assert.equal(nobody.words(), "c");
  nobody.run.submit();
  nobody.run.whenStarted();
  assert.equal(nobody.words(), "nobody can do it yet");
  const bidding = asked({ assign: { waitMs: 1_000, auction: { bidTimeoutMs: 50 } } });
  bidding.run.submit();
  bidding.run.whenStarted();
  assert.equal(bidding.words(), "asks 3 for bids");
  const items = asked({ forEach: "[1, 2]", assign: { waitMs: 1_000 } }, []);
  items.run.submit();
  items.run.whenStarted();
  assert.equal(items.words(), "0 / 2 items · nobody for some");
});

Deno.test("workNameOf() gives news of contenders to what they contend for", () => {
  const assign = { waitMs: 1_000, vote: { of: 2, ties: "evidence" as const } };
  for (
    const [forEach, own, others] of [[undefined, "m", "m"], ["[1, 2]", "m[1]", "m[0]"]] as const
  ) {
    const { run, live } = asked({ assign, ...(forEach === undefined ? {} : { forEach }) });
    run.submit();
    run.whenStarted();
    const folded = live();
    assert.equal(workNameOf(folded, own), own);
    const first = forEach === undefined ? 1 : 2;
    assert.equal(workNameOf(folded, `m[${first}]`), others);
    assert.equal(workNameOf(folded, "gone[7]"), "gone[7]");
  }
});
