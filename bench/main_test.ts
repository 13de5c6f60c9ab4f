import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

async function run(program: string, args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", path(program), ...args],
    cwd: path(".."),
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

interface Row {
  name: string;
  value: number;
  unit: string;
  limit: number;
  ratio: number;
}

Deno.test("bench --quick --json prints one document with every figure beside its limit", async () => {
  const { code, out, err } = await run("main.ts", ["--quick", "--json"]);
  assert.equal(code, 0, err);
  const { machine, results, ...rest } = JSON.parse(out) as { machine: string; results: Row[] };
  assert.deepEqual(rest, {});
  assert.match(machine, /Deno \d/);
  const isLinux = Deno.build.os === "linux";
  const names = results.map((row) => row.name);
  for (
    const name of [
      ...["chain.step.p50", "chain.step.p99", "fanout.rate", "runs.rate", "runs.p99"],
      ...["runs.500.rate", "cold.start", ...(isLinux ? ["idle.pss"] : []), "raw.commit"],
      ...["raw.commit.parallel", "raw.commit.grouped", "raw.echo", "raw.echo.pipelined"],
      ...["raw.spawn", "raw.port", "raw.port.pipelined", "actors.ask.p50", "actors.ask.p99"],
      ...["actors.memory.rate", "actors.durable.rate", "assign.decision.p99", "assign.update"],
      ...["assign.memory", "assign.memory.texts", "assign.rebuild", "assign.rebuild.texts"],
      ...["assign.fanout.rate"],
    ]
  ) assert.ok(names.includes(name), `${name} among ${names}`);
  for (const { name, value, unit, limit, ratio, ...more } of results) {
    assert.deepEqual(more, {}, name);
    assert.ok(value > 0 && limit > 0, name);
    assert.match(unit, /^(ms|MB|\w+\/s)$/);
    assert.ok(Math.abs(ratio / (value / limit) - 1) < 0.001, name);
  }
  const valueOf = (name: string) => results.find((row) => row.name === name)!.value;
  assert.ok(valueOf("cold.exit") >= valueOf("cold.start"));
  assert.ok(valueOf("cold.start") > valueOf("raw.spawn"));
});

Deno.test("bench names what it knows when a name is wrong", async () => {
  const { code, out, err } = await run("main.ts", ["chian"]);
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(err, /Found no benchmark "chian"/);
  assert.match(err, /hint: .*chain, fanout, runs, cold, idle, actors, assign/);
});

Deno.test("bench:dag replays an instance no faster than any schedule could be", async () => {
  const args = ["--workers", "2", "--estimates", "none,exact", "--scale", "0.02", "--json"];
  const { code, out, err } = await run("dag.ts", [path("instances/fork_join.json"), ...args]);
  assert.equal(code, 0, err);
  const { replays } = JSON.parse(out) as {
    replays: { estimates: string; lowerBoundS: number; upperBoundS: number; makespanS: number }[];
  };
  assert.deepEqual(replays.map((each) => each.estimates), ["none", "exact"]);
  for (const { lowerBoundS, upperBoundS, makespanS } of replays) {
    assert.ok(makespanS >= lowerBoundS, `${makespanS} ≥ ${lowerBoundS}`);
    assert.ok(upperBoundS >= lowerBoundS);
    // The engine's share: a minute is far more than it takes on a busy machine.
    assert.ok(makespanS < upperBoundS + 60 / 0.02);
  }
});

Deno.test("bench:dag tells what is wrong with its arguments", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [[], /Give at least one WfFormat file/],
    [["x.json", "--workers", "0"], /Give a number above 0 to --workers, not "0"/],
    [["x.json", "--estimates", "guess"], /Give some of none, kind, exact/],
    [["x.json"], /Could not read "x\.json"/],
    [["--colour"], /--colour/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await run("dag.ts", args);
    assert.equal(code, 2, err);
    assert.match(err, message);
    assert.doesNotMatch(err, /\n {4}at /);
  }
});

Deno.test("bench:actors tells what is wrong with its arguments", async () => {
  for (const seconds of ["0", "x", "1e9"]) {
    const { code, out, err } = await run("actors.ts", ["--seconds", seconds]);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(
      err,
      new RegExp(`Give a number of seconds up to 3600 to --seconds, not "${seconds}"`),
    );
  }
});
