/** Asks, and tells as fast as the node takes messages. */
import { defineActor } from "denizen";
import { z } from "zod";

const TEXT = "x".repeat(80);
/**
 * One message in so many is waited for, so that a full mailbox slows the sender down. Two loads of
 * them fit into the half of a mailbox that fills while nobody is told "taken".
 */
const AWAIT_EVERY = 200;

export default defineActor({
  name: "sender",
  messages: {
    ask: { input: z.object({ to: z.string(), count: z.number() }), output: z.array(z.number()) },
    flood: {
      input: z.object({ to: z.array(z.string()), forMs: z.number(), durable: z.boolean() }),
      output: z.number(),
    },
  },
  on: {
    /** Milliseconds of each of `count` round trips, one after the other. */
    async ask({ to, count }, ctx) {
      const times: number[] = [];
      for (let n = 0; n < count; n++) {
        const startMs = performance.now();
        await ctx.ask(to, "echo", { n, text: TEXT });
        times.push(performance.now() - startMs);
      }
      return times;
    },
    /** Tells to each of `to` in turn; answers with how many messages were sent. */
    async flood({ to, forMs, durable }, ctx) {
      const options = durable ? { durable } : undefined;
      const endMs = performance.now() + forMs;
      let sent = 0;
      let before: Promise<void> | undefined;
      while (performance.now() < endMs) {
        let last: Promise<void> | undefined;
        for (let i = 0; i < AWAIT_EVERY; i++) {
          last = ctx.tell(to[sent % to.length]!, "take", { n: sent++, text: TEXT }, options);
        }
        // Of the load before, so that the node always has something.
        await before;
        before = last;
      }
      await before;
      return sent;
    },
  },
});
