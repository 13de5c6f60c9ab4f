/**
 * `deno task bench:cli [--json] [--rounds N]`: how long the command line takes to start, beside an
 * empty program of Deno in the same rounds.
 *
 * @module
 */
import { join } from "node:path";
import { openKvStore } from "../runtime/store/mod.ts";
import { describeMachine, exitWith, readArguments } from "./command_line.ts";
import { isMet, type Measurement, measurementOf, toDocument, toTable } from "./measurement.ts";

const USAGE = "deno task bench:cli [--json] [--rounds N]";
const ROUNDS = 15;
const RUNS = 1_000;
/** Goals of issue 6, "where the machine allows". */
const START_MS_MAX = 150;
const COMPLETE_MS_MAX = 50;
/** Completions that one bash does, so that its own start does not count. */
const COMPLETIONS = 50;

const MAIN = join(import.meta.dirname!, "../main.ts");

/** A figure: what is started, or what else tells how long it took. */
interface Case {
  name: string;
  atMost: number;
  sampleMs: () => Promise<number>;
}

await exitWith(async () => {
  const { values } = readArguments(Deno.args, USAGE, {
    options: { json: { type: "boolean" }, rounds: { type: "string" } },
  });
  const rounds = Number(values.rounds ?? ROUNDS);
  const machine = await describeMachine();
  const folder = await Deno.makeTempDir({ prefix: "denizen-bench-" });
  try {
    const measurements = await measure(await prepare(folder), folder, rounds);
    if (values.json) return console.log(JSON.stringify(toDocument(machine, measurements)));
    console.log(`${machine}\n\n${toTable(measurements)}`);
    const goals = measurements.map(isMet).filter((each) => each !== null);
    console.log(`\n${goals.filter(Boolean).length} of ${goals.length} goals met`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A store with runs, a completion script and an empty program; and what is measured with them. */
async function prepare(folder: string): Promise<Case[]> {
  await Deno.writeTextFile(join(folder, "empty.ts"), "");
  await writeRuns(join(folder, "denizen.kv"));
  const script = join(folder, "completions.bash");
  const { stdout } = await denizen(["completions", "bash"]).output();
  await Deno.writeFile(script, stdout);
  const start = (name: string, args: string[], atMost = START_MS_MAX): Case => ({
    name,
    atMost,
    sampleMs: () => timed(denizen(args)),
  });
  return [
    start("cli.help", ["--help"]),
    start("cli.help.command", ["runs", "list", "--help"]),
    start("cli.version", ["version"]),
    start("cli.completions", ["completions", "bash"]),
    {
      name: "cli.complete.word",
      atMost: COMPLETE_MS_MAX,
      sampleMs: () => completeInBash(script),
    },
    start("cli.complete.run", ["__complete", "run", "--data", folder], COMPLETE_MS_MAX),
  ];
}

/** Rounds take turns, so that whatever else the machine does weighs on all of them. */
async function measure(cases: Case[], folder: string, rounds: number): Promise<Measurement[]> {
  const empty = () =>
    timed(new Deno.Command(Deno.execPath(), { args: ["run", "-A", join(folder, "empty.ts")] }));
  const limits: number[] = [];
  const samples = cases.map((): number[] => []);
  await empty();
  for (const { sampleMs } of cases) await sampleMs();
  for (let round = 0; round < rounds; round++) {
    limits.push(await empty());
    for (const [at, { sampleMs }] of cases.entries()) samples[at]!.push(await sampleMs());
  }
  return cases.map(({ name, atMost }, at) =>
    measurementOf(
      { name, unit: "ms", limitName: "deno run of an empty file", goal: { of: "value", atMost } },
      samples[at]!,
      limits,
    )
  );
}

function denizen(args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", MAIN, ...args] });
}

async function timed(command: Deno.Command): Promise<number> {
  const from = performance.now();
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return performance.now() - from;
}

/** What one press of the key takes in a shell that has read the script. */
async function completeInBash(script: string): Promise<number> {
  const code = `. "$1"; COMP_WORDS=(denizen runs list --st); COMP_CWORD=3; from=$EPOCHREALTIME; ` +
    `for ((at = 0; at < ${COMPLETIONS}; at++)); do _denizen; done; echo "$from $EPOCHREALTIME"`;
  const command = new Deno.Command("bash", { args: ["--norc", "-c", code, "bash", script] });
  const { stdout } = await command.output();
  const [from, to] = new TextDecoder().decode(stdout).split(" ").map(Number);
  return (to! - from!) * 1_000 / COMPLETIONS;
}

/** A run list as it is after a while. */
async function writeRuns(path: string): Promise<void> {
  const store = await openKvStore(path);
  const holder = { nodeId: "bench", host: "h", pid: 1, processStart: "s" };
  const fence = await store.claim(0, holder, 0);
  const runs = Array.from({ length: RUNS }, (_, at) => ({
    runId: `01RUN${String(at).padStart(21, "0")}`,
    workflow: `flow-${at % 7}`,
    version: null,
    status: "completed",
    submittedAt: at,
    finishedAt: at,
    partition: 0,
    firstSeq: 1,
  }));
  await store.append(fence, { records: [{ runId: runs[0]!.runId, events: [] }], runs });
  store.close();
}
