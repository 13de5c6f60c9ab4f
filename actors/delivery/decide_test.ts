import assert from "node:assert/strict";
import { idsOf, messageOf, STEADY, TestDelivery } from "../../tests/delivery_kit.ts";
import type { DeadLetter } from "./message.ts";
import { release } from "./order.ts";
import { nextWakeAt } from "./timers.ts";
import { viewDelivery } from "./view.ts";

const own = { deduplicate: true } as const;

Deno.test("decide() accepts messages with seqs without gaps and delivers them in order", () => {
  const system = new TestDelivery();
  const { answers, events } = system.accept(messageOf("1"), messageOf("2"));
  assert.deepEqual(answers, [{ status: "accepted", seq: 1 }, { status: "accepted", seq: 2 }]);
  assert.equal(events.length, 1);
  assert.deepEqual(system.accept(messageOf("3")).answers, [{ status: "accepted", seq: 3 }]);
  const deliveries = system.deliver();
  assert.deepEqual(idsOf(deliveries), ["1", "2", "3"]);
  assert.deepEqual(deliveries.map(({ attempt }) => attempt), [1, 1, 1]);
  assert.deepEqual(system.deliver(), [], "what is in flight is not handed out again");
  const { events: handled } = system.finish(...deliveries);
  assert.deepEqual(handled, [{ type: "MessagesHandled", at: 1_000, seqs: [1, 2, 3] }]);
  assert.equal(system.state.pending.size, 0);
  assert.equal(system.state.receivers.size, 0);
});

Deno.test("decide() answers a second message of an id as a duplicate of the first", () => {
  const system = new TestDelivery({ windowMs: 1_000 });
  const { answers } = system.accept(messageOf("x", own), messageOf("x", own));
  assert.deepEqual(answers, [{ status: "accepted", seq: 1 }, { status: "duplicate", seq: 1 }]);
  system.finish(...system.deliver());
  system.at += 999;
  const again = system.accept(messageOf("x", own));
  assert.deepEqual(again.answers, [{ status: "duplicate", seq: 1 }]);
  assert.deepEqual(again.events, []);
  system.at += 1;
  const later = system.accept(messageOf("x", own));
  assert.deepEqual(later.answers, [{ status: "accepted", seq: 2 }], "the window is over");
});

Deno.test("decide() forgets an id once so many later ones were accepted", () => {
  const system = new TestDelivery({ idsMax: 2 });
  const isKnown = (id: string) =>
    system.accept(messageOf(id, own)).answers[0]!.status === "duplicate";
  for (const id of ["1", "2"]) assert.ok(!isKnown(id));
  assert.ok(isKnown("1"), "a duplicate takes no room");
  assert.ok(!isKnown("3"));
  assert.ok(isKnown("2"));
  assert.ok(!isKnown("1"));
});

Deno.test("decide() keeps ids of other senders and receivers apart, and ignores the node's own", () => {
  const system = new TestDelivery();
  const { answers } = system.accept(
    messageOf("x", own),
    messageOf("x", { ...own, from: "actor://other/main" }),
    messageOf("x", { ...own, to: "actor://other/main" }),
    messageOf("x"),
  );
  assert.deepEqual(answers.map(({ status }) => status), Array(4).fill("accepted"));
});

Deno.test("decide() accepts what a handler sends once, as long as its message is pending", () => {
  const system = new TestDelivery();
  system.accept(messageOf("cause"));
  const [handling] = system.deliver();
  const send = (ordinal: number) =>
    system.accept(messageOf("sent", { to: "actor://c/main", cause: { seq: 1, ordinal } }))
      .answers[0];
  assert.deepEqual(send(0), { status: "accepted", seq: 2 });
  system.fail(handling!);
  assert.deepEqual(send(0), { status: "duplicate", seq: 2 }, "the second attempt sends again");
  assert.deepEqual(send(1), { status: "accepted", seq: 3 });
  system.at += 1_000;
  system.finish(...system.deliver());
  assert.deepEqual(send(2), { status: "duplicate", seq: null }, "the handling is over");
  assert.equal(system.state.ids.size, 0, "causes take no room in the window");
});

Deno.test("decide() answers overloaded when there is no room, and goes on when there is", () => {
  const system = new TestDelivery({ pendingMax: 3, pendingPerReceiverMax: 2, pendingCharsMax: 35 });
  const statusOf = (rest: Parameters<typeof messageOf>[1]) =>
    system.accept(messageOf("m", rest)).answers[0]!.status;
  assert.equal(statusOf({}), "accepted");
  assert.equal(statusOf({}), "accepted");
  assert.equal(statusOf({}), "overloaded", "the receiver has two");
  assert.equal(statusOf({ to: "actor://c/main", chars: 16 }), "overloaded", "too many characters");
  assert.equal(statusOf({ to: "actor://c/main", chars: 15 }), "accepted");
  assert.equal(statusOf({ to: "actor://c/main", chars: 0 }), "overloaded", "three are pending");
  system.finish(...system.deliver(1));
  assert.equal(statusOf({ chars: 11 }), "overloaded", "25 characters are still there");
  assert.equal(statusOf({ chars: 10 }), "accepted");
});

Deno.test("decide() retries with backoff and holds later messages of the stream back", () => {
  const system = new TestDelivery();
  system.accept(
    messageOf("1"),
    messageOf("2"),
    messageOf("other", { from: "actor://z/main" }),
    messageOf("urgent", { lane: "high" }),
  );
  const [urgent, first, other, second] = system.deliver();
  assert.deepEqual(idsOf([urgent!, first!, other!, second!]), ["urgent", "1", "other", "2"]);
  const failed = system.fail(first!);
  assert.deepEqual(failed.recalled, [{ seq: 2, delivery: second!.delivery }]);
  assert.deepEqual(failed.events, [{
    type: "MessageRetried",
    at: 1_000,
    seq: 1,
    attempts: 1,
    kills: 0,
    notBefore: 1_100,
    failure: { at: 1_000, code: "FAILED", message: "Cannot do it", isKill: false },
  }]);
  assert.deepEqual(system.finish(second!).refused, [{
    seq: 2,
    delivery: second!.delivery,
    reason: "stale",
  }]);
  assert.deepEqual(system.finish(other!, urgent!).refused, [], "others pass");
  assert.deepEqual(system.deliver(), []);
  assert.equal(nextWakeAt(system.state), 1_100);
  system.at = 1_100;
  const again = system.deliver();
  assert.deepEqual(idsOf(again), ["1", "2"]);
  assert.equal(again[0]!.attempt, 2);
});

Deno.test("decide() gives up after the last attempt, with the history of all", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"));
  for (let attempt = 1; attempt < 3; attempt++) {
    system.fail(system.deliver()[0]!, { policy: { ...STEADY, maxAttempts: 3 } });
    system.at = nextWakeAt(system.state)!;
  }
  const { events, deadLetters } = system.fail(system.deliver()[0]!, {
    policy: { ...STEADY, maxAttempts: 3 },
  });
  assert.deepEqual(events, [
    { type: "MessageDeadLettered", at: 1_300, seq: 1, reason: "MAX_ATTEMPTS" },
  ]);
  assert.equal(deadLetters.length, 1);
  const [letter] = deadLetters;
  assert.deepEqual(letter!.history.map(({ at }) => at), [1_000, 1_100, 1_300]);
  assert.equal(letter!.attempts, 3);
  assert.equal(letter!.message.id, "1");
  assert.equal(system.state.pending.size, 0);
});

Deno.test("decide() keeps the last ten failures, each cut to 500 characters", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"));
  const policy = { ...STEADY, maxAttempts: 13 };
  const error = { code: "FAILED", message: "x".repeat(9_999) };
  const letters: DeadLetter[] = [];
  while (letters.length === 0) {
    const delivery = system.deliver()[0]!;
    const { at } = system;
    const { deadLetters } = system.when(
      { type: "FailMessage", at, delivery, error, isKill: false, policy, random: 0 },
    );
    letters.push(...deadLetters);
    for (const { history } of viewDelivery(system.state, at).pending) {
      assert.ok(history.length <= 10);
    }
    system.at = nextWakeAt(system.state) ?? at;
  }
  assert.equal(letters[0]!.attempts, 13);
  assert.deepEqual(letters[0]!.history.map(({ message }) => message.length), Array(10).fill(500));
});

Deno.test("decide() parks a message that killed its actor so often, whatever the attempts", () => {
  const system = new TestDelivery();
  system.accept(messageOf("poison"), messageOf("next"));
  const policy = { ...STEADY, maxAttempts: 100, poisonAfter: 3 };
  system.fail(system.deliver()[0]!, { policy });
  for (let kill = 1; kill <= 2; kill++) {
    system.at = nextWakeAt(system.state)!;
    const decision = system.fail(system.deliver()[0]!, { policy, isKill: true });
    assert.deepEqual(decision.deadLetters, []);
  }
  system.at = nextWakeAt(system.state)!;
  const { deadLetters } = system.fail(system.deliver()[0]!, { policy, isKill: true });
  assert.deepEqual(deadLetters.map(({ reason, kills, attempts }) => [reason, kills, attempts]), [
    ["POISON", 3, 4],
  ]);
  const left = system.state.pending.get(2)!;
  assert.equal(left.attempts, 0, "its neighbour is not to blame");
});

Deno.test("decide() goes on with the next message when a poison one is parked", () => {
  const system = new TestDelivery();
  system.accept(messageOf("poison"), messageOf("next"));
  const policy = { ...STEADY, poisonAfter: 1 };
  const [poison, next] = system.deliver();
  const { recalled } = system.fail(poison!, { policy, isKill: true });
  assert.deepEqual(recalled, [], "nothing waits for it");
  assert.deepEqual(system.finish(next!).refused, []);
});

Deno.test("decide() does not count attempts that were released or lost with the node", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"));
  const deliveries = system.deliver();
  assert.equal(release(system.state, deliveries).length, 2);
  assert.deepEqual(system.finish(...deliveries).refused.map(({ reason }) => reason), [
    "stale",
    "stale",
  ]);
  const again = system.deliver();
  assert.deepEqual(again.map(({ attempt }) => attempt), [1, 1]);
  system.restart();
  assert.deepEqual(system.deliver().map(({ attempt }) => attempt), [1, 1]);
});

Deno.test("decide() refuses an answer of an older delivery and one that is out of order", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"));
  const [old] = system.deliver(1);
  release(system.state, [old!]);
  const [first, second] = system.deliver();
  assert.deepEqual(system.finish(old!).refused.map(({ reason }) => reason), ["stale"]);
  assert.deepEqual(system.fail(old!).refused.map(({ reason }) => reason), ["stale"]);
  assert.deepEqual(system.finish(second!).refused.map(({ reason }) => reason), ["out_of_order"]);
  assert.deepEqual(system.finish(first!, second!).refused, []);
  assert.deepEqual(system.finish(first!).refused.map(({ reason }) => reason), ["stale"]);
});

Deno.test("decide() gives up at once what says that no other attempt may succeed", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"), messageOf("3"));
  const [first, second] = system.deliver(2);
  const { deadLetters } = system.fail(first!, { retryable: false });
  assert.deepEqual(deadLetters.map(({ reason }) => reason), ["REFUSED"]);
  const refused = system.when({
    type: "RefuseMessages",
    at: system.at,
    deliveries: [second!, first!],
    reason: "NO_ACTOR",
    error: { code: "UNKNOWN", message: "Cannot find it" },
  });
  assert.deepEqual(refused.deadLetters.map(({ seq, reason }) => [seq, reason]), [[2, "NO_ACTOR"]]);
  assert.deepEqual(refused.refused.map(({ reason }) => reason), ["stale"]);
  assert.deepEqual(idsOf(system.deliver()), ["3"]);
});

Deno.test("decide() gives up what has expired, and never delivers it", () => {
  const system = new TestDelivery();
  system.accept(
    messageOf("1", { expiresAt: 1_500 }),
    messageOf("2"),
    messageOf("3", { expiresAt: 1_400 }),
  );
  const expire = () => system.when({ type: "ExpireMessages", at: system.at, limit: 10 });
  assert.deepEqual(expire().deadLetters, []);
  assert.equal(nextWakeAt(system.state), 1_400);
  system.at = 1_500;
  assert.deepEqual(system.deliver(), [], "the first is too old and not given up yet");
  const { deadLetters } = expire();
  assert.deepEqual(deadLetters.map(({ seq, reason }) => [seq, reason]), [
    [3, "EXPIRED"],
    [1, "EXPIRED"],
  ]);
  assert.deepEqual(idsOf(system.deliver()), ["2"]);
  assert.equal(nextWakeAt(system.state), null);
});

Deno.test("decide() lets a delivery that is under way end, and gives it up when it comes back", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1", { expiresAt: 1_500 }), messageOf("2", { expiresAt: 1_500 }));
  const [first, second] = system.deliver();
  system.at = 2_000;
  const expire = () => system.when({ type: "ExpireMessages", at: system.at, limit: 10 });
  assert.deepEqual(expire().deadLetters, []);
  assert.deepEqual(system.finish(first!).refused, []);
  system.fail(second!);
  assert.equal(nextWakeAt(system.state), 1_500);
  assert.deepEqual(expire().deadLetters.map(({ seq, history }) => [seq, history.length]), [[2, 1]]);
});

Deno.test("decide() replays a dead letter once, at the end of its stream, with its sends", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1", { expiresAt: 5_000 }), messageOf("2"));
  const [first] = system.deliver(1);
  system.accept(messageOf("sent", { to: "actor://c/main", cause: { seq: 1, ordinal: 0 } }));
  const [letter] = system.fail(first!, { retryable: false }).deadLetters;
  system.at = 9_000;
  const replay = () => system.when({ type: "ReplayDeadLetter", at: system.at, letter: letter! });
  const replayed = replay();
  assert.deepEqual(replayed.answers, [{ status: "accepted", seq: 4 }]);
  assert.deepEqual(replayed.endedLetters, [1]);
  assert.deepEqual(replay().answers, [{ status: "duplicate", seq: 4 }], "asked for twice");
  const drop = system.when({ type: "DropDeadLetter", at: system.at, seq: 1 });
  assert.deepEqual([drop.events, drop.endedLetters], [[], []]);
  const deliveries = system.deliver();
  assert.deepEqual(idsOf(deliveries), ["2", "1"]);
  assert.equal(deliveries[1]!.attempt, 1);
  const again = system.accept(messageOf("sent", { cause: { seq: 4, ordinal: 0 } }));
  assert.deepEqual(again.answers, [{ status: "duplicate", seq: 3 }], "it was sent before");
});

Deno.test("decide() drops a dead letter, which then cannot be replayed", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"));
  const [letter] = system.fail(system.deliver()[0]!, { retryable: false }).deadLetters;
  const { endedLetters } = system.when({ type: "DropDeadLetter", at: system.at, seq: 1 });
  assert.deepEqual(endedLetters, [1]);
  const replay = system.when({ type: "ReplayDeadLetter", at: system.at, letter: letter! });
  assert.deepEqual(replay.answers, [{ status: "duplicate", seq: null }]);
});

Deno.test("decide() keeps all but what is in flight over a restart", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1", own), messageOf("2"), messageOf("3", { lane: "low" }));
  const [first] = system.deliver();
  system.accept(messageOf("sent", { to: "actor://c/main", cause: { seq: 1, ordinal: 0 } }));
  system.fail(first!, { isKill: true });
  const before = viewDelivery(system.state, system.at);
  system.restart();
  assert.deepEqual(viewDelivery(system.state, system.at), before);
  assert.deepEqual(idsOf(system.deliver()), ["3"], "the first keeps its retry time");
  system.at = 1_100;
  assert.deepEqual(idsOf(system.deliver()), ["1", "2"]);
});
