import assert from "node:assert/strict";
import { idsOf, messageOf, TestDelivery } from "../../tests/delivery_kit.ts";
import { noteSegment } from "./compaction.ts";
import { viewDelivery } from "./view.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

const own = { deduplicate: true } as const;
const carry = (system: TestDelivery, before = 100, limit = 100) =>
  system.when({ type: "CarryMessages", at: system.at, before, limit });

Deno.test("lowWater() is the segment of the oldest pending message", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"));
  system.accept(messageOf("2"));
  system.accept(messageOf("3"));
  const [first, second] = system.deliver();
  assert.equal(system.trim(), 1);
  system.finish(first!);
  assert.equal(system.trim(), 2);
  system.finish(second!);
  assert.equal(system.trim(), 3);
  assert.deepEqual(system.log.map(({ segment }) => segment), [3, 4, 5]);
});

Deno.test("lowWater() keeps ids until their window is over", () => {
  const system = new TestDelivery({ windowMs: 1_000 });
  system.accept(messageOf("1", own));
  system.finish(...system.deliver());
  system.accept(messageOf("2"));
  assert.equal(system.trim(), 1);
  system.at += 1_000;
  assert.equal(system.trim(), 3);
});

Deno.test("lowWater() keeps what tells the next seq, though nothing is pending", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"));
  system.finish(...system.deliver());
  assert.equal(system.trim(), 1);
  system.restart();
  assert.deepEqual(system.accept(messageOf("3")).answers, [{ status: "accepted", seq: 3 }]);
  assert.equal(system.trim(), 3);
});

Deno.test("decide() carries what pins the log: same seq, attempts, sends and order", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"));
  const [first] = system.deliver(1);
  system.accept(messageOf("sent", { to: "actor://c/main", cause: { seq: 1, ordinal: 0 } }));
  system.fail(first!, { isKill: true });
  system.accept(messageOf("4"));
  const { events } = carry(system, 2);
  assert.equal(events.length, 1);
  assert.equal(system.trim(), 2, "what was accepted later is still there");
  const before = viewDelivery(system.state, system.at);
  system.restart();
  assert.deepEqual(viewDelivery(system.state, system.at), before);
  system.at += 1_000;
  const deliveries = system.deliver();
  assert.deepEqual(idsOf(deliveries), ["1", "2", "4"]);
  assert.equal(deliveries[0]!.attempt, 2);
  const again = system.accept(messageOf("sent", { cause: { seq: 1, ordinal: 0 } }));
  assert.deepEqual(again.answers, [{ status: "duplicate", seq: 3 }]);
});

Deno.test("decide() carries at most so many, oldest first, and nothing that is recent", () => {
  const system = new TestDelivery();
  for (const id of ["1", "2", "3", "4"]) system.accept(messageOf(id));
  carry(system, 4, 2);
  assert.equal(system.trim(), 3);
  carry(system, 4, 2);
  assert.equal(system.trim(), 4);
  assert.deepEqual(carry(system, 4, 2).events, []);
  system.restart();
  assert.deepEqual(idsOf(system.deliver()), ["1", "2", "3", "4"]);
});

Deno.test("decide() carries no more characters together than one unit of a commit takes", () => {
  const system = new TestDelivery();
  const chars = 700_000;
  for (const id of ["1", "2", "3"]) system.accept(messageOf(id, { chars }));
  system.accept(messageOf("giant", { chars: 8_000_000 }));
  for (const next of [2, 3, 4, 5]) {
    carry(system, 5);
    assert.equal(system.trim(), next);
  }
});

Deno.test("noteSegment() never goes back", () => {
  const { state } = new TestDelivery();
  noteSegment(state, 7);
  noteSegment(state, 5);
  assert.equal(state.segment, 7);
});

Deno.test("fold() puts many carried messages back in their places fast", () => {
  const system = new TestDelivery();
  const count = 20_000;
  system.accept(...Array.from({ length: count }, (_, at) => messageOf(`${at}`)));
  system.accept(messageOf("late"));
  carry(system, 2, count);
  assert.equal(system.trim(), 2);
  const beforeMs = processorTimeMs();
  system.restart();
  // Without the hint on the stream each would walk over all before it: some ten seconds.
  assert.ok(processorTimeMs() - beforeMs < 3_000);
  assert.deepEqual(
    system.deliver(count + 1).map(({ seq }) => seq),
    Array.from({ length: count + 1 }, (_, at) => at + 1),
  );
});
