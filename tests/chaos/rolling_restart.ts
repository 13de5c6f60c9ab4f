/**
 * Restarts one node after the other in order while the cluster works, as an upgrade does.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openReader } from "../../runtime/node/mod.ts";
import { type Bed, withBed } from "./bed.ts";
import { countHistory, type HistoryCounts, type Violation } from "./checks/mod.ts";
import { Submitter } from "./cluster/mod.ts";
import { percentile } from "./percentile.ts";
import type { StoreKind } from "./stores/mod.ts";
import { checkAll, readHistory, untilEnded, WORKFLOW } from "./trial.ts";

const NODES = 3;
const RUNS_PER_SECOND = 25;
/** Between a node that is back and the next one. */
const PAUSE_MS = 2_000;
/** Between two questions about a run. */
const ASK_MS = 20;
const SETTLE_MS = 60_000;

/** What came of it. */
export interface RollingReport {
  store: StoreKind;
  restarts: number;
  /** Submissions and questions about runs. */
  requests: number;
  failedRequests: number;
  /** Messages of those that failed. */
  failures: string[];
  /** Longest that a submission waited for its acknowledgement. */
  slowestSubmitMs: number;
  /** How long each node took from SIGTERM to its end. */
  drainMs: number[];
  counts: HistoryCounts;
  violations: Violation[];
}

/** Drains, ends and starts each of the nodes, so many times. */
export function restartInTurn(
  { storeKind, rounds, electionTimeoutMs, signal }: {
    storeKind: StoreKind;
    rounds: number;
    electionTimeoutMs: number;
    signal: AbortSignal;
  },
): Promise<RollingReport> {
  return withBed({
    ...{ storeKind, electionTimeoutMs, nodes: NODES, wish: {} },
    environment: () => ({}),
    workflow: WORKFLOW,
    inputOf: (seed, ledger) => ({ seed, ledger }),
  }, async (bed) => {
    const { cluster } = bed;
    await cluster.untilLed(cluster.nodes);
    const submitter = new Submitter(bed.submit, RUNS_PER_SECOND);
    submitter.start();
    const questions = askAlways(bed, submitter);
    const drainMs: number[] = [];
    const violations: Violation[] = [];
    for (let turn = 0; turn < rounds * NODES && !signal.aborted; turn++) {
      await sleep(PAUSE_MS);
      const node = cluster.nodes[turn % NODES]!;
      const startedAt = performance.now();
      const code = await node.drain();
      drainMs.push(Math.round(performance.now() - startedAt));
      if (code !== 0) {
        const where = `${node.nodeId} ended with ${code}`;
        violations.push({ promise: "a node that is asked to end does so in order", where });
      }
      node.start();
      await cluster.untilLed(cluster.nodes);
    }
    await submitter.stop(SETTLE_MS);
    const asked = await questions.stop();
    await untilEnded(cluster, submitter, SETTLE_MS, signal);
    const history = await readHistory(bed, submitter);
    violations.push(...checkAll(bed, submitter, history));
    if (violations.length > 0) await bed.keep(history);
    return {
      ...{ store: storeKind, restarts: drainMs.length, drainMs, violations },
      requests: submitter.tries + asked.count,
      failedRequests: submitter.failed + asked.failures.length,
      failures: [...submitter.failures.keys(), ...asked.failures],
      slowestSubmitMs: Math.round(percentile(submitter.waitsMs, 1)),
      counts: countHistory(history),
    };
  });
}

/** Asks how runs stand, one question after the other. */
function askAlways({ store, folder }: Bed, { acknowledged }: Submitter) {
  const result = { count: 0, failures: [] as string[] };
  let isOver = false;
  const asking = (async () => {
    const reader = await openReader({ dataDir: join(folder, "client"), store: store.url });
    while (!isOver) {
      await sleep(ASK_MS);
      const runIds = [...acknowledged.values()];
      const runId = runIds[Math.floor(Math.random() * runIds.length)];
      if (runId === undefined) continue;
      result.count++;
      try {
        await reader.show(runId);
      } catch (error) {
        result.failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    reader.close();
  })();
  return {
    stop: async () => {
      isOver = true;
      await asking;
      return result;
    },
  };
}
