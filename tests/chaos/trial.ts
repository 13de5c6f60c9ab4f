/**
 * One trial: a cluster at work under one kind of fault, and what is to be said of it afterwards.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../seeded_random.ts";
import {
  checkHistory,
  checkKept,
  countHistory,
  type History,
  type HistoryCounts,
  type Violation,
} from "./checks/mod.ts";
import { type Bed, withBed } from "./bed.ts";
import { type Cluster, readJournal, readNeeds, Submitter } from "./cluster/mod.ts";
import type { Fault, Scene } from "./faults/mod.ts";
import type { StoreKind, StoreUnderTest } from "./stores/mod.ts";

/** A short mix of faults may be over before a leader was stopped. */
const STRIKES_THAT_BITE = 4;

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
  const broken = checkAll(bed, submitter, history);
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
  { tail, link }: Cluster,
  { acknowledged }: Submitter,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (performance.now() < giveUpAt && !signal.aborted) {
    const open = acknowledged.values().find((runId) => !tail.ended.has(runId));
    if (open === undefined) return;
    // Its end may have been moved out of the journal before it was seen there.
    const entry = await link.ask(({ runs }) => runs.run(open)).catch(() => null);
    if (entry !== null && entry.finishedAt !== null) tail.ended.add(open);
    else await sleep(100);
  }
}

/** Ends the cluster, so that journal and ledger can be compared, and answers what was seen of it. */
export async function readHistory(
  { cluster, ledger }: Bed,
  { acknowledged }: Submitter,
): Promise<History> {
  await cluster.halt();
  const { link, tail } = cluster;
  await tail.readOn();
  const segments = tail.segments.toSorted((a, b) => a.partition - b.partition || a.seq - b.seq);
  const { lines, compactedTo } = await readJournal(link, segments);
  return {
    ...{ acknowledged, segments, compactedTo, journal: lines },
    effects: await ledger.entries(),
    needs: await readNeeds(WORKFLOW),
  };
}

/** Every promise that was broken: what was seen is also held against what the store says now. */
export function checkAll(
  { cluster }: Bed,
  { unanswered }: Submitter,
  history: History,
): Violation[] {
  const violations = [...checkHistory(history), ...checkKept(cluster.tail.lines, history)];
  for (const { nodeId, counts: { crashes } } of cluster.nodes) {
    if (crashes === 0) continue;
    violations.push({ promise: "no node ends by itself", where: `${nodeId}: ${crashes} times` });
  }
  const hangs = cluster.link.hangs + unanswered;
  if (hangs > 0) {
    violations.push({ promise: "every call of the store is answered", where: `${hangs} were not` });
  }
  return violations;
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
  const isSure = options.fault.name !== "mixed" || strikes >= STRIKES_THAT_BITE;
  const mustBite = options.fault.bringsStaleWrites && isSure;
  if (mustBite && !options.isUnsafe && !isStaleSeen) {
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
