/**
 * What it costs to recover a run, with and without a snapshot, and what runs take in a store before
 * and after compaction and retention. `deno run -A bench/fold.ts` shows it by itself; it is also a
 * part of `deno task bench:cluster`.
 *
 * @module
 */
import { join } from "node:path";
import { Keeper } from "../runtime/archive/mod.ts";
import { type ActiveRun, createActiveRun, recoverOpenRuns } from "../runtime/scheduler/mod.ts";
import { type KvStores, openKvStores } from "../runtime/store/mod.ts";
import type { Fence, JournalRecord, RunEntry } from "../core/ports.ts";
import { parseWorkflow } from "../workflows/parse.ts";
import {
  compilePlan,
  createRunState,
  decide,
  type Plan,
  type RunCommand,
  type RunEvent,
  type RunState,
} from "../workflows/mod.ts";
import { describeMachine } from "./command_line.ts";
import { withFolder } from "./lab.ts";
import { type Measurement, measurementOf, toTable } from "./measurement.ts";

const holder = { nodeId: "bench", host: "h", pid: 1, processStart: "s" };
/** Events of one group commit. */
const COMMIT_EVENTS = 400;
const ITEMS = [10, 1_000, 100_000];
const RUNS = 1_000;
/** Runs that go on at the same time, so that their events stand between each other. */
const RUNS_AT_ONCE = 50;
const KEPT = 100;

type Stores = KvStores<RunEvent, never>;

const FAN_OUT = `
name: fold
agents: { worker: { module: ./worker.ts } }
concurrency: 10000
tasks:
  list: { agent: worker, forEach: "\${{ input.items }}", with: { n: "\${{ item }}" } }
`;

/** Ten tasks: one, eight that need it, and one that needs them all. */
const DAG = `
name: dag
agents: { worker: { module: ./worker.ts } }
retain: { runs: ${KEPT} }
tasks:
  first: { agent: worker, with: { path: "\${{ input.path }}" } }
${Array.from({ length: 8 }, (_, n) => `  part${n}: { agent: worker, needs: [first] }`).join("\n")}
  last:
    agent: worker
    needs: [${Array.from({ length: 8 }, (_, n) => `part${n}`).join(", ")}]
`;

function planOf(text: string): Plan {
  const { definition } = parseWorkflow(text, { file: "bench.yaml" });
  return compilePlan(definition!, { packageHash: `package of ${definition!.name}` });
}

/** Everything that `bench:cluster` shows of folds and sizes; few rounds when `isQuick`. */
export async function benchFold(isQuick: boolean = false): Promise<Measurement[]> {
  const rounds = isQuick ? 1 : 5;
  const measurements: Measurement[] = [];
  for (const items of ITEMS) {
    measurements.push(...await withStores((stores) => measureRecovery(stores, items, rounds)));
  }
  return [...measurements, ...await withStores(measureSizes)];
}

function withStores<T>(work: (stores: Stores, path: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const path = join(folder, "store.kv");
    const stores = await openKvStores<RunEvent, never>(path);
    try {
      return await work(stores, path);
    } finally {
      stores.close();
    }
  });
}

// --- recovery ---

/** One open run whose last item is still worked on. */
async function measureRecovery(
  stores: Stores,
  items: number,
  rounds: number,
): Promise<Measurement[]> {
  const plan = planOf(FAN_OUT);
  const fence = await stores.runs.claim(0, holder, 0);
  const run = new BenchRun("01RUN", plan);
  run.submit({ items: Array.from({ length: items }, (_, n) => n) });
  run.start();
  for (let index = 0; index < items - 1; index++) {
    run.finish("list", index);
    if (index % 1_000 === 0) run.start();
  }
  const active = await writeRun(stores, fence, run);
  const recover = async () => {
    const { open, broken, mended } = await recoverOpenRuns(
      stores.runs,
      0,
      () => Promise.resolve(plan),
      stores.archive,
    );
    const isWhole = open.length === 1 && broken.length === 0 && mended.length === 0 &&
      open[0]!.state.eventCount === run.state.eventCount;
    if (!isWhole) throw new Error("the run did not come back");
  };
  const fold = await samplesOf(rounds, recover);
  const read = await samplesOf(rounds, () => readAll(stores));
  await keeperOf(stores, fence, plan, [active]).keepNow();
  const restored = await samplesOf(rounds, recover);
  const row = { unit: "ms", limitName: "read and parse the journal" };
  return [
    measurementOf({ ...row, name: `fold.${items}` }, fold, read),
    measurementOf({ ...row, name: `fold.${items}.snapshot` }, restored, read),
  ];
}

/** What no recovery from the journal can do without. */
async function readAll({ runs }: Stores): Promise<void> {
  for await (const _ of runs.read(0, 1));
}

async function writeRun(stores: Stores, fence: Fence, run: BenchRun): Promise<ActiveRun> {
  for (let at = 0; at < run.events.length; at += COMMIT_EVENTS) {
    const events = run.events.slice(at, at + COMMIT_EVENTS);
    const entry = at === 0 ? [run.entry()] : [];
    await stores.runs.append(fence, { records: [{ runId: run.runId, events }], runs: entry });
  }
  return createActiveRun(run.state, run.entry(), new Map());
}

/** A keeper of a partition to which nobody writes at the moment. */
function keeperOf(stores: Stores, fence: Fence, plan: Plan, runs: readonly ActiveRun[]): Keeper {
  const partition = {
    fence,
    runs: new Map(runs.map((run) => [run.state.runId, run])),
    lastSeq: 0,
    flushed: () => Promise.resolve(),
  };
  return new Keeper({
    partition,
    store: stores.runs,
    archive: stores.archive,
    documents: stores.documents,
    loadPlan: () => Promise.resolve(plan),
    clock: { now: Date.now },
  });
}

// --- sizes ---

async function measureSizes(stores: Stores): Promise<Measurement[]> {
  const plan = planOf(DAG);
  const fence = await stores.runs.claim(0, holder, 0);
  await writeRuns(stores, fence, plan);
  const before = await kibibytes(stores);
  const forEver = { ...plan, definition: { ...plan.definition, retain: undefined } };
  await keeperOf(stores, fence, forEver, []).keepNow();
  const compacted = await kibibytes(stores);
  await keeperOf(stores, fence, plan, []).keepNow();
  const retained = await kibibytes(stores);
  const left = await stores.runs.runs({ limit: RUNS });
  if (left.length !== KEPT) throw new Error(`${left.length} runs were kept, not ${KEPT}`);
  const row = { unit: "KiB", limitName: "as journal" };
  return [
    measurementOf({ ...row, name: `store.${RUNS}-runs` }, [before], [before]),
    measurementOf({ ...row, name: `store.${RUNS}-runs.compacted` }, [compacted], [before]),
    measurementOf({ ...row, name: `store.${RUNS}-runs.kept-${KEPT}` }, [retained], [before]),
  ];
}

/** What the runs take: journal, histories, snapshots and the run list. */
async function kibibytes({ archive }: Stores): Promise<number> {
  const { journal, histories, snapshots, runs } = await archive.sizes();
  return (journal.bytes + histories.bytes + snapshots.bytes + runs.bytes) / 1024;
}

/** Runs from their first event to their last, some at a time, a commit for each step of them all. */
async function writeRuns(stores: Stores, fence: Fence, plan: Plan): Promise<void> {
  for (let first = 0; first < RUNS; first += RUNS_AT_ONCE) {
    const runs = Array.from({ length: RUNS_AT_ONCE }, (_, n) => {
      return new BenchRun(`01RUN${String(first + n).padStart(21, "0")}`, plan);
    });
    const steps: ((run: BenchRun) => void)[] = [
      (run) => run.submit({ path: `/data/files/of/${run.runId}` }),
      ...["first", ...Array.from({ length: 8 }, (_, n) => `part${n}`), "last"].flatMap((task) => [
        (run: BenchRun) => run.start(),
        (run: BenchRun) => run.finish(task, 0),
      ]),
    ];
    for (const step of steps) await commit(stores, fence, runs, step);
  }
}

async function commit(
  stores: Stores,
  fence: Fence,
  runs: readonly BenchRun[],
  step: (run: BenchRun) => void,
): Promise<void> {
  const records: JournalRecord<RunEvent>[] = [];
  const entries: RunEntry[] = [];
  for (const run of runs) {
    const from = run.events.length;
    step(run);
    const events = run.events.slice(from);
    if (events.length > 0) records.push({ runId: run.runId, events });
    if (from === 0 || run.state.finishedAt !== null) entries.push(run.entry());
  }
  await stores.runs.append(fence, { records, runs: entries });
}

/** A run that is driven by commands alone. */
class BenchRun {
  readonly runId: string;
  readonly state: RunState;
  readonly events: RunEvent[] = [];
  #at = Date.now();

  constructor(runId: string, plan: Plan) {
    this.runId = runId;
    this.state = createRunState(runId, plan);
  }

  submit(input: RunState["input"]): void {
    this.#do({ type: "SubmitRun", at: this.#at, input, workDir: "/home/user/project" });
  }

  start(): void {
    const capacity = new Map([["worker", 1_000_000]]);
    this.#do({ type: "StartAttempts", at: ++this.#at, capacity });
  }

  finish(task: string, index: number): void {
    const output = { path: `/data/files/${index}.txt`, lines: 17 * index, isDone: true };
    const outcome = { status: "completed" as const, output };
    const place = { task, index, attempt: 1, random: 0.5 };
    this.#do({ type: "FinishAttempt", at: ++this.#at, ...place, outcome });
  }

  #do(command: RunCommand): void {
    const { events, rejection } = decide(command, this.state);
    if (rejection !== undefined) throw new Error(`${rejection.code}: ${rejection.message}`);
    this.events.push(...events);
  }

  entry(): RunEntry {
    const { definition, packageHash } = this.state.plan;
    const { status, submittedAt, finishedAt } = this.state;
    return {
      runId: this.runId,
      workflow: definition.name,
      version: null,
      status,
      submittedAt,
      finishedAt,
      partition: 0,
      firstSeq: 0,
      packageHash,
    };
  }
}

async function samplesOf(rounds: number, work: () => Promise<void>): Promise<number[]> {
  await work();
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begunAt = performance.now();
    await work();
    samples.push(performance.now() - begunAt);
  }
  return samples;
}

if (import.meta.main) {
  const measurements = await benchFold(Deno.args.includes("--quick"));
  console.log(`${await describeMachine()}\n\n${toTable(measurements)}`);
}
