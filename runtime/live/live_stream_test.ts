import assert from "node:assert/strict";
import { LiveFrame } from "./live_frame.ts";
import { ListenerTurns } from "./listener_turns.ts";
import { LiveStream } from "./live_stream.ts";
import { SseStreams } from "./sse_streams.ts";

const drain = new AbortController().signal;
const FRAME = new LiveFrame("log", null, "x");

/** A stream that never ends by itself, and tells when what feeds it was let go of. */
function endless(): { stream: LiveStream; ended: Promise<void> } {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const stream = new LiveStream({ drain }, async function* () {
    try {
      for (;;) yield FRAME;
    } finally {
      resolve();
    }
  });
  return { stream, ended };
}

Deno.test("LiveStream.close() lets go of what feeds it, though nobody takes the next frame", async () => {
  const { stream, ended } = endless();
  assert.equal((await stream[Symbol.asyncIterator]().next()).value, FRAME);
  stream.close();
  await ended;
});

Deno.test("LiveStream lets go of what feeds it when a client goes amid a flow", async () => {
  const { stream, ended } = endless();
  const reader = new SseStreams({ turns: new ListenerTurns() }).body(stream).getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  await ended;
});
