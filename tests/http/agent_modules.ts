/**
 * Modules of agents that tests register.
 *
 * @module
 */

/** Counts lines; keeps what it claims. @param rest further members of the agent, as source */
export function countingAgent(version = "1.0.0", rest = ""): string {
  return `import { defineAgent } from "denizen";
import { z } from "zod";
export default defineAgent({
  name: "line-counter",
  version: "${version}",
  description: "Counts lines",
  costUsd: 0.002,
  capabilities: {
    "text.count": {
      input: z.object({ text: z.string() }),
      output: z.object({ lines: z.number() }),
      isA: "text.measure",
      partOf: "text.audit",
      examples: [{ input: { text: "a\\nb" }, output: { lines: 2 } }],
    },
  },
  ${rest}
  run: ({ text }) => ({ lines: text.split("\\n").length }),
});
`;
}

/** Claims to count lines, and answers something else. */
export function boastingAgent(): string {
  return countingAgent("2.0.0").replace(".length }", ".length + 1 }");
}

/** A workflow whose task asks for what {@linkcode countingAgent} can do. */
export const COUNTING = {
  name: "counting",
  input: { type: "object", properties: { text: { type: "string", default: "one\ntwo\nthree" } } },
  tasks: {
    count: { capability: "text.measure", with: { text: "${{ input.text }}" } },
  },
  output: "${{ tasks.count.output }}",
};
