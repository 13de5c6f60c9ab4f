import assert from "node:assert/strict";
import { LiveClients } from "./live_clients.ts";

const ANN = { id: "ann" };
const BOB = { id: "bob" };

Deno.test("enter() counts who is there, however often they leave", () => {
  const clients = new LiveClients();
  const leave = clients.enter("sse", ANN);
  clients.enter("sse", ANN);
  clients.enter("webSocket", BOB);
  leave();
  leave();
  assert.deepEqual({ ...clients }, { sse: 1, webSocket: 1, dropped: 0 });
});

Deno.test("enter() refuses whoever has too many streams, and nobody else", () => {
  const clients = new LiveClients({ streamsMax: 2 });
  const leave = clients.enter("sse", ANN);
  clients.enter("webSocket", ANN);
  for (const kind of ["sse", "webSocket"] as const) {
    assert.throws(() => clients.enter(kind, ANN), {
      code: "TOO_MANY_STREAMS",
      retryAfterMs: 5_000,
    });
  }
  clients.enter("sse", BOB);
  assert.deepEqual({ ...clients }, { sse: 2, webSocket: 1, dropped: 0 });
  leave();
  leave();
  clients.enter("sse", ANN);
  assert.throws(() => clients.enter("sse", ANN), { code: "TOO_MANY_STREAMS" });
});
