import assert from "node:assert/strict";
import fc from "fast-check";
import { buildWorld, WORLDS } from "../../bench/assignment/built_in_worlds.ts";
import {
  count,
  makePolicy,
  playRound,
  POLICIES,
  type PolicyName,
} from "../../bench/assignment/play.ts";
import type { Policy } from "../../bench/assignment/policy.ts";
import { simulate } from "../../bench/assignment/simulate.ts";
import { treeOf, type World } from "../../bench/assignment/world.ts";

const STILL = () => 0;
const LEARNING = POLICIES.filter((name) => name !== "oracle");

/** Small worlds of any shape: some tasks that nobody offers, some that fit nobody. */
const worlds: fc.Arbitrary<World> = fc.record({
  agents: fc.array(
    fc.record({
      capabilities: fc.subarray(["a", "b", "b.narrow"]),
      concurrency: fc.integer({ min: 1, max: 3 }),
      costUsd: fc.constantFrom(0, 0.01),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  tasks: fc.array(
    fc.record({
      capability: fc.constantFrom("a", "b", "b.narrow", "unknown"),
      text: fc.constantFrom("", "alpha beta", "gamma delta"),
      afterMs: fc.nat(2_000),
      outcomes: fc.array(
        fc.option(fc.record({
          isSuccess: fc.boolean(),
          latencyMs: fc.nat(5_000),
          costUsd: fc.constantFrom(0, 0.01),
        })),
        { minLength: 5, maxLength: 5 },
      ),
    }),
    { maxLength: 40 },
  ),
}).map(({ agents, tasks }) => {
  let at = 0;
  return {
    name: "any",
    agents: agents.map((agent, i) => ({ ...agent, name: `agent-${i}` })),
    tasks: tasks.map(({ capability, text, afterMs, outcomes }, i) => ({
      id: `t${i}`,
      capability,
      text,
      at: at += afterMs,
      outcomes: new Map(
        outcomes.flatMap((outcome, k) =>
          outcome === null || k >= agents.length ? [] : [[`agent-${k}`, outcome] as const]
        ),
      ),
    })),
    tree: treeOf({ "b.narrow": ["b"] }),
  };
});

/** A policy under watch: what it was told, and when. */
function watch(policy: Policy) {
  const log: { at: number; told: string[]; asked: string }[] = [];
  const told: string[] = [];
  const watched: Policy = {
    choose(task, candidates, now) {
      log.push({ at: now, told: [...told], asked: task.id });
      return policy.choose(task, candidates, now);
    },
    learn(ended) {
      told.push(`${ended.task.id} ${ended.agent} ${ended.endedAt}`);
      policy.learn(ended);
    },
  };
  return { watched, log, told };
}

Deno.test("simulate() tells an outcome at its end, once, and only that of the chosen agent", () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(...LEARNING), (world, name) => {
      const options = { seed: 1, prefer: "success" } as const;
      const { watched, log, told } = watch(makePolicy(name, world, options));
      simulate(world, watched, STILL);
      for (const { at, told } of log) {
        for (const line of told) assert.ok(Number(line.split(" ")[2]) <= at);
      }
      const tasks = told.map((line) => line.split(" ")[0]);
      assert.equal(new Set(tasks).size, tasks.length);
    }),
    { numRuns: 150 },
  );
});

Deno.test("simulate() makes the same of a world whatever nobody was shown", () => {
  // Outcomes of agents that were not chosen are turned round: no choice may change by that.
  fc.assert(
    fc.property(worlds, fc.constantFrom(...LEARNING), (world, name) => {
      const choicesOf = (one: World) => {
        const choices = new Map<string, string>();
        const policy = makePolicy(name, one, { seed: 2, prefer: "success" });
        simulate(one, {
          choose(task, candidates, now) {
            const choice = policy.choose(task, candidates, now);
            choices.set(task.id, String(choice.agent));
            return choice;
          },
          learn: (ended) => policy.learn(ended),
        }, STILL);
        return choices;
      };
      const choices = choicesOf(world);
      const turned = world.tasks.map((task) => ({
        ...task,
        outcomes: new Map(
          [...task.outcomes].map(([agent, outcome]) => [
            agent,
            choices.get(task.id) === agent
              ? outcome
              : { ...outcome, isSuccess: !outcome.isSuccess, latencyMs: outcome.latencyMs + 77 },
          ]),
        ),
      }));
      assert.deepEqual(choicesOf({ ...world, tasks: turned }), choices);
    }),
    { numRuns: 100 },
  );
});

Deno.test("simulate() gives nobody more places than it has, and work in the order it came", () => {
  fc.assert(
    fc.property(worlds, fc.constantFrom(...POLICIES), (world, name) => {
      const policy = makePolicy(name, world, { seed: 3, prefer: "success" });
      const spans: { agent: string; from: number; to: number }[] = [];
      simulate(world, {
        choose: (task, candidates, now) => policy.choose(task, candidates, now),
        learn(ended) {
          spans.push({ agent: ended.agent, from: ended.startedAt, to: ended.endedAt });
          policy.learn(ended);
        },
      }, STILL);
      for (const { name, concurrency } of world.agents) {
        const own = spans.filter(({ agent }) => agent === name);
        for (const { from } of own) {
          const atOnce = own.filter((one) => one.from <= from && from < one.to).length;
          assert.ok(atOnce <= concurrency, `${atOnce} at once of ${concurrency}`);
        }
      }
    }),
    { numRuns: 100 },
  );
});

Deno.test("no policy has more successes than the oracle, and none is infeasible", () => {
  fc.assert(
    fc.property(worlds, fc.nat(100), (world, seed) => {
      const round = playRound(world, { seed, prefer: "success", stopwatch: STILL });
      for (const name of POLICIES) {
        assert.ok(round.regret[name] >= 0, name);
        assert.equal(round.played[name].infeasible, 0, name);
      }
      const able = world.tasks.filter(({ capability, outcomes }) =>
        world.agents.some(({ name, capabilities }) =>
          outcomes.get(name)?.isSuccess &&
          capabilities.some((own) => world.tree.isNarrower(own, capability))
        )
      );
      assert.equal(count(round.played.oracle), able.length);
    }),
    { numRuns: 60 },
  );
});

Deno.test("simulate() counts a choice of somebody who cannot as infeasible, and as a failure", () => {
  const outcome = { isSuccess: true, latencyMs: 1, costUsd: 0 };
  const world: World = {
    name: "two",
    agents: ["able", "other"].map((name) => ({
      name,
      capabilities: [name],
      costUsd: 0,
      concurrency: 1,
    })),
    tasks: [0, 1, 2].map((at) => ({
      id: `t${at}`,
      capability: "able",
      text: "",
      at,
      outcomes: new Map([["able", outcome], ["other", outcome]]),
    })),
    tree: treeOf({}),
  };
  for (const agent of ["other", "nobody"]) {
    const played = simulate(world, { choose: () => ({ agent }), learn() {} }, STILL);
    assert.deepEqual([played.infeasible, count(played)], [3, 0]);
  }
});

Deno.test("simulate() leaves tasks that nobody can take, and plays the others", () => {
  const world = buildWorld("nobody", 1);
  const hopeless = world.tasks.filter(({ outcomes }) => outcomes.size === 0).length;
  assert.ok(hopeless > 100);
  const round = playRound(world, { seed: 1, prefer: "success", stopwatch: STILL });
  for (const name of POLICIES) assert.equal(round.played[name].abstained, hopeless, name);
});

Deno.test("buildWorld() makes the same world from the same seed, and another from another", () => {
  const textOf = (name: string, seed: number) => {
    const { agents, tasks } = buildWorld(name, seed);
    const shown = tasks.map((task) => ({ ...task, outcomes: [...task.outcomes] }));
    return JSON.stringify({ agents, shown });
  };
  for (const name of Object.keys(WORLDS)) {
    const text = textOf(name, 4);
    assert.ok(text === textOf(name, 4), name);
    assert.ok(text !== textOf(name, 5), name);
  }
});

Deno.test("assignment loses less than those that do not learn, and never chooses in vain", () => {
  const lost = new Map<PolicyName, number>(POLICIES.map((name) => [name, 0]));
  for (const seed of [1, 2, 3]) {
    const round = playRound(buildWorld("stationary", seed), {
      seed,
      prefer: "success",
      stopwatch: STILL,
    });
    for (const name of POLICIES) lost.set(name, lost.get(name)! + round.regret[name]);
    assert.equal(round.played.denizen.infeasible, 0);
  }
  for (const rival of ["random", "round-robin", "least-loaded", "ucb1"] as const) {
    assert.ok(lost.get("denizen")! < 0.8 * lost.get(rival)!, `${rival}: ${[...lost]}`);
  }
});

Deno.test("simulate() asks no more than places become free when a time to ask again has passed", () => {
  const world = buildWorld("busy", 0);
  let asked = 0;
  const played = simulate(world, {
    choose(_task, candidates) {
      asked++;
      const free = candidates.find(({ agent, inFlight }) => inFlight < agent.concurrency);
      return free === undefined ? { agent: null, askAgainAt: 0 } : { agent: free.agent.name };
    },
    learn() {},
  }, STILL);
  assert.equal(played.abstained, 0);
  assert.ok(asked <= 3 * world.tasks.length, `${asked} questions`);
});

/** Tasks that all arrive at once, for agents that each do one at a time and take a quarter of an hour. */
function crowd(agents: readonly string[]): World {
  return {
    name: "crowd",
    agents: agents.map((name) => ({ name, capabilities: ["c"], costUsd: 0, concurrency: 1 })),
    tasks: Array.from({ length: 30 }, (_, i) => ({
      id: `t${i}`,
      capability: "c",
      text: "",
      at: i,
      outcomes: new Map(
        agents.map((name) => [name, { isSuccess: true, latencyMs: 900_000, costUsd: 0 }]),
      ),
    })),
    tree: treeOf({}),
  };
}

Deno.test("simulate() lets tasks wait for a place as long as it takes", () => {
  const world = crowd(["a", "b"]);
  for (const name of POLICIES) {
    const played = simulate(world, makePolicy(name, world, { seed: 4, prefer: "success" }), STILL);
    assert.deepEqual([name, count(played), played.abstained], [name, 30, 0]);
  }
});

Deno.test("simulate() gives up what nobody can do for ten minutes, and asks until then", () => {
  const world = crowd(["a"]);
  const asked: number[] = [];
  const played = simulate(world, {
    choose({ id }, _candidates, now) {
      if (id === "t0") asked.push(now);
      return { agent: null, askAgainAt: now + 60_000 };
    },
    learn() {},
  }, STILL);
  assert.equal(played.abstained, 30);
  assert.deepEqual([asked.length, asked.at(-1)], [11, 600_000]);
});
