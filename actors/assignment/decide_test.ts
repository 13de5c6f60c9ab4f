import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttemptFact, Bid } from "../../core/assignment.ts";
import { attemptFact } from "../../tests/attempt_facts.ts";
import type { AssignmentQuery, Candidate } from "./candidate.ts";
import { decideAssignment } from "./decide.ts";
import { Evidence } from "./evidence.ts";
import { mix, toUnit } from "./random.ts";

const SECOND = 1_000;

/** One attempt each second, the first at second 1. */
function fact(second: number, agent: string, isSuccess: boolean, more: Partial<AttemptFact> = {}) {
  return attemptFact({
    ...{ runId: `run-${String(second).padStart(6, "0")}`, agent, text: "", inputHash: null },
    ...{ startedAt: second * SECOND - 100, finishedAt: second * SECOND },
    ...(isSuccess ? {} : { outcome: "failed", code: "FAILED" }),
    ...more,
  });
}

function candidate(agent: string, more: Partial<Candidate> = {}): Candidate {
  return { agent, id: agent, costUsd: 0, load: 0, places: 4, free: 4, ...more };
}

function query(candidates: Candidate[], more: Partial<AssignmentQuery> = {}): AssignmentQuery {
  const seed = "run/measure/0/1";
  const at = 10_000 * SECOND;
  return {
    capability: "code.measure",
    text: "",
    at,
    seed,
    prefer: "balanced",
    candidates,
    ...more,
  };
}

/** Evidence of outcomes: `"good:1110"` is three successes, then a failure, one each second. */
function evidenceOf(...lines: string[]): Evidence {
  const evidence = new Evidence();
  let second = 0;
  for (const line of lines) {
    const [agent, outcomes] = line.split(":") as [string, string];
    for (const one of outcomes) evidence.add(fact(++second, agent, one === "1"));
  }
  return evidence;
}

const anyFacts = fc.array(
  fc.record({
    second: fc.integer({ min: 1, max: 400 }),
    agent: fc.constantFrom("a", "b", "c", "__proto__", "constructor"),
    isSuccess: fc.boolean(),
    text: fc.constantFrom("", "parse tokens", "pay invoices"),
  }),
  { maxLength: 120 },
);

Deno.test("decideAssignment() gives the work to the one that succeeds more often", () => {
  const evidence = evidenceOf(`poor:${"10".repeat(30)}`, `good:${"1".repeat(60)}`);
  const { chosen, way, figures, considered } = decideAssignment(
    query([candidate("poor"), candidate("good")]),
    evidence,
  );
  assert.equal(chosen?.agent, "good");
  assert.equal(way, "evidence");
  assert.equal(considered, 2);
  assert.deepEqual(figures.map(({ agent }) => agent), ["good", "poor"]);
  assert.ok(figures[0]!.low < figures[0]!.success && figures[0]!.success <= figures[0]!.high);
});

Deno.test("decideAssignment() tries one that is not known when the other is no good", () => {
  const evidence = evidenceOf(`poor:${"1000".repeat(20)}`);
  const { chosen } = decideAssignment(query([candidate("poor"), candidate("new")]), evidence);
  assert.equal(chosen?.agent, "new");
});

Deno.test("decideAssignment() tries one that is not known though others failed at once", () => {
  const failed = Array.from({ length: 20 }, (_, nth) => `failed-${nth}:0`);
  const evidence = evidenceOf(`fair:${"1110110".repeat(6)}`, ...failed);
  const asked = query([candidate("fair"), candidate("new")], { at: 60 * SECOND });
  assert.equal(decideAssignment(asked, evidence).chosen?.agent, "new");
});

Deno.test("decideAssignment() tries less where each agent can take but a part of the tasks", () => {
  const known = `known:${"1110110".repeat(3)}`;
  const others = Array.from({ length: 30 }, (_, nth) => `other-${nth}:${"1101110".repeat(3)}`);
  const evidence = evidenceOf(known, ...others);
  const both = [candidate("known"), candidate("new")];
  const rest = others.map((line) => candidate(line.split(":")[0]!));
  const bonusOf = (candidates: Candidate[]) => {
    const { figures } = decideAssignment(query(candidates, { prefer: "success" }), evidence);
    const tried = figures.find(({ agent }) => agent === "new")!;
    return tried.score - tried.success;
  };
  assert.ok(bonusOf([...both, ...rest]) > 2 * bonusOf(both));
  // Whoever cannot take the task is no candidate for what is learnt either.
  const denied = rest.map((one) => ({ ...one, excluded: "DENIED" as const }));
  assert.equal(bonusOf([...both, ...denied]), bonusOf(both));
});

Deno.test("decideAssignment() prefers the quicker of two that are alike when speed matters", () => {
  const evidence = new Evidence();
  for (let second = 1; second <= 60; second++) {
    const isSlow = second % 2 === 0;
    const startedAt = second * SECOND - (isSlow ? 900 : 50);
    evidence.add(fact(second, isSlow ? "slow" : "quick", true, { startedAt }));
  }
  const asked = query([candidate("slow"), candidate("quick")], { prefer: "speed" });
  assert.equal(decideAssignment(asked, evidence).chosen?.agent, "quick");
});

Deno.test("decideAssignment() leaves the cheaper one out when its success is much lower", () => {
  const evidence = evidenceOf(`cheap:${"10".repeat(30)}`, `dear:${"1".repeat(60)}`);
  const both = [candidate("cheap", { costUsd: 0.001 }), candidate("dear", { costUsd: 0.01 })];
  assert.equal(decideAssignment(query(both), evidence).chosen?.agent, "dear");
});

Deno.test("decideAssignment() never chooses one that is excluded or full, and counts them", () => {
  const { chosen, considered, excluded } = decideAssignment(
    query([
      candidate("d4", { excluded: "DENIED" }),
      candidate("d2", { excluded: "DENIED" }),
      candidate("d1", { excluded: "DENIED" }),
      candidate("d3", { excluded: "DENIED" }),
      candidate("full", { free: 0, load: 1 }),
      candidate("free"),
    ]),
    new Evidence(),
  );
  assert.equal(chosen?.agent, "free");
  assert.equal(considered, 1);
  assert.deepEqual(excluded, [
    { code: "DENIED", count: 4, agents: ["d1", "d2", "d3"] },
    { code: "FULL", count: 1, agents: ["full"] },
  ]);
});

Deno.test("decideAssignment() says why nobody gets the task", () => {
  const none = new Evidence();
  const codeOf = (candidates: Candidate[]) => decideAssignment(query(candidates), none).why?.code;
  assert.equal(codeOf([]), "NOBODY_OFFERS");
  assert.equal(codeOf([candidate("a", { excluded: "DENIED" })]), "NOBODY_CAN");
  assert.equal(codeOf([candidate("a", { free: 0 })]), "ALL_BUSY");
});

Deno.test("decideAssignment() waits for the good one rather than take one that is no good", () => {
  const evidence = evidenceOf(`poor:${"1000".repeat(20)}`, `good:${"1".repeat(60)}`);
  const both = [candidate("poor"), candidate("good", { free: 0, load: 1 })];
  const { chosen, why } = decideAssignment(query(both, { at: 150 * SECOND }), evidence);
  assert.equal(chosen, null);
  assert.equal(why?.code, "BEST_BUSY");
  assert.equal(why?.agent, "good");
});

Deno.test("decideAssignment() does not wait for one that is hardly better", () => {
  const evidence = evidenceOf(`fair:${"1".repeat(58)}01`, `good:${"1".repeat(60)}`);
  const both = [candidate("fair"), candidate("good", { free: 0, load: 1 })];
  assert.equal(decideAssignment(query(both), evidence).chosen?.agent, "fair");
});

Deno.test("decideAssignment() waits for one that cannot keep up only where success is preferred", () => {
  const evidence = new Evidence();
  for (let second = 1; second <= 120; second++) {
    const isGood = second % 2 === 0;
    const startedAt = (second - 5) * SECOND;
    const isSuccess = isGood || second % 4 === 1;
    evidence.add(fact(second, isGood ? "good" : "fair", isSuccess, { startedAt }));
  }
  const busy = candidate("good", { free: 0, load: 1, places: 1 });
  const asked = query([candidate("fair"), busy], { at: 121 * SECOND });
  assert.equal(decideAssignment(asked, evidence).chosen?.agent, "fair");
  const patient = decideAssignment({ ...asked, prefer: "success" }, evidence);
  assert.deepEqual([patient.why?.code, patient.why?.agent], ["BEST_BUSY", "good"]);
});

Deno.test("decideAssignment() lets nobody but bidders below the reserve into an auction", () => {
  const bid = (costUsd: number): Bid => ({ agent: "x", costUsd, success: 0.9, latencyMs: 100 });
  const { chosen, way, excluded } = decideAssignment(
    query([
      candidate("silent"),
      candidate("mad", { bid: { ...bid(0.01), success: NaN } }),
      candidate("dear", { bid: bid(0.2) }),
      candidate("fair", { bid: bid(0.05) }),
    ], { auction: { reserveUsd: 0.1 } }),
    new Evidence(),
  );
  assert.equal(chosen?.agent, "fair");
  assert.equal(way, "auction");
  assert.deepEqual(excluded, [
    { code: "BID_TOO_HIGH", count: 1, agents: ["dear"] },
    { code: "NO_BID", count: 2, agents: ["mad", "silent"] },
  ]);
});

Deno.test("decideAssignment() believes a boaster less and less", () => {
  const evidence = new Evidence();
  for (let second = 1; second <= 80; second++) {
    const isBoaster = second % 2 === 0;
    const agent = isBoaster ? "boaster" : "honest";
    const success = isBoaster ? 1 : 0.75;
    const isSuccess = isBoaster ? second % 4 === 0 : second % 8 !== 1;
    evidence.add(
      fact(second, agent, isSuccess, { bid: { agent, costUsd: 0, success, latencyMs: null } }),
    );
  }
  const standing = (agent: string) =>
    evidence.record(agent, "code.measure", 10_000 * SECOND).bidding!.standing;
  assert.ok(standing("boaster") < 0.1);
  assert.ok(standing("honest") > 0.5);
  const offer = (agent: string, success: number) =>
    candidate(agent, { bid: { agent, costUsd: 0, success, latencyMs: null } });
  const asked = query([offer("boaster", 1), offer("honest", 0.75)], { auction: {} });
  assert.equal(decideAssignment(asked, evidence).chosen?.agent, "honest");
});

Deno.test("record() tells nothing of promises where an agent made none", () => {
  const evidence = new Evidence();
  const bid = { agent: "plain", costUsd: 0.1, success: null, latencyMs: null };
  evidence.add(fact(1, "plain", true, { bid }));
  evidence.add(fact(2, "quick", true, { bid: { ...bid, agent: "quick", latencyMs: 5 } }));
  evidence.add(fact(3, "sure", true, { bid: { ...bid, agent: "sure", success: 1 } }));
  const biddingOf = (agent: string) => evidence.record(agent, "code.measure", 9 * SECOND).bidding;
  assert.equal(biddingOf("plain"), null);
  assert.equal(biddingOf("quick"), null);
  assert.equal(biddingOf("sure")?.bids, 1);
});

Deno.test("decideAssignment() takes a failing agent out, and tries it again with one task", () => {
  const evidence = evidenceOf(`other:${"10".repeat(20)}`, `good:${"1".repeat(60)}000`);
  const both = [candidate("good"), candidate("other")];
  const soon = decideAssignment(query(both, { at: 104 * SECOND }), evidence);
  assert.equal(soon.chosen?.agent, "other");
  assert.deepEqual(soon.excluded, [{ code: "CIRCUIT_OPEN", count: 1, agents: ["good"] }]);
  const { retryAt, breaker } = evidence.record("good", "code.measure", 104 * SECOND);
  assert.equal(breaker, "open");
  const later = decideAssignment(query(both, { at: retryAt! }), evidence);
  assert.equal(later.chosen?.agent, "good");
  assert.equal(later.way, "probe");
});

Deno.test("decideAssignment() says when to ask again when the only agent is out", () => {
  const evidence = evidenceOf(`good:${"1".repeat(60)}000`);
  const at = 63 * SECOND + 1;
  const { chosen, why } = decideAssignment(query([candidate("good")], { at }), evidence);
  assert.equal(chosen, null);
  assert.equal(why?.code, "NOBODY_CAN");
  assert.ok(why!.askAgainAt! > at);
  const again = decideAssignment(query([candidate("good")], { at: why!.askAgainAt }), evidence);
  assert.equal(again.way, "probe");
});

Deno.test("decideAssignment() never says to ask again at a time that is past", () => {
  const evidence = evidenceOf(`good:${"1".repeat(60)}000`, "other:11");
  const out = candidate("good", { free: 0, load: 1 });
  const full = candidate("other", { free: 0, load: 1 });
  const askAgainAt = (candidates: Candidate[], at: number) =>
    decideAssignment(query(candidates, { at }), evidence).why!.askAgainAt;
  const { retryAt } = evidence.record("good", "code.measure", 63 * SECOND);
  assert.equal(askAgainAt([out], retryAt!), undefined);
  for (let at = 64 * SECOND; at < retryAt!; at += 100) {
    const again = askAgainAt([{ ...out, free: 1 }, full], at);
    assert.ok(again === undefined || again > at, `${again} at ${at}`);
  }
});

/** Plays a world of one task a second; how many of its tasks the agents got, by span. */
function play(spans: [tasks: number, rates: Record<string, number>][]): Record<string, number>[] {
  const evidence = new Evidence();
  const names = Object.keys(spans[0]![1]);
  let second = 0;
  return spans.map(([tasks, rates]) => {
    const got: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
    for (let task = 0; task < tasks; task++) {
      const at = ++second * SECOND;
      const asked = query(names.map((name) => candidate(name)), { at, seed: `run-${second}` });
      const { agent } = decideAssignment(asked, evidence).chosen!;
      got[agent]!++;
      const luck = toUnit(mix(second * 7_919));
      evidence.add(fact(second, agent, luck < rates[agent]!));
    }
    return got;
  });
}

Deno.test("decideAssignment() leaves an agent that turns bad within 50 tasks, and takes it back", () => {
  const rates = { first: 0.97, second: 0.8, third: 0.6 };
  const [before, failing, , back] = play([
    [200, rates],
    [50, { ...rates, first: 0.05 }],
    [50, { ...rates, first: 0.05 }],
    [300, rates],
  ]) as [Record<string, number>, Record<string, number>, unknown, Record<string, number>];
  assert.ok(before.first! > 120);
  assert.ok(failing.first! < 20);
  assert.ok(back.first! > 150);
});

Deno.test("decideAssignment() learns which agent is good at which words", () => {
  const evidence = new Evidence();
  for (let second = 1; second <= 400; second++) {
    const agent = second % 2 === 0 ? "parser" : "clerk";
    const isParsing = second % 4 < 2;
    const text = isParsing ? "parse these tokens please" : "pay those invoices please";
    const isSuccess = (agent === "parser") === isParsing || second % 5 === 0;
    evidence.add(fact(second, agent, isSuccess, { text }));
  }
  const both = [candidate("parser"), candidate("clerk")];
  const chosenFor = (text: string) =>
    decideAssignment(query(both, { text, at: 401 * SECOND }), evidence).chosen?.agent;
  assert.equal(chosenFor("parse tokens"), "parser");
  assert.equal(chosenFor("pay invoices"), "clerk");
});

Deno.test("decideAssignment() chooses the same whatever the order of the candidates", () => {
  const names = ["a", "b", "c", "d", "__proto__"];
  fc.assert(fc.property(
    anyFacts,
    fc.shuffledSubarray(names, { minLength: names.length }),
    fc.string(),
    (facts, order, seed) => {
      const evidence = new Evidence();
      for (const { second, agent, isSuccess, text } of facts) {
        evidence.add(fact(second, agent, isSuccess, { text }));
      }
      const at = 200 * SECOND;
      const decide = (agents: string[]) =>
        decideAssignment(query(agents.map((one) => candidate(one)), { seed, at }), evidence);
      assert.deepEqual(decide(order), decide(names));
    },
  ));
});

Deno.test("decideAssignment() uses no fact that is later than the question", () => {
  fc.assert(fc.property(anyFacts, fc.integer({ min: 1, max: 400 }), (facts, second) => {
    const [all, known] = [new Evidence(), new Evidence()];
    for (const { second: at, agent, isSuccess, text } of facts) {
      all.add(fact(at, agent, isSuccess, { text }));
      if (at <= second) known.add(fact(at, agent, isSuccess, { text }));
    }
    const asked = query(["a", "b", "c"].map((one) => candidate(one)), {
      at: second * SECOND,
      text: "parse invoices",
    });
    assert.deepEqual(decideAssignment(asked, all), decideAssignment(asked, known));
  }));
});

Deno.test("decideAssignment() lets no figure be anything but a number", () => {
  const odd = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1e308);
  fc.assert(fc.property(odd, odd, odd, (costUsd, load, success) => {
    const evidence = evidenceOf("a:1101");
    evidence.add(fact(9, "a", true, { costUsd, startedAt: load }));
    const bid = { agent: "a", costUsd, success, latencyMs: load };
    const { chosen, figures } = decideAssignment(
      query([candidate("a", { costUsd, load, bid }), candidate("b")]),
      evidence,
    );
    assert.notEqual(chosen, null);
    for (const one of figures) {
      const { agent: _, latencyMs, ...rest } = one;
      for (const value of [...Object.values(rest), latencyMs ?? 0]) {
        assert.ok(Number.isFinite(value), JSON.stringify(one));
      }
    }
  }));
});

Deno.test("decideAssignment() spends few tasks on an agent that is dominated", () => {
  const [{ poor }] = play([[1_000, { good: 0.9, poor: 0.2 }]]) as [Record<string, number>];
  assert.ok(poor! < 40);
});
