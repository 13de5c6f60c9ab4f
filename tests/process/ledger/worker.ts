import { defineAgent } from "denizen";

interface Work {
  folder: string;
  value: unknown;
  /** Memoised steps to take on the way. */
  steps?: string[];
  /** File to write the value to. */
  report?: string;
}

export default defineAgent({
  name: "worker",
  capabilities: {},
  async run(input, ctx) {
    const { folder, value, steps = [], report } = input as Work;
    const note = (what: string) =>
      Deno.writeTextFileSync(
        `${folder}/ledger.jsonl`,
        JSON.stringify({ what, task: ctx.task, index: ctx.index, attempt: ctx.attempt }) + "\n",
        { append: true },
      );
    note("begin");
    for (const step of steps) {
      await ctx.step(step, () => note(`step ${step}`));
      await ctx.sleep(10);
    }
    await ctx.sleep(25);
    if (report !== undefined) Deno.writeTextFileSync(`${folder}/${report}`, JSON.stringify(value));
    note("end");
    return value;
  },
});
