import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LiveFrame } from "./live_frame.ts";
import { LiveStream } from "./live_stream.ts";
import { sseBody, toSse } from "./to_sse.ts";

const drain = new AbortController().signal;

function streamOf(frames: readonly LiveFrame[], onEnd?: () => void): LiveStream {
  return new LiveStream({ drain }, async function* (signal) {
    yield* frames;
    if (onEnd !== undefined) await until(signal);
  }, onEnd);
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

Deno.test("toSse() frames ids, types and data, a line break at a time", async () => {
  const response = toSse(streamOf([
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

Deno.test("sseBody() sends heartbeats to who waits", async () => {
  const body = sseBody(streamOf([], () => {}), { heartbeatMs: 5 });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "retry: 1000\n\n");
  assert.equal((await reader.read()).value, ":\n\n");
  assert.equal((await reader.read()).value, ":\n\n");
  await reader.cancel();
});

Deno.test("sseBody() ends the stream when the client goes, and when it takes nothing", async () => {
  let ended = 0;
  const gone = sseBody(streamOf([], () => ended++));
  await gone.cancel();
  assert.ok(ended > 0);
  ended = 0;
  const frames = Array.from({ length: 100 }, () => new LiveFrame("log", null, "x"));
  let stalls = 0;
  const onStall = () => void stalls++;
  const stalled = sseBody(streamOf(frames, () => ended++), { stallMs: 30, onStall });
  await sleep(100);
  assert.ok(ended > 0);
  await assert.rejects(new Response(stalled).text(), /took nothing/);
  assert.equal(stalls, 1);
});
