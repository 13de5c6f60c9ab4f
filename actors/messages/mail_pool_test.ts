import assert from "node:assert/strict";
import fc from "fast-check";
import { Mailbox } from "./mailbox.ts";
import { MailPool } from "./mail_pool.ts";

Deno.test("fits() bounds each sender over all mailboxes, and no other", () => {
  const pool = new MailPool(1_000);
  assert.ok(pool.fits("greedy", 872) && !pool.fits("greedy", 873));
  pool.add("greedy", 500);
  assert.ok(pool.fits("greedy", 244) && !pool.fits("greedy", 245));
  assert.ok(pool.fits("modest", 872));
  pool.remove("greedy", 500);
  assert.ok(pool.fits("greedy", 872));
  assert.ok(pool.fits("external", 1e9));
});

Deno.test("mailboxes give back to the pool whatever way a message leaves", () => {
  const step = fc.oneof(
    fc.record({ to: fc.nat(2), chars: fc.nat(300), ttl: fc.option(fc.nat(5)) }),
    fc.record({ takeFrom: fc.nat(2), limit: fc.nat(5), putBack: fc.boolean() }),
    fc.record({ drain: fc.nat(2) }),
    fc.record({ expire: fc.nat(2) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
    const pool = new MailPool(2_000);
    const boxes = [0, 1, 2].map(() =>
      new Mailbox<{ lane: "normal"; chars: number; expiresAt: number | null; share: string }>(
        { messagesMax: 20, charsMax: 1_500 },
        pool,
      )
    );
    for (const [now, one] of steps.entries()) {
      if ("to" in one) {
        const expiresAt = one.ttl === null ? null : now + one.ttl;
        boxes[one.to]!.offer({ lane: "normal", chars: one.chars, expiresAt, share: "a" }, now);
      } else if ("takeFrom" in one) {
        const { messages } = boxes[one.takeFrom]!.take(now, one.limit);
        if (one.putBack) boxes[one.takeFrom]!.putBack(messages);
      } else if ("drain" in one) boxes[one.drain]!.drain();
      else boxes[one.expire]!.takeExpired(now);
      const waiting = boxes.reduce((sum, box) => sum + box.chars + 128 * box.size, 0);
      // `Math.max`: what was put back may exceed the bound.
      const room = Math.max(-1, 2_000 - waiting - 128);
      assert.ok(room < 0 ? !pool.fits("a", 0) : pool.fits("a", room) && !pool.fits("a", room + 1));
    }
    for (const box of boxes) box.drain();
    assert.ok(pool.fits("a", 2_000 - 128));
  }));
});
