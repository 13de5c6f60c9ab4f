import assert from "node:assert/strict";
import type { RunEvent } from "../../workflows/mod.ts";
import { LineLog } from "./line_log.ts";

const AT = new Date(2026, 0, 1, 12, 1, 2).getTime();

function tellAll(events: RunEvent[]): string[] {
  const log = new LineLog();
  return events.flatMap((event) => log.tell(event));
}

Deno.test("LineLog tells one line a state change", () => {
  const error = { code: "CRASHED", message: "Worker ended" };
  const lines = tellAll([
    { type: "TaskScheduled", at: AT, task: "list" },
    { type: "AttemptStarted", at: AT, task: "list", attempt: 1, agent: "walker" },
    { type: "AttemptFailed", at: AT, task: "list", attempt: 1, error, retryAt: AT + 200 },
    { type: "AttemptStarted", at: AT + 200, task: "list", attempt: 2, agent: "walker" },
    { type: "TaskCompleted", at: AT + 1_400, task: "list", output: null },
    { type: "TaskFailed", at: AT, task: "m", index: 3, error },
    {
      type: "PermissionDenied",
      at: AT,
      task: "m",
      index: 3,
      attempt: 1,
      permission: "read",
      value: "/etc",
    },
    {
      type: "PermissionDenied",
      at: AT,
      task: "good",
      attempt: 1,
      permission: "read",
      value: "/etc/shadow",
      among: 3,
    },
    { type: "RunCompleted", at: AT + 1_500, output: null },
  ]);
  assert.deepEqual(lines, [
    "12:01:02 list running (agent walker)",
    "12:01:02 list attempt 1 failed: CRASHED Worker ended, again in 200ms",
    "12:01:02 list running (agent walker, attempt 2)",
    "12:01:03 list completed (agent walker, 1.2s)",
    "12:01:02 m[3] failed: CRASHED Worker ended",
    "12:01:02 m[3] was denied read of /etc",
    "12:01:02 good or another of 3 attempts in its worker was denied read of /etc/shadow",
    "12:01:03 run completed",
  ]);
});

Deno.test("LineLog sums up a large forEach: a line a second, the first failures, and the end", () => {
  const count = 10_000;
  const events: RunEvent[] = [{ type: "TaskExpanded", at: AT, task: "m", count }];
  for (let index = 0; index < count; index++) {
    const at = AT + index;
    events.push({ type: "AttemptStarted", at, task: "m", index, attempt: 1, agent: "a" });
    const error = { code: "FAILED", message: "m" };
    if (index % 100 === 0) events.push({ type: "TaskFailed", at, task: "m", index, error });
    else events.push({ type: "TaskCompleted", at, task: "m", index, output: null });
  }
  const lines = tellAll(events);
  assert.ok(lines.length < 30, `${lines.length} lines`);
  assert.equal(lines.filter((line) => line.includes("FAILED")).length, 10);
  assert.match(lines.at(-1)!, /m 10000\/10000 done, 100 failed$/);
});

Deno.test("LineLog counts no contenders among the items of a large forEach", () => {
  const count = 60;
  const events: RunEvent[] = [{ type: "TaskExpanded", at: AT, task: "m", count }];
  for (let index = 0; index < count; index++) {
    const first = count + 2 * index;
    events.push({ type: "ContestOpened", at: AT, task: "m", index, way: "vote", first, of: 2 });
    for (const contender of [first, first + 1]) {
      events.push({ type: "TaskCompleted", at: AT, task: "m", index: contender, output: 1 });
    }
    events.push({ type: "TaskCompleted", at: AT, task: "m", index, output: 1 });
  }
  assert.deepEqual(tellAll(events).map((line) => line.slice(9)), [
    "m has 60 items",
    "m 60/60 done",
  ]);
});

Deno.test("LineLog strips control characters from what an agent said", () => {
  const error = { code: "FAILED", message: "\x1b[2Ja\nb".repeat(100_000) };
  const [line] = tellAll([{ type: "TaskFailed", at: AT, task: "t", error }]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(line!, /[\u0000-\u001f]/);
  assert.ok(line!.length < 5_000);
});
