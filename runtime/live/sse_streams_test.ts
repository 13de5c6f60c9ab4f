import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ListenerTurns } from "./listener_turns.ts";
import { LiveFrame } from "./live_frame.ts";
import { LiveStream } from "./live_stream.ts";
import { type SseOptions, SseStreams } from "./sse_streams.ts";

const drain = new AbortController().signal;

function streamOf(frames: readonly LiveFrame[], onEnd?: () => void): LiveStream {
  return new LiveStream({ drain }, async function* (signal) {
    yield* frames;
    if (onEnd !== undefined) await until(signal);
  }, onEnd);
}

function newStreams(options: Partial<SseOptions> = {}): SseStreams {
  return new SseStreams({ turns: new ListenerTurns(), ...options });
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

Deno.test("SseStreams.respond() frames ids, types and data, a line break at a time", async () => {
  const response = newStreams().respond(streamOf([
    new LiveFrame("event", "3.1", '{"a":1}'),
    new LiveFrame("log", null, "one\ntwo\r\nthree\rfour"),
  ]));
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(
    await response.text(),
    "retry: 1000\n\n" +
      'id: 3.1\nevent: event\ndata: {"a":1}\n\n' +
      "event: log\ndata: one\ndata: two\ndata: three\ndata: four\n\n",
  );
});

Deno.test("SseStreams.body() sends heartbeats to who waits", async () => {
  const body = newStreams({ heartbeatMs: 5 }).body(streamOf([], () => {}));
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "retry: 1000\n\n");
  assert.equal((await reader.read()).value, ":\n\n");
  assert.equal((await reader.read()).value, ":\n\n");
  await reader.cancel();
});

Deno.test("SseStreams.body() ends the stream when the client goes, and when it takes nothing", async () => {
  let ended = 0;
  const gone = newStreams().body(streamOf([], () => ended++));
  await gone.cancel();
  assert.ok(ended > 0);
  ended = 0;
  const frames = Array.from({ length: 100 }, () => new LiveFrame("log", null, "x"));
  let stalls = 0;
  const onStall = () => void stalls++;
  const stalled = newStreams({ stallMs: 30, onStall }).body(streamOf(frames, () => ended++));
  await sleep(100);
  assert.ok(ended > 0);
  await assert.rejects(new Response(stalled).text(), /took nothing/);
  assert.equal(stalls, 1);
});

Deno.test("SseStreams serves all with one timer, and none when nobody listens", async () => {
  const { setInterval, clearInterval } = globalThis;
  const timers = new Set<unknown>();
  let begun = 0;
  globalThis.setInterval = ((...args: Parameters<typeof setInterval>) => {
    const timer = setInterval(...args);
    timers.add(timer);
    begun++;
    return timer;
  }) as typeof setInterval;
  globalThis.clearInterval = (timer) => {
    timers.delete(timer);
    clearInterval(timer);
  };
  try {
    const streams = newStreams({ heartbeatMs: 10 });
    const bodies = Array.from({ length: 100 }, () => streams.body(streamOf([], () => {})));
    assert.equal(timers.size, 1);
    // Each of them gets its opening and a comment.
    const readers = bodies.map((body) => body.getReader());
    for (const reader of readers) for (let n = 0; n < 2; n++) await reader.read();
    for (const reader of readers) await reader.cancel();
    assert.equal(timers.size, 0);
    assert.equal(begun, 1);
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval });
  }
});

Deno.test("SseStreams.body() sends heartbeats only when nothing else was sent", async () => {
  const heartbeatMs = 60;
  const stream = new LiveStream({ drain }, async function* () {
    for (let n = 0; n < 40; n++) {
      await sleep(10);
      yield new LiveFrame("log", null, String(n));
    }
  });
  const body = newStreams({ heartbeatMs }).body(stream).pipeThrough(new TextDecoderStream());
  let frames = 0;
  let cameAt = performance.now();
  for await (const text of body) {
    const quietMs = performance.now() - cameAt;
    cameAt = performance.now();
    if (text.startsWith("event")) frames++;
    // A busy machine may be late with frames: then a comment is right.
    if (text.startsWith(":")) assert.ok(quietMs > heartbeatMs / 2, `after ${quietMs} ms`);
  }
  assert.equal(frames, 40);
});
