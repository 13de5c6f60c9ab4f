/**
 * A workflow with everything that a run page shows: retries, items, waits, and a task that takes
 * longer than anybody waits, unless it was cancelled once before.
 *
 * @module
 */
import { join } from "node:path";

const WORKFLOW = `name: slow-report
version: 1.2.0
description: Fetches pages, waits for something slow, and sums up
agents:
  collector: { module: ./collector.ts, concurrency: 4 }
  analyst: { module: ./collector.ts, concurrency: 2 }
tasks:
  plan: { agent: collector, with: { ms: 200, what: plan } }
  fetch:
    needs: [plan]
    forEach: "\${{ [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }}"
    agent: collector
    with: { ms: 150, what: page, n: "\${{ item }}" }
    retry: { maxAttempts: 3, backoff: { initial: 100ms } }
  rates: { needs: [plan], agent: analyst, with: { ms: 300, what: rates } }
  long: { needs: [rates], agent: analyst, with: { ms: 600000, what: long }, timeout: 15m }
  spare: { needs: [plan], if: "\${{ 1 == 2 }}", value: 1 }
  pause: { needs: [plan], wait: { for: 1s } }
  summary:
    needs: [fetch, long, pause]
    value: { pages: "\${{ size(tasks.fetch.output) }}", long: "\${{ tasks.long.output }}" }
output: "\${{ tasks.summary.output }}"
`;

const COLLECTOR = `import { AgentError, defineAgent } from "denizen";
import { z } from "zod";

const PARTS = 20;

export default defineAgent({
  name: "collector",
  capabilities: {
    collect: {
      input: z.object({ ms: z.number(), what: z.string(), n: z.number().optional() }),
      output: z.object({ what: z.string(), attempt: z.number() }),
    },
  },
  async run({ ms, what, n }, ctx) {
    ctx.log.info(\`begins \${what}\`, { ms, attempt: ctx.attempt });
    if (n === 7 && ctx.attempt === 1) {
      throw new AgentError("PAGE_BROKEN", "Page 7 came broken", { retryable: true });
    }
    const wholeMs = what === "long" && ctx.attempt > 1 ? 200 : ms;
    for (let part = 0; part < PARTS; part++) {
      ctx.progress(part / PARTS, \`part \${part} of \${PARTS}\`);
      await ctx.sleep(wholeMs / PARTS);
    }
    await ctx.step("store", () => ({ what, stored: true }));
    return { what, attempt: ctx.attempt };
  },
});
`;

/** Writes its files into a folder; the path of the workflow file. */
export async function writeSlowWorkflow(folder: string): Promise<string> {
  await Deno.writeTextFile(join(folder, "collector.ts"), COLLECTOR);
  const file = join(folder, "workflow.yaml");
  await Deno.writeTextFile(file, WORKFLOW);
  return file;
}

/** A workflow of `count` tasks in layers of 500, each with one need or two in the layer before. */
export function layeredWorkflow(count: number): string {
  const tasks = Array.from({ length: count }, (_, at) => {
    const needs = at < 500 ? [] : [at - 500, ...(at % 3 === 0 ? [at - (at % 500) - 1] : [])];
    const names = [...new Set(needs)].map((need) => `t${need}`).join(", ");
    return `  t${at}: {${names === "" ? "" : `needs: [${names}], `}value: 1}`;
  });
  return `name: many-tasks\nversion: 1.0.0\ntasks:\n${tasks.join("\n")}\n`;
}
