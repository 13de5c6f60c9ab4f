import assert from "node:assert/strict";
import type { BusDefect } from "./bus_node.ts";
import { simulateBus } from "./simulate_bus.ts";

Deno.test("simulation: durable delivery keeps its promises over 200 seeds of faults", () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 200; seed++) {
    for (const [type, count] of simulateBus(seed, { crashes: seed % 4 > 0 }).counts) {
      counts.set(type, (counts.get(type) ?? 0) + count);
    }
  }
  for (
    const type of [
      ...["MessagesAccepted", "MessagesHandled", "MessageRetried", "MessageDeadLettered"],
      ...["DeadLetterReplayed", "DeadLetterDropped", "MessagesCarried"],
    ]
  ) {
    assert.ok(counts.has(type), `no seed led to ${type}`);
  }
});

Deno.test("simulation: the same seed gives the same trace of durable delivery", () => {
  const { trace } = simulateBus(77, { crashes: true });
  assert.ok(trace.length > 50);
  assert.deepEqual(simulateBus(77, { crashes: true }).trace, trace);
  assert.notDeepEqual(simulateBus(78, { crashes: true }).trace, trace);
});

/** What the checkers must see. */
const DEFECTS: BusDefect[] = [
  "no dedupe",
  "ack before commit",
  "duplicate acknowledged before commit",
  "handed out before commit",
  "trimmed before commit",
  "low water off by one",
  "pending lost at recovery",
  "retry put at the end",
  "retry overtaken",
  "carried before, written after",
  "kill not counted",
  "bystander blamed",
  "cause forgotten on retry",
  "stale answer counted",
];

for (const defect of DEFECTS) {
  Deno.test(`simulation: the checkers see "${defect}"`, () => {
    let caught = 0;
    for (let seed = 1; seed <= 100 && caught === 0; seed++) {
      try {
        simulateBus(seed, { crashes: true, defect });
      } catch (error) {
        assert.equal((error as Error).name, "AssertionError", String(error));
        caught = seed;
      }
    }
    assert.notEqual(caught, 0, "100 seeds did not show the defect");
  });
}
