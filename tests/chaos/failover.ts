/**
 * How long a cluster stands still when a leader is killed.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../seeded_random.ts";
import { type Bed, withBed } from "./bed.ts";
import { type Cluster, type NodeProcess, Submitter } from "./cluster/mod.ts";
import { percentile } from "./percentile.ts";
import type { StoreKind } from "./stores/mod.ts";
import { WORKFLOW } from "./trial.ts";

const CROWD = join(import.meta.dirname!, "agents/crowd.yaml");
const NODES = 3;
/**
 * So many runs begin in a second: each partition has something to commit at any time. With more than
 * two nodes on a small machine can do, it is the backlog that would be measured.
 */
const RUNS_PER_SECOND = 8;
/** Killed at another moment of the heartbeat each time. */
const PAUSE_MS = [500, 1_500] as const;
/** A partition without a leader for so long has none. */
const GIVE_UP_MS = 30_000;
/** How often the journals are looked at: what is measured may be longer by this. */
const TAIL_MS = 30;

/** Delays in milliseconds. */
export interface Quantiles {
  p50: number;
  p95: number;
  max: number;
}

/** What was measured. */
export interface FailoverReport {
  store: StoreKind;
  kills: number;
  electionTimeoutMs: number;
  /** From the kill to the first new commit on each of the dead node's partitions. */
  partitions: Quantiles & { count: number };
  /** From the kill until all of them had a new commit. */
  nodes: Quantiles;
  isGoalMet: boolean;
}

/** Kills one leader after the other, and waits each time until its partitions go on. */
export function measureFailover(
  { storeKind, kills, electionTimeoutMs, seed, signal }: {
    storeKind: StoreKind;
    kills: number;
    electionTimeoutMs: number;
    seed: number;
    signal: AbortSignal;
  },
): Promise<FailoverReport> {
  const random = new SeededRandom(seed);
  return withBed({
    ...{ storeKind, electionTimeoutMs, nodes: NODES, wish: {}, tailMs: TAIL_MS },
    environment: () => ({}),
    workflow: WORKFLOW,
    inputOf: (seed, ledger) => ({ seed, ledger }),
  }, async ({ cluster, submit }) => {
    const submitter = new Submitter(submit, RUNS_PER_SECOND);
    submitter.start();
    const rows: number[][] = [];
    while (rows.length < kills && !signal.aborted) {
      await cluster.untilLed(cluster.nodes);
      await sleep(random.int(...PAUSE_MS));
      const node = random.pick(cluster.nodes);
      rows.push(await killAndWait(cluster, node));
      node.start();
    }
    await submitter.stop(GIVE_UP_MS);
    const all = quantilesOf(rows.flat());
    return {
      ...{ store: storeKind, kills: rows.length, electionTimeoutMs },
      partitions: { count: rows.flat().length, ...all },
      nodes: quantilesOf(rows.map((row) => Math.max(...row))),
      isGoalMet: all.p95 <= 2 * electionTimeoutMs,
    };
  });
}

function quantilesOf(values: readonly number[]): Quantiles {
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => Math.round(percentile(values, share)));
  return { p50: p50!, p95: p95!, max: max! };
}

/** The delay of each of the node's partitions. */
async function killAndWait(cluster: Cluster, node: NodeProcess): Promise<number[]> {
  const terms = await cluster.termsOf(node);
  const delays = new Map<number, number>();
  const killedAt = performance.now();
  const ignore = cluster.tail.listen(({ partition, term }) => {
    const old = terms.get(partition);
    if (old === undefined || term <= old || delays.has(partition)) return;
    delays.set(partition, performance.now() - killedAt);
  });
  try {
    await node.kill();
    while (delays.size < terms.size) {
      if (performance.now() > killedAt + GIVE_UP_MS) {
        throw new Error(`Partitions of ${node.nodeId} do not go on:\n${cluster.lastLines()}`);
      }
      await sleep(5);
    }
    return [...delays.values()];
  } finally {
    ignore();
  }
}

/** What became of the runs in flight on a node that was killed. */
export interface CrowdReport {
  store: StoreKind;
  /** In flight on the node when it was killed. */
  runs: number;
  /** From the kill to the first new event of each run. */
  goesOnMs: Quantiles;
  /** Runs that never went on. */
  lost: number;
  isGoalMet: boolean;
}

/** All go on within so long. */
const CROWD_GOAL_MS = 3_000;
const CROWD_WAIT_MS = 600_000;

/** Kills a node that has at least so many runs in flight. */
export function measureCrowd(
  { storeKind, runs, electionTimeoutMs }: {
    storeKind: StoreKind;
    runs: number;
    electionTimeoutMs: number;
  },
): Promise<CrowdReport> {
  return withBed({
    ...{ storeKind, electionTimeoutMs, nodes: NODES, wish: {}, tailMs: TAIL_MS },
    environment: () => ({}),
    workflow: CROWD,
    inputOf: (seed) => ({ seed, ms: 60_000 }),
  }, (bed) => killCrowd(bed, storeKind, runs));
}

async function killCrowd(
  { cluster, submit }: Bed,
  store: StoreKind,
  runs: number,
): Promise<CrowdReport> {
  await cluster.untilLed(cluster.nodes);
  const submitter = new Submitter(submit, 500);
  submitter.start();
  const giveUpAt = performance.now() + CROWD_WAIT_MS;
  let node = cluster.nodes[0]!;
  for (let most = 0; most < runs;) {
    if (performance.now() > giveUpAt) throw new Error(`Only ${most} runs are in flight`);
    await sleep(50);
    for (const one of cluster.nodes) {
      const count = inFlightOn(cluster, await cluster.termsOf(one)).size;
      if (count > most) [most, node] = [count, one];
    }
  }
  await submitter.stop(GIVE_UP_MS);
  const waiting = inFlightOn(cluster, await cluster.termsOf(node));
  const count = waiting.size;
  const killedAt = performance.now();
  const delays: number[] = [];
  const ignore = cluster.tail.listen((_, lines) => {
    for (const { runId } of lines) {
      if (waiting.delete(runId)) delays.push(performance.now() - killedAt);
    }
  });
  await node.kill();
  while (waiting.size > 0 && performance.now() < killedAt + GIVE_UP_MS) await sleep(20);
  ignore();
  const goesOnMs = quantilesOf(delays);
  const isGoalMet = waiting.size === 0 && goesOnMs.max <= CROWD_GOAL_MS;
  return { store, runs: count, goesOnMs, lost: waiting.size, isGoalMet };
}

/** Runs of these partitions with an attempt that has begun and has not been answered. */
function inFlightOn({ tail }: Cluster, partitions: ReadonlyMap<number, number>): Set<string> {
  const inFlight = new Set<string>();
  for (const { partition, runId, event } of tail.lines) {
    if (!partitions.has(partition)) continue;
    if (event.type === "AttemptStarted") inFlight.add(runId);
    if (event.type === "AttemptFailed" || event.type === "TaskCompleted") inFlight.delete(runId);
  }
  return inFlight;
}
