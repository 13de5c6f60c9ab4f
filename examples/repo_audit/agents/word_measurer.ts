import { AgentError, defineAgent } from "denizen";
import { z } from "zod";
import { BatchInput, Measurement } from "../audit_types.ts";
import {
  DecisionRules,
  LanguageWithoutRules,
  measureByWords,
} from "../measure/measure_by_words.ts";

/** Counts decisions by the words of a rules file: fast, as long as that file is in order. */
export default defineAgent({
  name: "word-measurer",
  capabilities: {
    "code.measure": {
      input: BatchInput.extend({
        longFunctionLines: z.number().int().positive(),
        rules: z.string().min(1),
      }),
      output: Measurement,
    },
  },
  async run(input, ctx) {
    const rules = await readRules(input.rules);
    try {
      return await measureByWords(input, rules, ctx.signal);
    } catch (error) {
      if (!(error instanceof LanguageWithoutRules)) throw error;
      throw new AgentError("NEEDS_PARSER", error.message);
    }
  },
});

/** Read for each task: whoever mends the file has the agent back without a restart. */
async function readRules(path: string): Promise<DecisionRules> {
  try {
    return DecisionRules.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AgentError("RULES_UNUSABLE", `Cannot use the rules in "${path}": ${why}`);
  }
}
