import assert from "node:assert/strict";
import type { ClusterDefect } from "./cluster_defects.ts";
import { type Trouble, TROUBLES } from "./cluster_faults.ts";
import { simulateCluster } from "./simulate_cluster.ts";

const MIXES: (readonly Trouble[])[] = [[], ...TROUBLES.map((trouble) => [trouble]), TROUBLES];

for (const troubles of MIXES) {
  const mix = troubles.length === 1
    ? troubles[0]
    : troubles.length === 0
    ? "nothing"
    : "everything";
  Deno.test(`simulation: the cluster keeps its promises over 60 seeds with ${mix} going wrong`, () => {
    for (let seed = 1; seed <= 60; seed++) simulateCluster(seed, { troubles });
  });
}

Deno.test("simulation: the cluster keeps its promises over 250 seeds, and the faults bite", () => {
  const counts = new Map<string, number>();
  for (let seed = 1; seed <= 250; seed++) {
    for (const [what, count] of simulateCluster(seed).counts) {
      counts.set(what, (counts.get(what) ?? 0) + count);
    }
  }
  const bites = [
    ...["attempts lost", "letters: adopt", "letters: cancel", "wishes: lose", "wishes: finish"],
    ...["wishes: step", "stale appends refused", "steps down: deposed", "hands over", "snapshots"],
    ...["dies between two writes", "stale effects refused", "RunRetried", "RunCancelled"],
  ];
  for (const bite of bites) assert.ok((counts.get(bite) ?? 0) > 0, `no seed led to: ${bite}`);
});

Deno.test("simulation: the same seed gives the same trace of the cluster", () => {
  for (const seed of [3, 77]) {
    const trace: string[] = [];
    const first = simulateCluster(seed, { trace });
    const again = simulateCluster(seed);
    assert.equal(again.hash, first.hash);
    assert.ok(trace.length > 20);
  }
  assert.notEqual(simulateCluster(3).hash, simulateCluster(77).hash);
});

interface Plan {
  defect: ClusterDefect;
  /** Troubles under which it shows; drawn by default. */
  troubles?: readonly Trouble[];
  seedsMax: number;
  /** What the checker says. */
  says: RegExp;
}

const DEFECTS: Plan[] = [
  { defect: "no fence", seedsMax: 200, says: /without leading it|was written after/ },
  { defect: "no compare-and-set", seedsMax: 10, says: /both have term/ },
  { defect: "claims at once", seedsMax: 10, says: /both lead partition/ },
  { defect: "lease ignored", troubles: ["pauses"], seedsMax: 30, says: /both lead partition/ },
  {
    defect: "lease counted from the answer",
    troubles: ["pauses", "slow disk"],
    seedsMax: 120,
    says: /given up although|both lead/,
  },
  { defect: "wall clock trusted", troubles: ["clocks"], seedsMax: 150, says: /both lead|given up/ },
  { defect: "no step-down on a seen term", seedsMax: 100, says: /both lead partition/ },
  { defect: "frame before commit", seedsMax: 10, says: /does not have it in flight/ },
  { defect: "ack before commit", seedsMax: 10, says: /acknowledged before it was durable/ },
  { defect: "step acknowledged before commit", seedsMax: 60, says: /is not in the journal/ },
  {
    defect: "unknown append forgotten",
    troubles: ["losses"],
    seedsMax: 60,
    says: /in flight|missing or doubled|no end/,
  },
  { defect: "double release", seedsMax: 30, says: /in flight|repeats a number|no end/ },
  {
    defect: "no attempt check",
    troubles: ["cuts"],
    seedsMax: 300,
    says: /another attempt|nobody had/,
  },
  { defect: "events of the last leader not folded", seedsMax: 10, says: /fold differs/ },
  { defect: "snapshot off by one", seedsMax: 120, says: /fold differs/ },
  { defect: "snapshot of what is not durable", seedsMax: 300, says: /fold/ },
  { defect: "compaction takes a segment too many", seedsMax: 20, says: /fold/ },
  { defect: "lost inbox entry", seedsMax: 10, says: /nothing came of it/ },
  { defect: "handled ids in another append", seedsMax: 10, says: /nothing came of it/ },
  { defect: "handled wishes forgotten", seedsMax: 10, says: /handled twice/ },
  { defect: "lost before the inbox is read", seedsMax: 150, says: /is not in the journal/ },
  {
    defect: "cancelled before commit",
    troubles: ["losses", "slow disk", "pauses"],
    seedsMax: 1_500,
    says: /nobody had asked for it/,
  },
  { defect: "stale adoption", troubles: ["crashes"], seedsMax: 400, says: /no end/ },
  { defect: "nothing adopted", seedsMax: 40, says: /given up although/ },
  { defect: "letters lost without lose", troubles: ["losses"], seedsMax: 120, says: /no end/ },
  { defect: "own attempts taken for granted", troubles: ["losses"], seedsMax: 150, says: /no end/ },
  { defect: "places of lost frames kept", troubles: ["losses"], seedsMax: 400, says: /no end/ },
  { defect: "answers dropped at step-down", seedsMax: 200, says: /no end/ },
];

for (const { defect, troubles, seedsMax, says } of DEFECTS) {
  Deno.test(`simulation: the checkers of the cluster see "${defect}"`, () => {
    for (let seed = 1; seed <= seedsMax; seed++) {
      try {
        simulateCluster(seed, { defect, troubles });
      } catch (error) {
        const [reason] = String((error as Error).message).split("\n");
        console.log(`"${defect}" seen by seed ${seed}: ${reason}`);
        assert.match(reason!, says);
        return;
      }
    }
    assert.fail(`${seedsMax} seeds did not show it`);
  });
}
