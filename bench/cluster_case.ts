import { join } from "node:path";
import { partitionOfRun } from "../core/partitions.ts";
import { loadWithCells } from "../runtime/node/load_with_cells.ts";
import { openStores, type Stores } from "../runtime/node/open_store.ts";
import { PackageShelf } from "../runtime/node/package_shelf.ts";
import { createCells } from "../runtime/cells/mod.ts";
import { startDenizen, type Started } from "../tests/cli/denizen_process.ts";
import { monotonicFactory } from "ulid";
import { ROOT } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";

const WARM_UP = 300;
const RUNS = 3_000;
const BATCH = 100;
const POLL_MS = 20;
const WORKFLOW = join(ROOT, "bench/workflows/three_steps.yaml");

/** Where nodes share a store. */
export interface ClusterPlace {
  /** `kv` or `postgres`, for the row's name. */
  engine: string;
  dataDir: string;
  /** As `--store` takes it. */
  store: string;
}

/**
 * Runs of three steps through 1, 2 and 3 nodes of one store, each time from submission to the last
 * end. The limit is the rate of one node.
 */
export async function measureClusters(
  places: (nodes: number) => ClusterPlace[],
  isQuick: boolean,
): Promise<Measurement[]> {
  const rates = new Map<string, number[]>();
  const rounds = isQuick ? 1 : 3;
  for (const nodes of [1, 2, 3]) {
    for (const place of places(nodes)) {
      rates.set(`${place.engine} ${nodes}`, await measureRate(place, nodes, rounds));
    }
  }
  return [...rates].map(([key, samples]) => {
    const [engine, nodes] = key.split(" ");
    const row = { name: `cluster.${engine}.${nodes}.rate`, unit: "runs/s", limitName: "one node" };
    return measurementOf(row, samples, rates.get(`${engine} 1`)!);
  });
}

async function measureRate(place: ClusterPlace, nodes: number, rounds: number): Promise<number[]> {
  const started: Started[] = [];
  for (let n = 1; n <= nodes; n++) started.push(serve(place, `n${n}`));
  await Promise.all(started.map((node) => node.saw("is up at")));
  const stores = await openStores(place);
  try {
    await untilBalanced(stores, nodes);
    const submit = await submitter(place, stores);
    await submit(WARM_UP);
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await submit(RUNS));
    return samples;
  } finally {
    await stores.close();
    for (const { child } of started) child.kill("SIGTERM");
    await Promise.all(started.map(({ finished }) => finished));
  }
}

function serve({ dataDir, store }: ClusterPlace, nodeId: string): Started {
  const args = [
    "serve",
    "--data",
    dataDir,
    "--store",
    store,
    "--node-id",
    nodeId,
    "--port",
    "0",
    "--no-dashboard",
    "--no-examples",
  ];
  return startDenizen([...args, "--election-timeout", "2s"], ROOT);
}

/** Every partition is led, and by all of the nodes. */
async function untilBalanced({ runs, cluster }: Stores, nodes: number): Promise<void> {
  for (;;) {
    const { partitions } = (await cluster.knownSettings())!;
    const leaders = (await runs.terms()).flatMap(({ holder }) => holder?.nodeId ?? []);
    if (leaders.length === partitions && new Set(leaders).size === nodes) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Submits so many runs; answers how many ended in a second. */
async function submitter(place: ClusterPlace, stores: Stores) {
  const cells = createCells({ spares: 0 });
  const workflow = await loadWithCells(WORKFLOW, { cells, dataDir: place.dataDir });
  await cells.close();
  await new PackageShelf(() => Promise.resolve(stores.runs)).remember(workflow);
  const { partitions } = (await stores.cluster.knownSettings())!;
  const nextId = monotonicFactory();
  return async (count: number): Promise<number> => {
    const runIds = Array.from({ length: count }, () => nextId());
    const startMs = performance.now();
    const byPartition = Map.groupBy(runIds, (runId) => partitionOfRun(runId, partitions));
    await Promise.all([...byPartition].map(async ([partition, ids]) => {
      for (let at = 0; at < ids.length; at += BATCH) {
        const body = { packageHash: workflow.packageHash, input: {}, workDir: ROOT };
        const wishes = ids.slice(at, at + BATCH)
          .map((runId) => ({ runId, type: "submit", body }));
        await stores.runs.send(partition, wishes);
        stores.cluster.bell?.ring([`partition:${partition}`]);
      }
    }));
    await untilEnded(stores, runIds);
    return count / (performance.now() - startMs) * 1_000;
  };
}

/** Runs end about in the order in which they were submitted. */
async function untilEnded({ runs }: Stores, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) {
    for (;;) {
      const entry = await runs.run(runId);
      if (entry !== null && entry.finishedAt !== null) {
        if (entry.status !== "completed") throw new Error(`Run ${runId} is ${entry.status}`);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
