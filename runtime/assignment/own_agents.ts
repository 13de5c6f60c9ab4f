/**
 * The agents of a workflow file as candidates: what their modules say of themselves stands in the
 * package that the run is pinned to.
 *
 * @module
 */
import Ajv from "ajv/dist/2020.js";
import type { Json } from "../../core/json.ts";
import type { AgentSpec, JsonSchema, WorkflowDefinition } from "../../workflows/mod.ts";
import type { OwnAgent } from "./candidate_pool.ts";

/** What a package keeps of an agent that may be assigned. */
export interface PackedAgent {
  codeHash: string;
  /** With everything that these are narrower forms of. */
  capabilities: string[];
  costUsd?: number;
  /** Whether it answers when it is asked for a bid. */
  bids?: boolean;
  /** Schemas of inputs by capability, as far as the module tells them. */
  inputs?: Record<string, JsonSchema>;
  /** By capability that it stands for: the narrower one that the module has. */
  narrower?: Record<string, string>;
}

/** The agents of one package. */
export interface OwnAgents {
  specs: ReadonlyMap<string, AgentSpec>;
  /** What tasks ask for. */
  capabilities: readonly string[];
  /** Registered agents that tasks name: `name@version`. */
  registered: readonly string[];
  find(name: string, capability: string): OwnAgent;
}

/** `null` where every task names an agent of the file. */
export function ownAgentsOf(
  definition: WorkflowDefinition,
  agents: Readonly<Record<string, PackedAgent>>,
): OwnAgents | null {
  const specs = new Map(definition.agents.map((spec) => [spec.name, spec]));
  const capabilities = new Set<string>();
  const registered = new Set<string>();
  for (const { target, fallback, assign } of definition.tasks) {
    if (target.type === "capability") capabilities.add(target.capability);
    const named = [assign?.judge?.by, assign?.merge?.by, fallback?.agent];
    if (target.type === "agent") named.push(target.agent);
    for (const name of named) if (name !== undefined && !specs.has(name)) registered.add(name);
  }
  if (capabilities.size + registered.size === 0) return null;
  return {
    specs,
    capabilities: [...capabilities],
    registered: [...registered],
    find: (name, capability) => toOwnAgent(agents[name]!, capability),
  };
}

function toOwnAgent(packed: PackedAgent, capability: string): OwnAgent {
  const { codeHash, costUsd = 0, bids = false, inputs, narrower } = packed;
  const as = narrower?.[capability] ?? null;
  const schema = inputs?.[as ?? capability];
  return {
    codeHash,
    as,
    costUsd,
    bids,
    accepts: schema === undefined ? () => true : (input) => checkerOf(schema)(input),
  };
}

const checkers = new WeakMap<JsonSchema, (input: Json) => boolean>();

/** Compiled once: that takes a hundred times as long as to check. */
function checkerOf(schema: JsonSchema): (input: Json) => boolean {
  return checkers.getOrInsertComputed(schema, () => {
    const check = new Ajv.default({ strict: false }).compile(schema);
    return (input) => check(input) === true;
  });
}
