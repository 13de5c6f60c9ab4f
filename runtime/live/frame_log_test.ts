import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FrameLog } from "./frame_log.ts";
import { ListenerTurns } from "./listener_turns.ts";

const LIMITS = { entriesMax: 3, charsMax: 100 };

function newLog(): FrameLog<string> {
  return new FrameLog<string>({ limits: LIMITS, turns: new ListenerTurns() });
}

/** Whether the promise has settled. */
async function isSettled(promise: Promise<void>): Promise<boolean> {
  let has = false;
  promise.then(() => has = true);
  await nextTurn();
  return has;
}

Deno.test("FrameLogReader.changed() waits for an entry, the log's end, or the signal", async () => {
  const log = newLog();
  const gone = new AbortController();
  using reader = log.reader(gone.signal);
  const first = reader.changed(0);
  assert.equal(await isSettled(first), false);
  log.push("a", 1);
  assert.equal(await isSettled(first), true);
  assert.equal(log.at(0), "a");
  // It is there already.
  assert.equal(await isSettled(reader.changed(0)), true);
  const second = reader.changed(1);
  gone.abort();
  assert.equal(await isSettled(second), true);
  assert.equal(await isSettled(reader.changed(1)), true);
  using other = log.reader(new AbortController().signal);
  const third = other.changed(1);
  assert.equal(await isSettled(third), false);
  log.close();
  assert.equal(await isSettled(third), true);
});

Deno.test("FrameLogReader listens to its signal once, and no longer when it is disposed of", async () => {
  const log = newLog();
  const { signal } = new AbortController();
  let listens = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listens++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listens--, remove(...args));
  {
    using reader = log.reader(signal);
    for (let index = 0; index < 5; index++) {
      const changed = reader.changed(index);
      log.push("x", 1);
      await changed;
      assert.equal(listens, 1);
    }
  }
  assert.equal(listens, 0);
});

Deno.test("FrameLog wakes many readers a few at a time", async () => {
  const log = newLog();
  const { signal } = new AbortController();
  let woken = 0;
  const all = Array.from({ length: 200 }, async () => {
    using reader = log.reader(signal);
    await reader.changed(0);
    woken++;
  });
  log.push("x", 1);
  await Promise.resolve();
  await Promise.resolve();
  assert.ok(woken > 0 && woken < 50, `${woken} were woken at once`);
  await Promise.all(all);
  assert.equal(woken, 200);
});
