/**
 * One trial: a cluster at work under one kind of fault, and what is to be said of it afterwards.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openReader } from "../../runtime/node/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import {
  checkHistory,
  checkKept,
  countHistory,
  type History,
  type HistoryCounts,
  linesByRun,
  type Violation,
} from "./checks/mod.ts";
import { type Bed, withBed } from "./bed.ts";
import { type Cluster, readNeeds, Submitter } from "./cluster/mod.ts";
import type { Fault, Scene } from "./faults/mod.ts";
import type { StoreKind, StoreUnderTest } from "./stores/mod.ts";

/** What is tried. */
export interface TrialOptions {
  storeKind: StoreKind;
  fault: Fault;
  seconds: number;
  /** Runs to submit in this time. */
  runs: number;
  nodes: number;
  seed: number;
  electionTimeoutMs: number;
  /** Nodes that do not hold their writes against the term: promises must break. */
  isUnsafe: boolean;
  signal: AbortSignal;
}

/** What came of it. */
export interface Verdict {
  store: StoreKind;
  fault: string;
  seconds: number;
  strikes: number;
  counts: HistoryCounts;
  /** Appends that the store refused. */
  refusedByStore: number;
  /** Submissions that failed and were tried again. */
  failedTries: number;
  violations: Violation[];
  /** Logs of the nodes; `null` when nothing was wrong and they are gone. */
  folder: string | null;
}

export const WORKFLOW = join(import.meta.dirname!, "agents/workflow.yaml");
/** Between two strikes, so that there is also a time in which all is well. */
const PAUSE_MS = [500, 2_500] as const;
/** How long runs may still take when all faults are over. */
const SETTLE_MS = 60_000;
/** Runs of a cluster without fences may never end. */
const UNSAFE_SETTLE_MS = 10_000;

/** Runs one trial. Logs of the nodes stay behind when a promise was broken. */
export function runTrial(options: TrialOptions): Promise<Verdict> {
  const { fault, isUnsafe } = options;
  const unsafe: Record<string, string> = isUnsafe ? { DENIZEN_UNSAFE_NO_FENCE: "1" } : {};
  return withBed({
    ...options,
    wish: fault.wish,
    environment: (nodeId) => ({ ...fault.environment(nodeId), ...unsafe }),
    workflow: WORKFLOW,
    inputOf: (seed, ledger) => ({ seed, ledger }),
  }, (bed) => tryBed(bed, options));
}

async function tryBed(bed: Bed, options: TrialOptions): Promise<Verdict> {
  const { cluster, store, submit } = bed;
  const submitter = new Submitter(submit, options.runs / options.seconds);
  const startedAt = performance.now();
  submitter.start();
  const strikes = await strikeOn(cluster, store, options);
  const settleMs = options.isUnsafe ? UNSAFE_SETTLE_MS : SETTLE_MS;
  await submitter.stop(settleMs);
  await untilEnded(cluster, submitter, settleMs, options.signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  const history = await readHistory(bed, submitter);
  const broken = await checkAll(bed, history);
  const verdict = judge({ options, bed, submitter, seconds, strikes, history, broken });
  if (verdict.violations.length === 0) return verdict;
  await bed.keep(history);
  return { ...verdict, folder: bed.folder };
}

/** Strikes until the time is over, and answers how often. */
async function strikeOn(
  cluster: Cluster,
  store: StoreUnderTest,
  { fault, seconds, seed, electionTimeoutMs, signal: interrupt }: TrialOptions,
): Promise<number> {
  const random = new SeededRandom(seed);
  const { nodes } = cluster;
  const signal = AbortSignal.any([interrupt, AbortSignal.timeout(seconds * 1_000)]);
  const scene: Scene = {
    ...{ nodes, store, random, electionTimeoutMs, signal, strikes: 0 },
    leaders: () => cluster.leaders(),
  };
  while (!signal.aborted) {
    await sleep(random.int(...PAUSE_MS), undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    await fault.strike(scene);
    scene.strikes++;
  }
  return scene.strikes;
}

/** Waits until every acknowledged run has ended, or for so long. */
export async function untilEnded(
  { tail }: Cluster,
  { acknowledged }: Submitter,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  const isOpen = () => acknowledged.values().some((runId) => !tail.ended.has(runId));
  while (isOpen() && performance.now() < giveUpAt && !signal.aborted) await sleep(100);
}

/** What was seen of the cluster, up to now. */
export async function readHistory(
  { cluster: { tail }, ledger }: Bed,
  { acknowledged }: Submitter,
): Promise<History> {
  // Effects first: their attempts are in the journal by then.
  const effects = await ledger.entries();
  await tail.readOn();
  return {
    acknowledged,
    effects,
    segments: inOrder(tail.segments),
    journal: inOrder(tail.lines),
    needs: await readNeeds(WORKFLOW),
  };
}

function inOrder<T extends { partition: number; seq: number }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => a.partition - b.partition || a.seq - b.seq);
}

/** Every promise that was broken: what was seen is also held against what the store says now. */
export async function checkAll(bed: Bed, history: History): Promise<Violation[]> {
  const now = await readRuns(bed, [...history.acknowledged.values()]);
  const byRun = linesByRun(history);
  const seen = [...now.keys()].map((runId): [string, string[]] => [
    runId,
    (byRun.get(runId) ?? []).map(({ event }) => JSON.stringify(event)),
  ]);
  const violations = [...checkHistory(history), ...checkKept(new Map(seen), now)];
  for (const { nodeId, counts: { crashes } } of bed.cluster.nodes) {
    if (crashes === 0) continue;
    violations.push({ promise: "no node ends by itself", where: `${nodeId}: ${crashes} times` });
  }
  return violations;
}

/** Events of runs as the read side has them, as JSON. */
async function readRuns({ store, folder }: Bed, runIds: string[]): Promise<Map<string, string[]>> {
  const runs = new Map<string, string[]>();
  const reader = await openReader({ dataDir: join(folder, "client"), store: store.url });
  try {
    for (const runId of runIds) {
      const events = await Array.fromAsync(reader.events(runId)).catch(() => []);
      runs.set(runId, events.map(({ event }) => JSON.stringify(event)));
    }
    return runs;
  } finally {
    reader.close();
  }
}

function judge(
  { options, bed, submitter, seconds, strikes, history, broken }: {
    options: TrialOptions;
    bed: Bed;
    submitter: Submitter;
    seconds: number;
    strikes: number;
    history: History;
    broken: Violation[];
  },
): Verdict {
  const counts = countHistory(history);
  const refusedByStore = bed.cluster.nodes.reduce((sum, { counts }) => sum + counts.fenced, 0);
  const isStaleSeen = refusedByStore + counts.refusedByLedger > 0;
  const violations = [...broken];
  if (options.fault.bringsStaleWrites && !options.isUnsafe && !isStaleSeen) {
    const where = `${strikes} strikes, and not one stale write`;
    violations.push({ promise: "the fault brings stale writes, which are refused", where });
  }
  return {
    store: options.storeKind,
    fault: options.fault.name,
    seconds,
    strikes,
    counts,
    refusedByStore,
    failedTries: submitter.failed,
    violations,
    folder: null,
  };
}
