/** Sends message after message to each sink in turn, and remembers what was acknowledged. */
import { defineActor } from "denizen";
import { z } from "zod";

export default defineActor({
  name: "source",
  state: z.object({ acknowledged: z.number().default(0) }),
  messages: {
    send: {
      input: z.object({ count: z.number(), sinks: z.number() }),
      output: z.number(),
    },
  },
  on: {
    /** Until the answer is durable, so is not what it says: the same messages go once more. */
    async send({ count, sinks }, ctx) {
      const from = ctx.state.acknowledged;
      await Promise.all(Array.from({ length: count }, (_, i) => {
        const n = Math.floor((from + i) / sinks) + 1;
        const to = `actor://sink/${(from + i) % sinks}`;
        return ctx.tell(to, "take", { n }, { durable: true, id: `${from + i}` });
      }));
      return ctx.state.acknowledged += count;
    },
  },
});
