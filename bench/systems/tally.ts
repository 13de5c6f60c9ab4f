/** Counts messages, and the node keeps the count. */
import { defineActor } from "denizen";
import { z } from "zod";

export default defineActor({
  name: "tally",
  state: z.object({ count: z.number().default(0) }),
  messages: { take: {}, count: { output: z.number() } },
  on: {
    take: (_payload: unknown, ctx) => {
      ctx.state.count++;
    },
    count: (_payload: unknown, ctx) => ctx.state.count,
  },
});
