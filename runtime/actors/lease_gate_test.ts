import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseGate } from "./lease_gate.ts";

function open(lapseMs = 60) {
  const proofs: PromiseWithResolvers<void>[] = [];
  const lease = { isConfirmed: true, opened: 0, proofs };
  const gate = new LeaseGate({
    lapseMs,
    mayLead: () => lease.isConfirmed,
    prove: () => {
      const proof = Promise.withResolvers<void>();
      proofs.push(proof);
      return proof.promise;
    },
    onOpen: () => lease.opened++,
  });
  return { gate, lease };
}

async function until(isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < endsAt, "It never came about");
    await sleep(5);
  }
}

/** The event loop stands still, as when the process is stopped. */
function block(ms: number): void {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt);
}

Deno.test("LeaseGate is open as long as the lease was never in doubt", async () => {
  const { gate, lease } = open(5_000);
  assert.ok(gate.isOpen());
  await sleep(20);
  assert.ok(gate.isOpen());
  assert.equal(lease.proofs.length, 0);
  gate.close();
});

Deno.test("LeaseGate opens behind a lapse once a write with the fence has passed", async () => {
  const { gate, lease } = open(5_000);
  lease.isConfirmed = false;
  assert.ok(!gate.isOpen());
  assert.equal(lease.proofs.length, 0);
  lease.isConfirmed = true;
  assert.ok(!gate.isOpen());
  assert.ok(!gate.isOpen());
  assert.equal(lease.proofs.length, 1);
  assert.equal(lease.opened, 0);
  lease.proofs[0]!.resolve();
  await until(() => lease.opened === 1);
  assert.ok(gate.isOpen());
  gate.close();
});

Deno.test("LeaseGate takes a process that stood still for one whose lease lapsed", async () => {
  const { gate, lease } = open(60);
  block(100);
  assert.ok(!gate.isOpen());
  assert.equal(lease.proofs.length, 1);
  // A lapse while the proof was under way takes another one.
  block(100);
  assert.ok(!gate.isOpen());
  lease.proofs[0]!.resolve();
  await until(() => lease.proofs.length === 2);
  assert.ok(!gate.isOpen());
  assert.equal(lease.opened, 0);
  gate.close();
});

Deno.test("LeaseGate finds by itself that the lease is back", async () => {
  const { gate, lease } = open(200);
  lease.isConfirmed = false;
  assert.ok(!gate.isOpen());
  lease.isConfirmed = true;
  await until(() => lease.proofs.length === 1);
  lease.proofs[0]!.resolve();
  await until(() => lease.opened === 1 || lease.proofs.length > 1);
  gate.close();
});
