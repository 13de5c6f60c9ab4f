/** Counts messages in memory. */
import { defineActor } from "denizen";

export default defineActor({
  name: "receiver",
  initial: () => ({ count: 0 }),
  persist: false,
  on: {
    echo: (payload: unknown) => payload,
    take: (_payload: unknown, ctx) => {
      ctx.state.count++;
    },
    count: (_payload: unknown, ctx) => ctx.state.count,
  },
});
