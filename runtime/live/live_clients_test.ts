import assert from "node:assert/strict";
import { LiveClients } from "./live_clients.ts";

Deno.test("enter() counts who is there, however often they leave", () => {
  const clients = new LiveClients();
  const leave = clients.enter("sse");
  clients.enter("sse");
  clients.enter("webSocket");
  leave();
  leave();
  assert.deepEqual({ ...clients }, { sse: 1, webSocket: 1, dropped: 0 });
});
