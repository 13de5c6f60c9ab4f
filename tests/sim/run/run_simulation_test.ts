import assert from "node:assert/strict";
import type { RunEvent } from "../../../workflows/mod.ts";
import { simulateRun } from "./run_simulation.ts";

Deno.test("simulation: runs keep their promises over 600 seeds with crashes and users", () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 600; seed++) {
    for (const event of simulateRun(seed, { crashes: seed % 3 > 0, users: seed % 2 > 0 })) {
      seen.add(event.type);
    }
  }
  for (
    const type of [
      "AttemptFailed",
      "TaskRepeated",
      "TaskWaiting",
      "RunCancelled",
      "RunPaused",
      "AssignmentDeferred",
      "TaskFellBack",
      "AuctionClosed",
      "ContestSettled",
    ]
  ) {
    assert.ok(seen.has(type), `no seed led to ${type}`);
  }
});

Deno.test("simulation: the same seed gives the same events", () => {
  const options = { crashes: true, users: true };
  assert.deepEqual(simulateRun(77, options), simulateRun(77, options));
});

/** Defects that the checkers must see: each changes the journal that a crash leaves. */
const DEFECTS: Record<string, (events: RunEvent[]) => RunEvent[]> = {
  "a result is forgotten": (events) => {
    const at = events.findLastIndex((event) => event.type === "TaskCompleted");
    return at < 0 ? events : events.toSpliced(at, 1);
  },
  "a result is recorded twice": (events) => {
    const found = events.findLast((event) => event.type === "TaskCompleted");
    return found === undefined ? events : [...events, found];
  },
  "a contest is settled twice": (events) => {
    const found = events.findLast((event) => event.type === "ContestSettled");
    return found === undefined ? events : [...events, found];
  },
  "bids are forgotten": (events) => {
    const at = events.findLastIndex((event) => event.type === "AuctionClosed");
    return at < 0 ? events : events.toSpliced(at, 1);
  },
  "an attempt is started twice": (events) => {
    const found = events.findLast((event) => event.type === "AttemptStarted");
    return found === undefined ? events : [...events, found];
  },
};

for (const [name, corrupt] of Object.entries(DEFECTS)) {
  Deno.test(`simulation: the checkers see that ${name}`, () => {
    let caught = 0;
    for (let seed = 1; seed <= 60 && caught === 0; seed++) {
      try {
        simulateRun(seed, { crashes: true, users: false, corrupt });
      } catch {
        caught = seed;
      }
    }
    assert.notEqual(caught, 0, "60 seeds did not show the defect");
  });
}
