/** Writes down who came, and what was wrong about it. */
import { defineActor } from "denizen";
import { z } from "zod";

export default defineActor({
  name: "book",
  state: z.object({
    /** Number of the last visit of each visitor. */
    last: z.record(z.string(), z.number()).default({}),
    /** Milliseconds from the sending of a visit to its handling. */
    ms: z.array(z.number()).default([]),
    faults: z.array(z.string()).default([]),
  }),
  messages: { visit: { input: z.object({ n: z.number(), sentAt: z.number() }) } },
  on: {
    visit({ n, sentAt }, ctx) {
      const { last, ms, faults } = ctx.state;
      const before = last[ctx.sender] ?? 0;
      if (n !== before + 1) faults.push(`${n} of ${ctx.sender} came after ${before}`);
      last[ctx.sender] = n;
      ms.push(Date.now() - sentAt);
    },
  },
});
