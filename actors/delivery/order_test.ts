import assert from "node:assert/strict";
import { idsOf, messageOf, TestDelivery } from "../../tests/delivery_kit.ts";
import { createDeliveryState } from "./state.ts";
import { decide } from "./decide.ts";
import { addressesWithWork, deliverable, noteDurable, release, releaseAddress } from "./order.ts";

const from = (name: string) => ({ from: `actor://${name}/main` });

Deno.test("deliverable() lets the senders of a lane take turns", () => {
  const system = new TestDelivery();
  for (const id of ["1", "2", "3"]) system.accept(messageOf(`flood${id}`, from("flood")));
  system.accept(messageOf("x1", from("x")), messageOf("x2", from("x")));
  system.accept(messageOf("y1", from("y")));
  assert.deepEqual(idsOf(system.deliver()), ["flood1", "x1", "y1", "flood2", "x2", "flood3"]);
});

Deno.test("deliverable() takes the high lane first, and lets at most 16 overtake the others", () => {
  const system = new TestDelivery();
  for (let at = 0; at < 40; at++) system.accept(messageOf("high", { lane: "high" }));
  system.accept(messageOf("normal"), messageOf("low", { lane: "low" }));
  const ids = idsOf(system.deliver());
  assert.equal(ids.length, 42);
  assert.equal(ids.indexOf("low"), 16);
  assert.equal(ids.indexOf("normal"), 17);
});

Deno.test("deliverable() counts anew for a lane that was empty in between", () => {
  const system = new TestDelivery();
  const flood = (count: number) => {
    for (let at = 0; at < count; at++) system.accept(messageOf("high", { lane: "high" }));
  };
  system.accept(messageOf("gone", { lane: "low", expiresAt: 2_000 }));
  flood(10);
  system.deliver(10);
  system.at = 2_000;
  system.when({ type: "ExpireMessages", at: system.at, limit: 9 });
  flood(40);
  system.accept(messageOf("low", { lane: "low" }));
  assert.equal(idsOf(system.deliver()).indexOf("low"), 16);
});

Deno.test("deliverable() hands nothing out that is not on disk", () => {
  const state = createDeliveryState();
  const to = "actor://b/main";
  decide({ type: "AcceptMessages", at: 1, messages: [messageOf("1"), messageOf("2")] }, state);
  assert.deepEqual(deliverable(state, to, 1, 9), []);
  assert.deepEqual([...addressesWithWork(state, 1)], []);
  const mark = state.nextSeq;
  decide({ type: "AcceptMessages", at: 1, messages: [messageOf("3")] }, state);
  noteDurable(state, mark);
  assert.deepEqual([...addressesWithWork(state, 1)], [to]);
  assert.deepEqual(idsOf(deliverable(state, to, 1, 9)), ["1", "2"]);
  noteDurable(state, state.nextSeq);
  assert.deepEqual(idsOf(deliverable(state, to, 1, 9)), ["3"]);
});

Deno.test("release() takes back what went out later in the same stream, and nothing else", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1"), messageOf("2"), messageOf("3"), messageOf("x", from("x")));
  const [, , second] = system.deliver();
  assert.equal(second!.message.id, "2");
  assert.deepEqual(release(system.state, [second!]).map(({ seq }) => seq), [2, 3]);
  assert.deepEqual(release(system.state, [second!]), [], "it is back already");
  assert.deepEqual(idsOf(system.deliver()), ["2", "3"]);
  assert.deepEqual(
    releaseAddress(system.state, "actor://b/main").map(({ seq }) => seq).sort(),
    [1, 2, 3, 4],
  );
  assert.deepEqual(releaseAddress(system.state, "actor://nobody/main"), []);
});

Deno.test("addressesWithWork() names an address as long as it has something to deliver", () => {
  const system = new TestDelivery();
  const work = () => [...addressesWithWork(system.state, system.at)];
  system.accept(messageOf("1"), messageOf("2", { notBefore: 2_000, from: "actor://z/main" }));
  assert.deepEqual(work(), ["actor://b/main"]);
  const [first] = system.deliver();
  assert.deepEqual(work(), []);
  system.at = 2_000;
  assert.deepEqual(work(), ["actor://b/main"]);
  system.finish(first!, ...system.deliver());
  assert.deepEqual(work(), []);
  assert.equal(system.state.receivers.size, 0, "nothing is left behind");
});
