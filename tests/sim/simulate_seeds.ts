/** Seeds for one worker. */
export interface SeedBlock {
  world: string;
  from: number;
  /** Exclusive. */
  to: number;
}

/** What came of a block; a failure ends it. */
export interface SeedReport {
  block: SeedBlock;
  /** What happened, and how often. */
  counts: Map<string, number>;
  failure: { seed: number; reason: string } | null;
}

const BLOCK = 100;

/**
 * Simulates seeds on several cores. The answer does not depend on how many: of several failing seeds
 * it names the lowest.
 */
export async function simulateSeeds(
  seeds: SeedBlock,
  jobs: number,
): Promise<Pick<SeedReport, "counts" | "failure">> {
  const blocks = blocksOf(seeds);
  const counts = new Map<string, number>();
  let failure: SeedReport["failure"] = null;
  const note = (report: SeedReport) => {
    for (const [what, count] of report.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (report.failure === null || report.failure.seed > (failure?.seed ?? Infinity)) return;
    failure = report.failure;
    // Blocks before it are under way; those behind it need not begin.
    blocks.length = 0;
  };
  await Promise.all(Array.from({ length: jobs }, () => work(blocks, note)));
  return { counts, failure };
}

function blocksOf({ world, from, to }: SeedBlock): SeedBlock[] {
  const blocks: SeedBlock[] = [];
  for (let at = from; at < to; at += BLOCK) {
    blocks.push({ world, from: at, to: Math.min(to, at + BLOCK) });
  }
  return blocks;
}

/** One worker after the other block, until none is left. */
async function work(blocks: SeedBlock[], note: (report: SeedReport) => void): Promise<void> {
  const worker = new Worker(new URL("./seed_worker.ts", import.meta.url), { type: "module" });
  try {
    for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
      note(await ask(worker, block));
    }
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, block: SeedBlock): Promise<SeedReport> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<SeedReport>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(block);
  });
}
