import assert from "node:assert/strict";
import { messageOf, TestDelivery } from "../../tests/delivery_kit.ts";
import { nextWakeAt } from "./timers.ts";

Deno.test("nextWakeAt() is the first end of a wait or of a life", () => {
  const system = new TestDelivery();
  assert.equal(nextWakeAt(system.state), null);
  system.accept(messageOf("1", { notBefore: 3_000 }));
  assert.equal(nextWakeAt(system.state), 3_000);
  system.accept(messageOf("2", { notBefore: 1_500 }));
  assert.equal(nextWakeAt(system.state), 3_000, "it stands behind the first");
  system.accept(messageOf("3", { expiresAt: 2_000 }));
  assert.equal(nextWakeAt(system.state), 2_000);
  system.accept(messageOf("4", { to: "actor://c/main", notBefore: 1_200 }));
  assert.equal(nextWakeAt(system.state), 1_200);
});

Deno.test("nextWakeAt() leaves out what is in flight, and takes it up when it comes back", () => {
  const system = new TestDelivery();
  system.accept(messageOf("1", { expiresAt: 2_000 }));
  const [delivery] = system.deliver();
  assert.equal(nextWakeAt(system.state), null);
  system.fail(delivery!);
  assert.equal(nextWakeAt(system.state), 1_100);
  system.at = 1_100;
  system.deliver();
  assert.equal(nextWakeAt(system.state), null);
});

Deno.test("timers of handled messages do not pile up", () => {
  const system = new TestDelivery();
  const year = 365 * 24 * 3_600_000;
  for (let at = 0; at < 5_000; at++) {
    system.accept(messageOf("1", { expiresAt: year, notBefore: system.at }));
    system.finish(...system.deliver());
    system.log = [];
  }
  assert.ok(system.state.expiries.size < 2_000, `${system.state.expiries.size} are left`);
  assert.ok(system.state.retries.size < 2_000, `${system.state.retries.size} are left`);
});

Deno.test("timers of pending messages survive when others are swept out", () => {
  const system = new TestDelivery();
  system.accept(messageOf("kept", { to: "actor://c/main", notBefore: 9_000, expiresAt: 9_500 }));
  for (let at = 0; at < 3_000; at++) {
    system.accept(messageOf("1", { expiresAt: 5_000 }));
    system.finish(...system.deliver());
  }
  assert.equal(nextWakeAt(system.state), 9_000);
  system.at = 9_000;
  assert.equal(system.deliver(1, "actor://c/main").length, 1);
});
