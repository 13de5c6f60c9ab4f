import assert from "node:assert/strict";
import type { ErrorData } from "../../core/errors.ts";
import { Asks } from "./asks.ts";
import type { Ask } from "./letter.ts";

function setUp(): { asks: Asks; over: [string, string][] } {
  const over: [string, string][] = [];
  const asks = new Asks(Date.now, (ask, error: ErrorData) => {
    over.push([ask.to, error.code]);
    asks.close(ask);
  });
  return { asks, over };
}

function askOf(to: string, inMs: number): Ask {
  return {
    from: null,
    to,
    deadlineAt: Date.now() + inMs,
    flight: null,
    answerChars: 0,
    isOver: false,
    answer() {},
  };
}

const STOPPED = { code: "SYSTEM_STOPPED", message: "The actor system has stopped" };

async function until(condition: () => boolean): Promise<void> {
  const endsAt = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < endsAt, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("Asks ends each ask at its time, the earlier first, also when it came later", async () => {
  const { asks, over } = setUp();
  asks.open(askOf("late", 250));
  asks.open(askOf("soon", 30));
  await until(() => over.length === 1);
  assert.deepEqual(over, [["soon", "TIMEOUT"]]);
  await until(() => over.length === 2);
  assert.deepEqual(over[1], ["late", "TIMEOUT"]);
  asks.stop(STOPPED);
});

Deno.test("Asks says nothing of an ask that was answered", async () => {
  const { asks, over } = setUp();
  const answered = askOf("answered", 30);
  asks.open(answered);
  asks.open(askOf("other", 60));
  asks.close(answered);
  assert.equal(answered.isOver, true);
  await until(() => over.length > 0);
  assert.deepEqual(over, [["other", "TIMEOUT"]]);
  asks.stop(STOPPED);
});

Deno.test("Asks tells all that wait when it stops, and leaves no timer behind", () => {
  const { asks, over } = setUp();
  asks.open(askOf("a", 10_000));
  asks.open(askOf("b", 20_000));
  asks.stop(STOPPED);
  assert.deepEqual(over, [["a", "SYSTEM_STOPPED"], ["b", "SYSTEM_STOPPED"]]);
  // Refused at once by whoever opens it; the sanitizers see a timer that is left.
  const late = askOf("late", 10_000);
  asks.open(late);
  asks.close(late);
});
