/** Writes every message into a ledger that cannot be taken back, and counts them in its state. */
import { defineActor } from "denizen";
import { z } from "zod";

let ledger: Deno.FsFile | undefined;
const encoder = new TextEncoder();

export default defineActor({
  name: "sink",
  state: z.object({
    /** By sender. */
    last: z.record(z.string(), z.number()).default({}),
    count: z.record(z.string(), z.number()).default({}),
  }),
  messages: { take: { input: z.object({ n: z.number() }) } },
  on: {
    take({ n }, ctx) {
      ledger ??= Deno.openSync(ctx.options.ledger as string, { append: true });
      ledger.writeSync(encoder.encode(`${ctx.key} ${ctx.sender} ${n}\n`));
      const { last, count } = ctx.state;
      last[ctx.sender] = n;
      count[ctx.sender] = (count[ctx.sender] ?? 0) + 1;
    },
  },
});
