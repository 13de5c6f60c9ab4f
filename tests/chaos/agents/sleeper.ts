import { defineAgent } from "denizen";

/** Does nothing for a while: many of them can be in flight on a small machine. */
export default defineAgent({
  name: "sleeper",
  capabilities: {},
  async run(input, ctx) {
    await ctx.sleep((input as { ms: number }).ms);
    return ctx.attempt;
  },
});
