import assert from "node:assert/strict";
import type { ExitReason, RestartType, Strategy } from "../../actors/supervision/mod.ts";
import { crash, TestTree } from "../supervision_kit.ts";

/**
 * Given `top` with the running children `a`, `b`, `c`, of which `a` and `c` are permanent; when `b`
 * ends; then. Within its intensity the supervisor may restart once in 5 s, over it never.
 */
const STORIES = `
one_for_one   permanent  crash     within  b exits: BOOM; restart b; start b; b runs
one_for_one   permanent  normal    within  b exits: normal; restart b; start b; b runs
one_for_one   permanent  shutdown  within  b exits: shutdown; restart b; start b; b runs
one_for_one   permanent  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_one   permanent  normal    over    b exits: normal; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_one   transient  crash     within  b exits: BOOM; restart b; start b; b runs
one_for_one   transient  normal    within  b exits: normal; leave b
one_for_one   transient  shutdown  within  b exits: shutdown; leave b
one_for_one   transient  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_one   transient  normal    over    b exits: normal; leave b
one_for_one   temporary  crash     within  b exits: BOOM; leave b
one_for_one   temporary  normal    within  b exits: normal; leave b
one_for_one   temporary  crash     over    b exits: BOOM; leave b
one_for_one   temporary  normal    over    b exits: normal; leave b
one_for_all   permanent  crash     within  b exits: BOOM; restart a b c; stop c; c is down; stop a; a is down; start a; a runs; start b; b runs; start c; c runs
one_for_all   permanent  normal    within  b exits: normal; restart a b c; stop c; c is down; stop a; a is down; start a; a runs; start b; b runs; start c; c runs
one_for_all   permanent  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_all   permanent  normal    over    b exits: normal; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_all   transient  crash     within  b exits: BOOM; restart a b c; stop c; c is down; stop a; a is down; start a; a runs; start b; b runs; start c; c runs
one_for_all   transient  normal    within  b exits: normal; leave b
one_for_all   transient  shutdown  within  b exits: shutdown; leave b
one_for_all   transient  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
one_for_all   transient  normal    over    b exits: normal; leave b
one_for_all   temporary  crash     within  b exits: BOOM; leave b
one_for_all   temporary  normal    within  b exits: normal; leave b
one_for_all   temporary  crash     over    b exits: BOOM; leave b
one_for_all   temporary  normal    over    b exits: normal; leave b
rest_for_one  permanent  crash     within  b exits: BOOM; restart b c; stop c; c is down; start b; b runs; start c; c runs
rest_for_one  permanent  normal    within  b exits: normal; restart b c; stop c; c is down; start b; b runs; start c; c runs
rest_for_one  permanent  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
rest_for_one  permanent  normal    over    b exits: normal; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
rest_for_one  transient  crash     within  b exits: BOOM; restart b c; stop c; c is down; start b; b runs; start c; c runs
rest_for_one  transient  normal    within  b exits: normal; leave b
rest_for_one  transient  shutdown  within  b exits: shutdown; leave b
rest_for_one  transient  crash     over    b exits: BOOM; top gives up: b, RESTART_INTENSITY; stop c; c is down; stop a; a is down; top ended: gave_up
rest_for_one  transient  normal    over    b exits: normal; leave b
rest_for_one  temporary  crash     within  b exits: BOOM; leave b
rest_for_one  temporary  normal    within  b exits: normal; leave b
rest_for_one  temporary  crash     over    b exits: BOOM; leave b
rest_for_one  temporary  normal    over    b exits: normal; leave b
`.trim().split("\n").map((line) => line.split(/\s{2,}|(?<=one_for_one|one_for_all|rest_for_one) /));

function given(strategy: string, restart: string, intensity: string): TestTree {
  const tree = new TestTree({
    name: "top",
    strategy: strategy as Strategy,
    intensity: { restarts: intensity === "over" ? 0 : 1 },
    children: [
      { actor: "x", key: "a", id: "a" },
      { actor: "x", key: "b", id: "b", restart: restart as RestartType },
      { actor: "x", key: "c", id: "c" },
    ],
  });
  tree.start();
  return tree;
}

for (const [strategy, restart, ending, intensity, then] of STORIES) {
  Deno.test(`decide() does as OTP: ${strategy}, ${restart}, ${ending}, ${intensity} intensity`, () => {
    const tree = given(strategy!, restart!, intensity!);
    const reason = ending === "crash" ? crash() : { type: ending } as ExitReason;
    const transcript = [...tree.exited("b", reason), ...tree.settle()].join("; ");
    assert.equal(transcript.replaceAll(", kill after 5000", ""), then);
    const { b } = tree.statuses;
    if (then!.endsWith("leave b")) assert.equal(b, restart === "temporary" ? undefined : "stopped");
    else assert.equal(b, then!.endsWith("gave_up") ? "stopped" : "running");
  });
}

Deno.test("the stories have every strategy, restart type and side of the intensity", () => {
  const told = new Set(STORIES.map((words) => [...words.slice(0, 2), words[3]].join(" ")));
  assert.equal(told.size, 3 * 3 * 2);
});
