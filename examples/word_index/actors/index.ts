/**
 * Begins a run, hears of each file that was counted, and ends with the ranking. What it knows is
 * kept: after a crash, or `kill -9`, it goes on where it was.
 *
 * @module
 */
import { type ActorContext, defineActor } from "denizen";
import { z } from "zod";
import type counter from "./counter.ts";

const STATE = z.object({
  run: z.number().default(0),
  isDone: z.boolean().default(true),
  /** Files of this run; `null` until the walker has told. */
  expected: z.number().nullable().default(null),
  counted: z.number().default(0),
  skipped: z.array(z.string()).default([]),
  extensions: z.array(z.string()).default([]),
  frequencies: z.record(z.string(), z.number()).default({}),
});
type State = z.output<typeof STATE>;

const COUNTED = z.object({
  run: z.number(),
  extension: z.string(),
  frequencies: z.record(z.string(), z.number()),
});

const TOP = 10;

export default defineActor({
  name: "index",
  state: STATE,
  messages: {
    expect: { input: z.object({ run: z.number(), files: z.number() }) },
    counted: { input: COUNTED },
    skipped: { input: z.object({ run: z.number(), path: z.string(), reason: z.string() }) },
  },
  on: {
    expect({ files }, ctx) {
      ctx.state.expected = files;
      return finishIfComplete(ctx);
    },
    counted({ extension, frequencies }, ctx) {
      const { state } = ctx;
      state.counted++;
      if (state.counted % 20 === 0) ctx.log.info(`counted ${state.counted} files`);
      if (!state.extensions.includes(extension)) state.extensions.push(extension);
      for (const [word, count] of Object.entries(frequencies)) {
        const before = Object.hasOwn(state.frequencies, word) ? state.frequencies[word]! : 0;
        state.frequencies[word] = before + count;
      }
      return finishIfComplete(ctx);
    },
    skipped({ path, reason }, ctx) {
      ctx.state.skipped.push(path);
      ctx.log.warn(`skipped ${path}: ${reason}`);
      return finishIfComplete(ctx);
    },
  },

  /** A run that was interrupted goes on: its `walk` has an id, and a second one is not delivered. */
  async onStart(ctx) {
    if (ctx.state.isDone) ctx.state = STATE.parse({ run: ctx.state.run + 1, isDone: false });
    const { run } = ctx.state;
    await ctx.tell("actor://walker", "walk", { run }, { durable: true, id: `walk-${run}` });
  },
});

async function finishIfComplete(ctx: ActorContext<State>): Promise<void> {
  const { expected, counted, skipped, extensions, frequencies } = ctx.state;
  if (counted + skipped.length !== expected) return;
  ctx.log.info(`counted all: ${counted} files, and skipped ${skipped.length}`);
  for (const extension of extensions.sort()) {
    const { files, lines, words, bytes } = await ctx.actor<typeof counter>("counter", extension)
      .ask("totals");
    ctx.log.info(`${extension}: ${files} files, ${lines} lines, ${words} words, ${bytes} bytes`);
  }
  const ranking = Object.entries(frequencies).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const top = ranking.slice(0, TOP).map(([word, count]) => `${word} ${count}`);
  ctx.log.info(`most frequent: ${top.join(", ")}`);
  ctx.state.isDone = true;
  await ctx.stopSystem();
}
