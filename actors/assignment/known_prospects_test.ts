import assert from "node:assert/strict";
import fc from "fast-check";
import type { AttemptFact } from "../../core/assignment.ts";
import { attemptFact } from "../../tests/attempt_facts.ts";
import type { Candidate } from "./candidate.ts";
import { decideAssignment } from "./decide.ts";
import { Evidence } from "./evidence.ts";
import { KnownProspects } from "./known_prospects.ts";

const AGENTS = ["a", "b", "c", "d", "e"];
const CAPABILITIES = ["measure", "measure.lines"];
const PLACES = 4;

/** Narrower than the other: what is learnt of one tells of the other. */
const TREE = {
  kin: (capability: string) =>
    CAPABILITIES.filter((one) => one !== capability)
      .map((one) => ({ capability: one, distance: 1 })),
};

function factOf(nth: number, agent: string, more: Partial<AttemptFact>): AttemptFact {
  return attemptFact({
    ...{ runId: `run-${nth}`, agent, capability: "measure", text: "", inputHash: null },
    ...{ startedAt: nth, finishedAt: nth + 5, ...more },
  });
}

const anyStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("ask" as const),
      capability: fc.constantFrom(...CAPABILITIES),
      text: fc.constantFrom("parse tokens", "parse tokens", "pay invoices"),
      prefer: fc.constantFrom("balanced", "balanced", "speed"),
      /** Clocks of nodes differ: also before what is known. */
      earlier: fc.constantFrom(0, 40),
      leaves: fc.array(fc.constantFrom(...AGENTS), { maxLength: 3 }),
      without: fc.constantFrom("", "", "", ...AGENTS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("learn" as const),
      agent: fc.constantFrom(...AGENTS),
      capability: fc.constantFrom(...CAPABILITIES),
      text: fc.constantFrom("parse tokens", "pay invoices"),
      outcomes: fc.array(fc.boolean(), { minLength: 4, maxLength: 24 }),
      latencyMs: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ type: "forgetKin" as const }) },
  { weight: 1, arbitrary: fc.constantFrom({ type: "forgetRun" as const }) },
);

Deno.test("KnownProspects changes no choice, whatever is asked and learnt in between", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 20, maxLength: 60, size: "max" }), (steps) => {
      const evidence = new Evidence(TREE);
      const known = new KnownProspects();
      let candidates = AGENTS.map((agent) => idle(agent));
      const runIds: string[] = [];
      let at = 1_000;
      for (const [nth, step] of steps.entries()) {
        at += 10;
        if (step.type === "forgetKin") evidence.setTree(nth % 2 === 0 ? null : TREE);
        else if (step.type === "forgetRun") {
          for (const _ of evidence.forgetRuns(new Set(runIds.splice(-8))));
        } else if (step.type === "learn") {
          const { agent, capability, text, outcomes, latencyMs } = step;
          for (const isSuccess of outcomes) {
            const outcome = isSuccess ? "completed" : "failed";
            const startedAt = at - latencyMs;
            runIds.push(`run-${at}`);
            evidence.add(factOf(at++, agent, { capability, text, outcome, startedAt }));
          }
        } else {
          const { capability, text, prefer, earlier, leaves, without } = step;
          candidates = candidates.map((one) => leaves.includes(one.agent) ? idle(one.agent) : one);
          const seed = `run/${nth}`;
          const some = candidates.filter(({ agent }) => agent !== without);
          const task = { capability, text, prefer, at: at + 5 - earlier, seed };
          const query = { ...task, candidates: some };
          const choice = decideAssignment(query, evidence, known);
          assert.deepEqual(choice, decideAssignment(query, evidence));
          const { chosen } = choice;
          candidates = candidates.map((one) => one === chosen ? busier(one) : one);
        }
      }
    }),
    { numRuns: 150 },
  );
});

function idle(agent: string): Candidate {
  const costUsd = AGENTS.indexOf(agent) / 100;
  return { agent, id: agent, costUsd, load: 0, places: PLACES, free: PLACES };
}

function busier(one: Candidate): Candidate {
  const free = one.free - 1;
  return { ...one, free, load: 1 - free / PLACES };
}
