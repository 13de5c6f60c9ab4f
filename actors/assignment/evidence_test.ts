import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttemptFact } from "../../core/assignment.ts";
import { attemptFact } from "../../tests/attempt_facts.ts";
import { Evidence } from "./evidence.ts";

const AT = 1_000_000;

function fact(number: number, more: Partial<AttemptFact> = {}): AttemptFact {
  return attemptFact({
    ...{ runId: `run-${number}`, agent: "a", inputHash: null, costUsd: 0.001 },
    text: number % 3 === 0 ? "parse tokens" : "pay invoices",
    ...{ startedAt: number * 10, finishedAt: number * 10 + 5 },
    outcome: number % 4 === 0 ? "failed" : "completed",
    ...more,
  });
}

Deno.test("Evidence is the same whatever the order of its facts", () => {
  const agents = ["a", "b", "__proto__"];
  const some = Array.from({ length: 150 }, (_, i) =>
    fact(i, {
      agent: agents[i % 3]!,
      capability: i % 7 === 0 ? "code.read" : "code.measure",
    }));
  const inOrder = new Evidence();
  for (const one of some) inOrder.add(one);
  const all = fc.shuffledSubarray(some, { minLength: some.length });
  fc.assert(
    fc.property(all, fc.nat(some.length), (shuffled, asked) => {
      const evidence = new Evidence();
      shuffled.forEach((one, i) => {
        evidence.add(one);
        // Asked in between, so that what is kept must be made anew.
        if (i === asked) evidence.record("a", "code.measure", AT);
      });
      for (const agent of agents) {
        for (const capability of ["code.measure", "code.read"]) {
          assert.deepEqual(
            evidence.record(agent, capability, AT),
            inOrder.record(agent, capability, AT),
          );
        }
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("Evidence knows how many agents share the work whatever the order of its facts", () => {
  // The work changes hands, and three end at once.
  const some = Array.from({ length: 700 }, (_, i) => {
    const agent = i < 300 ? "a" : `b${i % (i < 500 ? 3 : 7)}`;
    return fact(i, { agent, finishedAt: Math.floor(i / 3) * 30 + 5, startedAt: 0 });
  });
  const inOrder = new Evidence();
  for (const one of some) inOrder.add(one);
  const agentsAt = (evidence: Evidence, at: number) =>
    evidence.view("code.measure", at).agentsAtWork;
  assert.equal(agentsAt(inOrder, 2_000), 1);
  assert.ok(agentsAt(inOrder, AT) > 4 && agentsAt(inOrder, AT) <= 7);
  const all = fc.shuffledSubarray(some, { minLength: some.length });
  fc.assert(
    fc.property(all, fc.nat(20), fc.nat(8_000), (shuffled, late, at) => {
      const evidence = new Evidence();
      const gone = new Set(shuffled.slice(0, late));
      for (const one of some) {
        if (gone.has(one)) continue;
        evidence.add(one);
        agentsAt(evidence, AT);
      }
      for (const one of gone) evidence.add(one);
      assert.equal(agentsAt(evidence, AT), agentsAt(inOrder, AT));
      assert.equal(agentsAt(evidence, at), agentsAt(inOrder, at));
    }),
    { numRuns: 30 },
  );
});

Deno.test("Evidence forgets the oldest outcomes the same when facts come late", () => {
  const some = Array.from({ length: 3_000 }, (_, i) => fact(i));
  const [inOrder, late] = [new Evidence(), new Evidence()];
  for (const one of some) inOrder.add(one);
  for (const part of [1, 0]) {
    for (let i = 0; i < some.length; i++) if ((i % 5 === 0 ? 0 : 1) === part) late.add(some[i]!);
  }
  const record = late.record("a", "code.measure", AT);
  assert.deepEqual(record, inOrder.record("a", "code.measure", AT));
  assert.ok(record.tasks >= 512 && record.tasks < 3_000);
});

Deno.test("Evidence counts a fact once, and those that are no fault of the agent not at all", () => {
  const evidence = new Evidence();
  assert.equal(evidence.add(fact(1)), true);
  assert.equal(evidence.add(fact(1)), false);
  assert.equal(evidence.add(fact(2, { outcome: "neutral" })), false);
  assert.equal(evidence.add(fact(3, { outcome: "failed", code: "INVALID_INPUT" })), false);
  assert.equal(evidence.add(fact(4, { capability: null })), false);
  assert.equal(evidence.add(fact(5, { outcome: "failed", code: "OUTVOTED" })), true);
  const { tasks, successes } = evidence.record("a", "code.measure", AT);
  assert.deepEqual({ tasks, successes }, { tasks: 2, successes: 1 });
});

Deno.test("Evidence of one capability moves its kin, the less the farther, and no other", () => {
  const tree = {
    kin: (capability: string) =>
      ({
        near: [{ capability: "learnt", distance: 1 }],
        far: [{ capability: "learnt", distance: 3 }],
      })[capability] ?? [],
  };
  const empty = new Evidence(tree);
  const before = (capability: string) => empty.record("a", capability, AT);
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (outcomes) => {
    const evidence = new Evidence(tree);
    outcomes.forEach((isSuccess, i) =>
      evidence.add(fact(i, {
        capability: "learnt",
        outcome: isSuccess ? "completed" : "failed",
      }))
    );
    const at = (capability: string) => evidence.record("a", capability, AT);
    assert.ok(at("near").effectiveTasks > at("far").effectiveTasks);
    assert.ok(at("far").effectiveTasks > 0);
    assert.deepEqual(at("other"), before("other"));
    assert.deepEqual(evidence.record("b", "near", AT), empty.record("b", "near", AT));
  }));
});

Deno.test("Evidence forgives an outage once it is over", () => {
  const evidence = new Evidence();
  for (let i = 0; i < 300; i++) {
    evidence.add(fact(i, { outcome: i >= 200 && i < 280 ? "failed" : "completed" }));
  }
  assert.ok(evidence.record("a", "code.measure", AT).success > 0.85);
});

Deno.test("Evidence says of an agent that it changed by its own outcomes alone", () => {
  const evidence = new Evidence();
  const outcome = (isGood: boolean) => isGood ? "completed" as const : "failed" as const;
  for (let at = 0; at < 120; at++) {
    evidence.add(fact(at, { agent: "broken", outcome: outcome(at < 60) }));
    evidence.add(fact(at, { agent: "good", outcome: "completed" }));
    evidence.add(fact(at, { agent: "bad", outcome: "failed" }));
    // One in ten fails, all along.
    evidence.add(fact(at, { agent: "steady", outcome: outcome(at * 7 % 10 !== 0) }));
  }
  const driftOf = (agent: string) => evidence.record(agent, "code.measure", AT).drift;
  assert.ok(driftOf("broken") > 0.99, `${driftOf("broken")}`);
  assert.deepEqual([driftOf("good"), driftOf("bad"), driftOf("new")], [0, 0, 0]);
  assert.ok(driftOf("steady") < 0.5, `${driftOf("steady")}`);
});

Deno.test("Evidence bounds the pairs that it keeps, the longest unused going first", () => {
  const evidence = new Evidence(null, { pairsMax: 100, agentPairsMax: 20 });
  for (let i = 0; i < 10_000; i++) evidence.add(fact(i, { capability: `work.${i}` }));
  assert.ok(evidence.pairs <= 22);
  for (let i = 0; i < 1_000; i++) evidence.add(fact(20_000 + i, { agent: `agent-${i}` }));
  assert.ok(evidence.pairs <= 110);
  assert.equal(evidence.record("agent-999", "code.measure", AT).tasks, 1);
  assert.equal(evidence.record("agent-0", "code.measure", AT).tasks, 0);
});

Deno.test("learn() leaves nothing for the next question, in small steps, and changes no answer", () => {
  const [stepwise, atOnce] = [new Evidence(), new Evidence()];
  const some = Array.from(
    { length: 4_000 },
    (_, i) => fact(i, { agent: `agent-${i % 7}`, capability: `work.${i % 3}` }),
  );
  for (const one of some) atOnce.add(one);
  for (const one of some.slice(0, 2_000)) stepwise.add(one);
  let steps = 0;
  // What comes between two steps is learnt as well.
  for (const _ of stepwise.learn()) {
    const next = some[2_000 + steps++];
    if (next !== undefined) stepwise.add(next);
  }
  for (const one of some.slice(2_000 + steps)) stepwise.add(one);
  for (const _ of stepwise.learn()) steps++;
  assert.ok(steps > 60, `${steps} steps`);
  assert.equal([...stepwise.learn()].length, 0);
  for (const one of some.slice(0, 21)) {
    const [agent, capability] = [one.agent, one.capability!];
    const [a, b] = [stepwise, atOnce].map((each) => each.record(agent, capability, AT));
    assert.deepEqual(a, b);
  }
});

Deno.test("Evidence.forgetRuns() leaves what it were without the runs", () => {
  const facts = Array.from({ length: 200 }, (_, i) =>
    fact(i, {
      runId: `run-${i % 20}`,
      agent: ["a", "b", "c"][i % 20 % 3]!,
      capability: i % 7 === 0 ? "code.read" : "code.measure",
    }));
  const runIds = fc.uniqueArray(fc.nat(19).map((nth) => `run-${nth}`), { minLength: 1 });
  fc.assert(
    fc.property(runIds, fc.boolean(), (gone, isAskedBefore) => {
      const [all, without] = [new Evidence(), new Evidence()];
      for (const one of facts) all.add(one);
      for (const one of facts) if (!gone.includes(one.runId)) without.add(one);
      const asked = (evidence: Evidence) =>
        ["a", "b", "c"].flatMap((agent) => [
          evidence.record(agent, "code.measure", AT),
          evidence.record(agent, "code.read", AT),
          evidence.record(agent, "code.measure", 1_000),
        ]);
      if (isAskedBefore) asked(all);
      for (const _ of all.forgetRuns(new Set(gone))) {
        // Others have their turn.
      }
      assert.deepEqual(asked(all), asked(without));
      assert.equal(all.pairs, without.pairs);
      for (const one of facts) all.add(one);
      const whole = new Evidence();
      for (const one of facts) whole.add(one);
      assert.deepEqual(asked(all), asked(whole));
    }),
    { numRuns: 40 },
  );
});
