import assert from "node:assert/strict";
import fc from "fast-check";
import { ElectionWorld, type WorldFault, type WorldOptions } from "./election_world.ts";

const T = 1_000;
/** Faults begin and end in this time; then the world is left alone. */
const STORM_MS = 15_000;
const DRIFT = 0.1;

const fault: fc.Arbitrary<WorldFault> = fc.record({
  kind: fc.constantFrom("pause", "crash", "outage", "readOnly", "cut", "slow", "drain"),
  at: fc.nat(STORM_MS - 5_000),
  lengthMs: fc.nat(5_000),
  node: fc.nat(3),
  hangs: fc.boolean(),
});

const world: fc.Arbitrary<WorldOptions> = fc.record({
  seed: fc.nat(),
  nodes: fc.integer({ min: 1, max: 4 }),
  partitions: fc.constantFrom(1, 3, 8),
  electionTimeoutMs: fc.constant(T),
  drift: fc.constant(DRIFT),
  faults: fc.array(fault, { maxLength: 8 }),
});

Deno.test("decideElection() confirms one leader at an instant, in growing terms, whatever happens", () => {
  const seen = { leads: 0, suspends: 0, resumes: 0, stepDowns: 0, refused: 0, waits: 0, fenced: 0 };
  fc.assert(
    fc.property(world, (options) => {
      const storm = new ElectionWorld({ ...options, brokenFolds: 5 });
      storm.runUntil(STORM_MS);
      assert.deepEqual(storm.violations, []);
      seen.leads += storm.counts.leads;
      seen.suspends += storm.counts.suspends;
      seen.resumes += storm.counts.resumes;
      seen.stepDowns += storm.counts.stepDowns;
      seen.refused += storm.counts.refused;
      seen.waits += storm.counts.waits;
      seen.fenced += storm.appends.refused;
    }),
    { numRuns: Number(Deno.env.get("ELECTION_RUNS") ?? 150) },
  );
  console.log(seen);
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 0, `no ${name} in any run`);
});

Deno.test("decideElection() confirms two leaders when clocks drift more than the bound allows", () => {
  const outcome = fc.check(
    fc.property(world, (options) => {
      const storm = new ElectionWorld({ ...options, drift: 0.4 });
      storm.runUntil(STORM_MS);
      return storm.violations.length === 0;
    }),
    { numRuns: 500 },
  );
  assert.ok(outcome.failed, "the world does not see two leaders");
});

Deno.test("decideElection() finds a leader for every partition and balances them after a storm", () => {
  let worst = 0;
  fc.assert(
    fc.property(world, (options) => {
      const storm = new ElectionWorld(options);
      const calmAt = Math.max(0, ...options.faults.map((one) => one.at + one.lengthMs));
      storm.runUntil(calmAt + 1);
      const isLed = () => storm.leaders().every((leader) => leader !== null);
      storm.runUntil(calmAt + 60 * T, isLed);
      worst = Math.max(worst, storm.now - calmAt);
      assert.deepEqual(storm.violations, []);
      assert.ok(isLed(), "some partition has no leader");
      storm.runUntil(storm.now + 10 * T);
      const loads = storm.loads();
      assert.ok(isLed(), "some partition lost its leader while nothing went wrong");
      assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, `loads are ${loads}`);
    }),
    { numRuns: Number(Deno.env.get("ELECTION_RUNS") ?? 150) },
  );
  console.log({ worst });
});
