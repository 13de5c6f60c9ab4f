import assert from "node:assert/strict";
import { type Candidate, decideAssignment, Evidence } from "../../actors/assignment/mod.ts";
import { attemptFact } from "../../tests/attempt_facts.ts";
import type { Offer } from "../agents/mod.ts";
import { recordsOf } from "./agent_records.ts";

const CAPABILITY = "code.measure";
const BAD = "bad@1.0.0";
const GOOD = "good@1.0.0";
const LAST = 1_000_000;

/** The bad one failed 40 times in a row; others did well, once a second. */
function evidenceOf(...others: string[]): Evidence {
  const evidence = new Evidence();
  for (let task = 0; task < 40; task++) {
    const finishedAt = LAST - (39 - task) * 1_000;
    const about = { runId: `r${task}`, startedAt: finishedAt - 100, finishedAt };
    evidence.add(attemptFact({ ...about, agent: BAD, outcome: "failed" }));
    for (const agent of others) evidence.add(attemptFact({ ...about, agent }));
  }
  return evidence;
}

function recordAt(at: number, evidence: Evidence, offering: string[]) {
  const offers = offering.map((ref) => ({ agent: { ref, status: "ready" } }) as unknown as Offer);
  const [record] = recordsOf(
    { id: BAD, costUsd: 0 },
    [{ capability: CAPABILITY, isA: [], partOf: [] }],
    {
      roster: { offering: () => offers },
      tenant: null,
      read: (id, capability) => evidence.record(id, capability, at),
      own: [],
    },
  );
  return record!;
}

function chosenAt(at: number, evidence: Evidence, agents: string[]): string | null {
  const candidates = agents.map((agent): Candidate => ({
    ...{ id: agent, agent, costUsd: 0 },
    ...{ load: 0, places: 1, free: 1 },
  }));
  const query = { capability: CAPABILITY, text: "", seed: "s", at, candidates };
  return decideAssignment({ ...query, prefer: "balanced" }, evidence).chosen?.agent ?? null;
}

Deno.test("findStandIns() finds nobody for an agent that is alone: its time is that of the decision", () => {
  const evidence = evidenceOf();
  const { breaker, retryAt, standIns } = recordAt(LAST, evidence, [BAD]);
  assert.deepEqual([breaker, standIns], ["open", []]);
  const at = Date.parse(retryAt!);
  assert.equal(chosenAt(at - 1, evidence, [BAD]), null);
  assert.equal(chosenAt(at, evidence, [BAD]), BAD);
});

Deno.test("findStandIns() names who can take its tasks, and none that failed as often", () => {
  const evidence = evidenceOf(GOOD);
  const { breaker, retryAt, standIns } = recordAt(LAST, evidence, [BAD, GOOD]);
  assert.deepEqual([breaker, standIns], ["open", [GOOD]]);
  const alone = recordAt(LAST, evidence, [BAD]).retryAt!;
  assert.ok(Date.parse(alone) < Date.parse(retryAt!));
  assert.equal(chosenAt(Date.parse(retryAt!) - 1, evidence, [BAD, GOOD]), GOOD);
  assert.equal(recordAt(LAST, evidence, [GOOD]).standIns.length, 1);
  assert.deepEqual(recordAt(LAST, evidenceOf(), [BAD]).standIns, []);
});
