/**
 * Facts about attempts for tests: one with everything said, and sets of them at random.
 *
 * @module
 */
import fc from "fast-check";
import type { AttemptFact } from "../core/assignment.ts";
import type { ReuseFact } from "../actors/knowledge/mod.ts";

/** A completed attempt, with what the test wants otherwise. */
export function attemptFact(of: Partial<AttemptFact> = {}): AttemptFact {
  return {
    runId: "run-1",
    task: "measure",
    index: 0,
    attempt: 1,
    workflow: "audit",
    tenant: null,
    agent: "counter@1.0.0",
    capability: "code.measure",
    codeHash: "c0de",
    text: "measure main.ts",
    inputHash: "1f",
    startedAt: 1_000,
    finishedAt: 1_100,
    outcome: "completed",
    code: null,
    costUsd: 0,
    output: { lines: 1 },
    bid: null,
    ...of,
  };
}

const NAMES = ["a", "b", "__proto__", "constructor"];

/** Different attempts of few agents, tasks and tenants, so that they have much in common. */
export function arbitraryFacts(maxLength = 40): fc.Arbitrary<AttemptFact[]> {
  return fc.uniqueArray(
    fc.record({
      runId: fc.constantFrom("r1", "r2", "r3", "__proto__"),
      task: fc.constantFrom(...NAMES),
      index: fc.nat(3),
      attempt: fc.integer({ min: 1, max: 3 }),
      workflow: fc.constantFrom("w", "v"),
      tenant: fc.constantFrom(null, "acme", "umbrella"),
      agent: fc.constantFrom(...NAMES),
      capability: fc.constantFrom(null, ...NAMES),
      codeHash: fc.constantFrom(null, "c0de"),
      text: fc.constantFrom("", "measure x", "measure y", "count the words of y"),
      inputHash: fc.constantFrom(null, "1", "2"),
      startedAt: fc.constant(0),
      finishedAt: fc.nat(20),
      outcome: fc.constantFrom("completed", "failed", "neutral"),
      code: fc.constant(null),
      costUsd: fc.constantFrom(0, 0.1),
      output: fc.oneof(fc.constantFrom(null, { lines: 1 }), fc.string({ minLength: 5 })),
      bid: fc.constant(null),
    }),
    {
      maxLength,
      selector: ({ runId, task, index, attempt }) => `${runId}/${task}/${index}/${attempt}`,
    },
  );
}

/** Uses of results such as {@linkcode arbitraryFacts} makes. */
export function arbitraryReuses(): fc.Arbitrary<ReuseFact[]> {
  const instance = { task: fc.constantFrom(...NAMES), index: fc.nat(3) };
  return fc.uniqueArray(
    fc.record({
      runId: fc.constantFrom("r1", "r2", "r3"),
      ...instance,
      agent: fc.constantFrom(...NAMES),
      madeAt: fc.constant(0),
      similarity: fc.constant(1),
      at: fc.nat(40),
      by: fc.record({ runId: fc.constantFrom("r3", "r4", "r5"), ...instance }),
    }),
    { maxLength: 10, selector: ({ by }) => `${by.runId}/${by.task}/${by.index}` },
  );
}
