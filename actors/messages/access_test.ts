import assert from "node:assert/strict";
import { decideAccess } from "./access.ts";

const REQUEST = { from: "actor://walker/main", type: "count" };

Deno.test("decideAccess() lets pass what no rule forbids", () => {
  for (
    const rule of [
      undefined,
      {},
      { from: ["actor://walker/*"] },
      { messages: ["stop", "count"] },
      { from: ["external", "actor://*/*"], messages: ["count"] },
    ]
  ) assert.equal(decideAccess(rule, REQUEST), null, JSON.stringify(rule));
});

Deno.test("decideAccess() names sender, message and rule of what it denies", () => {
  const sender = decideAccess({ from: ["actor://team/*", "external"] }, REQUEST);
  assert.equal(sender?.code, "ACCESS_DENIED");
  assert.equal(
    sender.message,
    'Cannot deliver message "count" from "actor://walker/main": ' +
      'accepted senders are "actor://team/*", "external"',
  );
  assert.deepEqual(sender.details, {
    from: "actor://walker/main",
    type: "count",
    accepted: { senders: ["actor://team/*", "external"] },
  });
  const message = decideAccess({ from: ["actor://walker"], messages: ["stop"] }, REQUEST);
  assert.match(message?.message ?? "", /accepted messages are "stop"$/);
});

Deno.test("decideAccess() lets nobody pass an empty list", () => {
  assert.match(decideAccess({ from: [] }, REQUEST)?.message ?? "", /accepted senders are none$/);
  assert.match(decideAccess({ messages: [] }, REQUEST)?.message ?? "", /messages are none$/);
});

Deno.test("decideAccess() does not take external for an actor", () => {
  const external = { from: "external", type: "count" };
  assert.equal(decideAccess({ from: ["actor://*/*", "actor://*"] }, external)?.retryable, false);
  assert.equal(decideAccess({ from: ["external"] }, external), null);
});
