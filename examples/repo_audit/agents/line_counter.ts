import { AgentError, defineAgent } from "denizen";
import { z } from "zod";
import { BatchInput, Measurement } from "../audit_types.ts";
import { LanguageWithoutRules, measureByWords } from "../measure/measure_by_words.ts";

/** The fastest, and of use for prose and data alone: what it would have to parse it refuses. */
export default defineAgent({
  name: "line-counter",
  capabilities: {
    "code.measure": {
      input: BatchInput.extend({ longFunctionLines: z.number().int().positive() }),
      output: Measurement,
    },
  },
  async run(input, ctx) {
    try {
      return await measureByWords(input, {}, ctx.signal);
    } catch (error) {
      if (!(error instanceof LanguageWithoutRules)) throw error;
      throw new AgentError("NEEDS_PARSER", error.message);
    }
  },
});
