import assert from "node:assert/strict";
import { type DeliveryEvent, lowWater, viewDelivery } from "../../actors/delivery/mod.ts";
import { fold } from "../../actors/delivery/mod.ts";
import { messageOf } from "../../tests/delivery_kit.ts";
import { openMemoryActorStore } from "../store/mod.ts";
import { recoverMail } from "./recover_mail.ts";

const HOLDER = { nodeId: "n", host: "h", pid: 1, processStart: "0" };

Deno.test("recoverMail() begins a fresh log at the segment that is written first", async () => {
  const store = openMemoryActorStore<DeliveryEvent>();
  await store.claimSystem("s", HOLDER, null);
  const { state, nextSegment } = await recoverMail(store, "s", {});
  assert.equal(nextSegment, 1);
  assert.equal(lowWater(state, 0), 1);
});

Deno.test("recoverMail() folds the log, and goes on behind it", async () => {
  const store = openMemoryActorStore<DeliveryEvent>();
  const fence = await store.claimSystem("s", HOLDER, null);
  const events: DeliveryEvent[] = [
    { type: "MessagesAccepted", at: 5, firstSeq: 1, messages: [messageOf("a"), messageOf("b")] },
    { type: "MessagesHandled", at: 6, seqs: [1] },
  ];
  for (const event of events) await store.commit(fence, { units: [{ log: [event] }] });
  const { state, nextSegment } = await recoverMail(store, "s", {});
  assert.equal(nextSegment, 3);
  const log = [{ segment: 1, events: [events[0]!] }, { segment: 2, events: [events[1]!] }];
  assert.deepEqual(viewDelivery(state, 7), viewDelivery(fold(log), 7));
  assert.equal(state.pending.size, 1);
});
