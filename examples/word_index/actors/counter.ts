/**
 * Adds up the files of one kind. One instance for each file name extension, made by its first
 * message; its state is written together with the mark that the message was handled, so that each
 * file counts once whatever dies.
 *
 * @module
 */
import { defineActor } from "denizen";
import { z } from "zod";

/** What the files of one kind come to, in one run. */
const TOTALS = z.object({
  run: z.number().default(0),
  files: z.number().default(0),
  lines: z.number().default(0),
  words: z.number().default(0),
  bytes: z.number().default(0),
});

/** What the counter answers with. */
export type Totals = z.output<typeof TOTALS>;

const COUNT = z.object({
  run: z.number(),
  path: z.string(),
  lines: z.number(),
  words: z.number(),
  bytes: z.number(),
  frequencies: z.record(z.string(), z.number()),
});

export default defineActor({
  name: "counter",
  state: TOTALS,
  messages: { count: { input: COUNT }, totals: { output: TOTALS } },
  on: {
    async count({ run, path, lines, words, bytes, frequencies }, ctx) {
      if (ctx.state.run !== run) ctx.state = { run, files: 0, lines: 0, words: 0, bytes: 0 };
      ctx.state.files++;
      ctx.state.lines += lines;
      ctx.state.words += words;
      ctx.state.bytes += bytes;
      await ctx.emit("files.counted", { run, path, extension: ctx.key, frequencies });
    },
    totals: (_, ctx) => ctx.state,
  },
});
