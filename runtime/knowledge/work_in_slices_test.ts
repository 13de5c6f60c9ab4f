import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { WorkInSlices } from "./work_in_slices.ts";

/** Work of `steps` steps of half a millisecond. */
function* spin<Piece>(steps: number, piece: Piece, onEnd = () => {}): Generator<Piece, number> {
  try {
    for (let at = 0; at < steps; at++) {
      const until = performance.now() + 0.5;
      while (performance.now() < until);
      yield piece;
    }
    return steps;
  } finally {
    onEnd();
  }
}

/** How many turns of the event loop others got during `work`, and the longest time to one. */
async function turnsDuring(work: Promise<unknown>): Promise<{ turns: number; longestMs: number }> {
  let isOver = false;
  work.finally(() => isOver = true).catch(() => {});
  let [turns, longestMs, lastAt] = [0, 0, performance.now()];
  while (!isOver) {
    await sleep(0);
    const now = performance.now();
    longestMs = Math.max(longestMs, now - lastAt);
    lastAt = now;
    turns++;
  }
  return { turns, longestMs };
}

Deno.test("finish() lets others have their turn, however much is under way", async () => {
  const slices = new WorkInSlices();
  const works = Array.from({ length: 4 }, () => slices.finish(spin(200, undefined)));
  // Four times 100 ms in slices of 5 ms; done in one go nobody would get a turn.
  const { turns } = await turnsDuring(Promise.all(works));
  assert.ok(turns >= 20, `${turns}`);
  assert.deepEqual(await Promise.all(works), [200, 200, 200, 200]);
});

Deno.test("finish() ends the work when the signal says so, and when it throws", async () => {
  const slices = new WorkInSlices();
  const leave = new AbortController();
  let ended = 0;
  const work = slices.finish(spin(1e9, undefined, () => ended++), { signal: leave.signal });
  await sleep(20);
  leave.abort(new Error("gone"));
  await assert.rejects(work, /gone/);
  assert.equal(ended, 1);
  const broken = function* (): Generator<void, void> {
    yield;
    throw new Error("broken");
  };
  await assert.rejects(slices.finish(broken()), /broken/);
  assert.equal(await slices.finish(spin(3, undefined)), 3);
});

Deno.test("stream() is the text of all pieces, whatever their size", async () => {
  const slices = new WorkInSlices();
  const pieces = ["", "ä€😀", "x".repeat(200_000), "", "end"];
  let ends = 0;
  const stream = slices.stream(
    (function* () {
      yield* pieces;
    })(),
    { onEnd: () => ends++ },
  );
  assert.equal(await new Response(stream).text(), pieces.join(""));
  assert.equal(ends, 1);
});

Deno.test("stream() makes no more than is read, and ends when nobody reads on", async () => {
  const slices = new WorkInSlices();
  let made = 0;
  let ends = 0;
  const endless = function* (): Generator<string> {
    for (;;) {
      made++;
      yield "x".repeat(1_024);
    }
  };
  const left = slices.stream(endless(), { onEnd: () => ends++ }).getReader();
  await sleep(20);
  assert.equal(made, 0);
  await left.read();
  await sleep(20);
  assert.equal(made, 64);
  await left.cancel();
  assert.equal(ends, 1);
  const stalled = slices.stream(endless(), { onEnd: () => ends++, stallMs: 30 }).getReader();
  await stalled.read();
  while (ends < 2) await sleep(5);
  await assert.rejects(stalled.read(), { name: "TimeoutError" });
});

Deno.test("stream() is over when its reader cancels while it is handed a chunk", async () => {
  let ends = 0;
  const pieces = spin(1e9, "x".repeat(65_536), () => ends++);
  const reader = new WorkInSlices().stream(pieces).getReader();
  // A server whose client has left cancels inside enqueue(). So does the look at `then` with which
  // a chunk settles the promise of read(). A timer that was set afterwards would be a leak.
  let cancelled: Promise<void> | undefined;
  Object.defineProperty(Object.prototype, "then", {
    configurable: true,
    get(this: object) {
      if (cancelled === undefined && "done" in this) cancelled = reader.cancel();
      return undefined;
    },
  });
  try {
    await reader.read();
  } finally {
    delete (Object.prototype as { then?: unknown }).then;
  }
  await cancelled!;
  assert.equal(ends, 1);
});

Deno.test("stream() hands on what goes wrong", async () => {
  let ends = 0;
  const broken = function* (): Generator<string> {
    yield "a";
    throw new Error("broken");
  };
  const stream = new WorkInSlices().stream(broken(), { onEnd: () => ends++ });
  await assert.rejects(new Response(stream).text(), /broken/);
  assert.equal(ends, 1);
});
