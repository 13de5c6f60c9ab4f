import assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../../core/json.ts";
import type { AssignmentRequest } from "../../workflows/mod.ts";
import type { PoolAgent } from "./candidate_pool.ts";
import { Candidates } from "./candidates.ts";

const NAMES = ["a", "b", "c", "d"];

const takesAll = () => true;
const takesEven = (input: Json) => typeof input === "number" && input % 2 === 0;

const AGENTS = NAMES.map((agent, nth): PoolAgent => ({
  agent,
  id: agent,
  codeHash: "",
  as: null,
  costUsd: nth,
  places: 2,
  bids: false,
  excluded: agent === "d" ? "DENIED" : null,
  isLost: () => false,
  check: () => agent === "b" ? takesEven : takesAll,
}));

function requestOf(more: Partial<AssignmentRequest>): AssignmentRequest {
  return {
    runId: "run",
    workflow: "audit",
    tenant: null,
    task: "measure",
    index: 0,
    attempt: 1,
    at: 0,
    waitedMs: 0,
    capability: "measure",
    input: null,
    spec: { waitMs: 0 },
    own: [],
    failed: new Map(),
    taken: new Set(),
    free: () => 2,
    ...more,
  };
}

Deno.test("Candidates says of each task in a turn what it would say if it were the first", () => {
  const anyTask = fc.record({
    input: fc.integer({ min: 0, max: 3 }),
    starts: fc.array(fc.constantFrom(...NAMES, "other"), { maxLength: 2 }),
    isNewTurn: fc.boolean(),
    taken: fc.constantFrom<string[]>([], [], [], ["a"]),
    bids: fc.constantFrom<undefined | string[]>(undefined, undefined, undefined, ["c"]),
  });
  fc.assert(fc.property(fc.array(anyTask, { maxLength: 20 }), (tasks) => {
    const kept = new Candidates(AGENTS);
    let places = new Map<string, number>();
    let given: string[] = [];
    for (const task of tasks) {
      if (task.isNewTurn) [given, places] = [[], new Map()];
      for (const agent of task.starts) {
        places.set(agent, (places.get(agent) ?? 2) - 1);
        given.push(agent);
      }
      const bids = task.bids?.map((agent) => ({ agent, costUsd: 9, success: 1, latencyMs: 1 }));
      const free = (agent: string) => places.get(agent) ?? 2;
      const taken = new Set(task.taken);
      const request = requestOf({ input: task.input, taken, free, given, bids });
      assert.deepEqual(kept.of(request), new Candidates(AGENTS).of(request));
    }
  }));
});

Deno.test("Candidates gives the same object for an agent of which nothing has changed", () => {
  const candidates = new Candidates(AGENTS);
  const given = ["b"];
  const first = [...candidates.of(requestOf({ given: [] }))];
  const free = (agent: string) => agent === "b" ? 1 : 2;
  const next = candidates.of(requestOf({ given, free }));
  assert.deepEqual(next.map((one, nth) => one === first[nth]), [true, false, true, true]);
});
