import assert from "node:assert/strict";
import type { AgentDeclaration, CapabilityDeclaration } from "../../actors/declaration.ts";
import { parseWorkflow } from "../../workflows/parse.ts";
import { needsMarket, ownAgentsOf, packAgent } from "./own_agents.ts";

function declare(...capabilities: Partial<CapabilityDeclaration>[]): AgentDeclaration {
  return {
    name: "a",
    version: null,
    description: null,
    permissions: null,
    concurrency: null,
    costUsd: 0.5,
    bids: false,
    capabilities: capabilities.map((one) => ({
      name: "none",
      input: null,
      output: null,
      isA: [],
      partOf: [],
      examples: [],
      ...one,
    })),
  };
}

function workflow(task: string) {
  const text = `name: w\nagents:\n  a: { module: ./a.ts }\ntasks:\n  t: ${task}\n`;
  const { definition } = parseWorkflow(text, { file: "w.yaml", registeredAgents: ["far@1.0.0"] });
  assert.ok(definition !== null);
  return definition;
}

Deno.test("packAgent() keeps what a module stands for, with what that is a narrower form of", () => {
  const packed = packAgent(
    "c0de",
    declare({ name: "code.measure.python", isA: ["code.measure.script"] }, {
      name: "code.measure.script",
      isA: ["code.measure"],
      input: { type: "object" },
    }),
  );
  assert.deepEqual(packed, {
    codeHash: "c0de",
    capabilities: ["code.measure.python", "code.measure.script", "code.measure"],
    costUsd: 0.5,
    inputs: { "code.measure.script": { type: "object" } },
    narrower: { "code.measure": "code.measure.python" },
  });
});

Deno.test("packAgent() ends with capabilities that are narrower than each other", () => {
  const packed = packAgent("c0de", declare({ name: "x", isA: ["y"] }, { name: "y", isA: ["x"] }));
  assert.deepEqual(packed.capabilities, ["x", "y"]);
});

Deno.test("needsMarket() tells whether anybody is to be found outside of names in the file", () => {
  assert.equal(needsMarket(workflow("{ agent: a }")), false);
  assert.equal(needsMarket(workflow("{ agent: far }")), true);
  assert.equal(needsMarket(workflow("{ capability: x }")), true);
  assert.equal(needsMarket(workflow("{ agent: a, fallback: { agent: far@^1 } }")), true);
});

Deno.test("ownAgentsOf() refuses inputs that the schema refuses, and leaves patterns to the agent", async () => {
  const input = {
    type: "object",
    required: ["path"],
    properties: {
      path: { type: "string", pattern: "^(a+)+$" },
      pattern: { type: "number" },
    },
  };
  const packed = packAgent("c0de", declare({ name: "x", input }));
  const own = await ownAgentsOf(workflow("{ capability: x }"), { a: packed });
  const { accepts, as, costUsd } = own!.find("a", "x");
  assert.deepEqual({ as, costUsd }, { as: null, costUsd: 0.5 });
  assert.equal(accepts({ path: "!".repeat(50) }), true);
  assert.equal(accepts({ path: 1 }), false);
  assert.equal(accepts({ path: "", pattern: "text" }), false);
  assert.equal(accepts({}), false);
});
