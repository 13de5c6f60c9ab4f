import { defineAgent } from "denizen";
import { z } from "zod";

export default defineAgent({
  name: "greeter",
  capabilities: {
    greet: { input: z.object({ name: z.string() }), output: z.string() },
  },
  async run(input, ctx) {
    ctx.progress(0.5, `greeting ${input.name}`);
    const greeting = await ctx.step("compose", () => `Hello ${input.name}`); // once, even after a crash
    return greeting;
  },
});
