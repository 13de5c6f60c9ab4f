/**
 * Simulates blocks of seeds, as it is asked.
 *
 * @module
 */
import type { SeedBlock, SeedReport } from "./simulate_seeds.ts";
import { WORLDS } from "./worlds.ts";

self.onmessage = ({ data }: MessageEvent<SeedBlock>) => {
  self.postMessage(simulateBlock(data));
};

function simulateBlock(block: SeedBlock): SeedReport {
  const { simulate } = WORLDS.find(({ name }) => name === block.world)!;
  const counts = new Map<string, number>();
  for (let seed = block.from; seed < block.to; seed++) {
    try {
      for (const [what, count] of simulate(seed)) counts.set(what, (counts.get(what) ?? 0) + count);
    } catch (error) {
      const reason = error instanceof Error ? error.stack ?? error.message : String(error);
      return { block, counts, failure: { seed, reason } };
    }
  }
  return { block, counts, failure: null };
}
