import { join } from "node:path";
import { openReader } from "../../mod.ts";
import type { StorePlace } from "../../runtime/node/open_store.ts";

/** A small workflow with one agent, for tests of the command line. */
export const AGENT = `
import { AgentError, defineAgent } from "denizen";
import { z } from "zod";
export default defineAgent({
  name: "worker",
  capabilities: {
    work: {
      input: z.object({ ms: z.number(), item: z.number().default(0), stubborn: z.boolean().default(false) }),
      output: z.object({ item: z.number() }),
    },
  },
  async run(input, ctx) {
    ctx.progress(0.5, "half way");
    ctx.log.info("begins", { item: input.item });
    const endsAt = performance.now() + input.ms;
    // A stubborn agent does not listen to its signal.
    if (input.stubborn) while (performance.now() < endsAt) await new Promise((r) => setTimeout(r, 20));
    else await ctx.sleep(input.ms);
    if (input.item < 0) throw new AgentError("NEGATIVE", "item is negative", { retryable: false });
    return { item: input.item };
  },
});
`;

export const FLOW = `
name: small
input:
  type: object
  properties:
    ms: { type: integer, default: 1 }
    items: { type: array, items: { type: integer }, default: [1, 2, 3] }
    stubborn: { type: boolean, default: false }
agents:
  worker: { module: ./worker.ts, concurrency: 4 }
tasks:
  first: { agent: worker, with: { ms: "\${{ input.ms }}", stubborn: "\${{ input.stubborn }}" } }
  each:
    needs: [first]
    forEach: "\${{ input.items }}"
    agent: worker
    with: { ms: "\${{ input.ms }}", item: "\${{ item }}" }
  count: { needs: [each], value: "\${{ size(tasks.each.output) }}" }
output: { count: "\${{ tasks.count.output }}" }
`;

/** Files of the workflow, for a folder of its own. */
export const FLOW_FILES = { "flow.yaml": FLOW, "worker.ts": AGENT };

/** Waits until `look` answers with something, for at most `limitMs`. */
export async function until<T>(
  look: () => Promise<T | null> | T | null,
  limitMs = 120_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`Nothing came within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Id of the newest run once one of its tasks runs, as the store has it. A command would take as long
 * as the task, and what a run prints may not be in the store yet.
 */
export function untilRunning(place: StorePlace): Promise<string> {
  return until(async () => {
    const reader = await openReader(place).catch(() => null);
    if (reader === null) return null;
    try {
      const [run] = (await reader.list({ limit: 1 })).items;
      const view = run === undefined ? null : await reader.show(run.runId);
      const isRunning = view?.tasks.some(({ status }) => status === "running") ?? false;
      return isRunning ? run!.runId : null;
    } finally {
      reader.close();
    }
  });
}

/** The store's folder of a test folder. */
export function dataDir(folder: string): string {
  return join(folder, ".denizen");
}
