import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const PROSE = path("worlds/prose.jsonl");

async function bench(...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "bench:assignment", ...args],
    cwd: path("../.."),
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

interface Row {
  world: string;
  policy: string;
  tasks: number;
  success: number;
  regret: number;
  latencyMsMean: number;
  cost: number;
  infeasible: number;
  decisionP99Ms: number;
}

/** What contracts promise to whoever reads `--json`, in their order. */
const POLICIES = [
  ...["denizen", "random", "round-robin", "least-loaded", "best-mean", "ucb1", "linucb", "oracle"],
];
const KEYS = [
  ...["cost", "decisionP99Ms", "infeasible", "latencyMsMean", "policy", "regret", "success"],
  ...["tasks", "world"],
];

Deno.test("bench:assignment --world --json prints one object for each world and policy", async () => {
  const copy = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.copyFile(PROSE, copy);
    const { code, out, err } = await bench("--world", PROSE, "--world", copy, "--json");
    assert.equal(code, 0, err);
    const rows: Row[] = JSON.parse(out);
    assert.deepEqual(
      rows.map(({ world, policy }) => [world, policy]),
      [PROSE, copy].flatMap((world) => POLICIES.map((policy) => [world, policy])),
    );
    for (const row of rows) {
      assert.deepEqual(Object.keys(row).sort(), KEYS);
      assert.equal(row.tasks, 120);
      assert.equal(row.infeasible, 0, row.policy);
      assert.ok(row.success > 0 && row.success < 1 && row.regret >= 0 && row.cost > 0, row.policy);
    }
    const oracle = rows.find(({ policy }) => policy === "oracle")!;
    assert.equal(oracle.regret, 0);
    for (const { success, regret, policy } of rows) {
      assert.ok(Math.abs(oracle.success - success - regret / 120) < 1e-4, policy);
    }
  } finally {
    await Deno.remove(copy);
  }
});

Deno.test("bench:assignment chooses alike when it is run again", async () => {
  const once = async () => {
    const { out } = await bench("--world", PROSE, "--json", "--seeds", "2");
    return (JSON.parse(out) as Row[]).map(({ decisionP99Ms: _, ...row }) => row);
  };
  assert.deepEqual(await once(), await once());
});

Deno.test("bench:assignment --quick prints who loses how much, and draws it", async () => {
  const picture = await Deno.makeTempFile({ suffix: ".svg" });
  try {
    const args = ["--quick", "stationary", "sparse", "--picture", picture];
    const { code, out, err } = await bench(...args);
    assert.equal(code, 0, err);
    assert.match(out, /^world +tasks +denizen +random .*linucb +p99 ms$/m);
    assert.match(out, /^stationary +8000( +\d+\.\d ± \d+\.\d){8} +\d+\.\d+$/m);
    assert.match(out, /^sparse( +-?\d+\.\d ± \d+\.\d){3} +none +-?\d+\.\d ± \d+\.\d$/m);
    assert.match(out, /^stationary( +-?\d+\.\d ± \d+\.\d){3} +(met|MISSED) +-?\d+\.\d ± \d+\.\d$/m);
    const svg = await Deno.readTextFile(picture);
    assert.match(svg, /^<svg [^]*<\/svg>\n$/);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.equal(svg.match(/class="line denizen"/g)!.length, 3);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  } finally {
    await Deno.remove(picture);
  }
});

Deno.test("bench:assignment tells what is wrong with its arguments and files", async () => {
  const broken = await Deno.makeTempFile({ suffix: ".jsonl" });
  try {
    await Deno.writeTextFile(broken, '{"agents":[{"name":"a","capabilities":["c"]}]}\n{"id":1}\n');
    const cases: [args: string[], message: RegExp][] = [
      [["--world", broken], /jsonl:2: capability: .*\[INVALID_INPUT\]/],
      [["--world", "nowhere.jsonl", "--json"], /Could not read "nowhere\.jsonl"/],
      [["--seeds", "0"], /Give a whole number from 1 to 1000 to --seeds, not "0"/],
      [["--prefer", "luck"], /Give one of success, balanced, speed, cost to --prefer/],
      [["stationery"], /Found no world "stationery"/],
      [["--colour"], /--colour/],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await bench(...args);
      assert.deepEqual([code, out], [2, ""], err);
      assert.match(err, message);
      assert.doesNotMatch(err, /\n {4}at /);
    }
  } finally {
    await Deno.remove(broken);
  }
});
