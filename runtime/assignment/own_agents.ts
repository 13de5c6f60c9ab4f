/**
 * The agents of a workflow file as candidates: what their modules say of themselves stands in the
 * package that the run is pinned to.
 *
 * @module
 */
import type { AgentDeclaration } from "../../actors/declaration.ts";
import type { AgentSpec, JsonSchema, WorkflowDefinition } from "../../workflows/mod.ts";
import { type InputCheck, InputChecks } from "../agents/mod.ts";
import type { OwnAgent } from "./candidate_pool.ts";

/** What a package keeps of an agent that may be assigned. */
export interface PackedAgent {
  /** SHA-256 (hex) of the bundled module. */
  codeHash: string;
  /** With everything that these are narrower forms of. */
  capabilities: string[];
  /** Price of an attempt, in US dollars. Default 0. */
  costUsd?: number;
  /** Whether it answers when it is asked for a bid. */
  bids?: boolean;
  /** Schemas of inputs by capability, as far as the module tells them. */
  inputs?: Record<string, JsonSchema>;
  /** By capability that it stands for: the narrower one that the module has. */
  narrower?: Record<string, string>;
}

/** What a module says of itself, as its package keeps it. */
export function packAgent(codeHash: string, declaration: AgentDeclaration | null): PackedAgent {
  if (declaration === null) return { codeHash, capabilities: [] };
  const declared = new Map(declaration.capabilities.map((one) => [one.name, one]));
  const narrower: Record<string, string> = {};
  for (const { name } of declaration.capabilities) {
    // A set keeps its order while it grows: the nearest come first.
    const wider = new Set(declared.get(name)!.isA);
    for (const each of wider) {
      for (const next of declared.get(each)?.isA ?? []) wider.add(next);
      if (!declared.has(each)) narrower[each] ??= name;
    }
  }
  const inputs = declaration.capabilities.flatMap(({ name, input }) =>
    input === null ? [] : [[name, input] as const]
  );
  return {
    codeHash,
    capabilities: [...declared.keys(), ...Object.keys(narrower)],
    ...(declaration.costUsd === 0 ? {} : { costUsd: declaration.costUsd }),
    ...(declaration.bids ? { bids: true } : {}),
    ...(inputs.length === 0 ? {} : { inputs: Object.fromEntries(inputs) }),
    ...(Object.keys(narrower).length === 0 ? {} : { narrower }),
  };
}

const CHECKS = new InputChecks();

/** Of a module that says nothing of its inputs. */
const takesAll: InputCheck = () => true;

/** The agents of one package. */
export interface OwnAgents {
  specs: ReadonlyMap<string, AgentSpec>;
  /** What tasks ask for. */
  capabilities: readonly string[];
  /** Registered agents that tasks name: `name@version`. */
  registered: readonly string[];
  /** What any agent of the file offers. */
  offered: ReadonlySet<string>;
  find(name: string, capability: string): OwnAgent;
}

/** Whether any task names a capability, or an agent that the file has not. */
export function needsMarket(definition: WorkflowDefinition): boolean {
  const { capabilities, registered } = asked(definition);
  return capabilities.length + registered.length > 0;
}

/** `null` where every task names an agent of the file. */
export async function ownAgentsOf(
  definition: WorkflowDefinition,
  agents: Readonly<Record<string, PackedAgent>>,
): Promise<OwnAgents | null> {
  if (!needsMarket(definition)) return null;
  const specs = new Map(definition.agents.map((spec) => [spec.name, spec]));
  const checks = new Map<string, ReadonlyMap<string, InputCheck>>();
  for (const [name, { inputs = {} }] of Object.entries(agents)) {
    const compiled = Object.entries(inputs).map(async ([capability, schema]) =>
      [capability, await CHECKS.of(schema)] as const
    );
    checks.set(name, new Map(await Promise.all(compiled)));
  }
  const find = (name: string, capability: string) =>
    toOwnAgent(agents[name]!, capability, checks.get(name)!);
  const offered = new Set(Object.values(agents).flatMap(({ capabilities }) => capabilities));
  return { specs, ...asked(definition), offered, find };
}

function asked({ tasks, agents }: WorkflowDefinition) {
  const own = new Set(agents.map(({ name }) => name));
  const capabilities = new Set<string>();
  const registered = new Set<string>();
  for (const { target, fallback, assign } of tasks) {
    if (target.type === "capability") capabilities.add(target.capability);
    const named = [fallback?.agent, assign?.judge?.by, assign?.merge?.by];
    if (target.type === "agent") named.push(target.agent);
    for (const name of named) if (name !== undefined && !own.has(name)) registered.add(name);
  }
  return { capabilities: [...capabilities], registered: [...registered] };
}

function toOwnAgent(
  packed: PackedAgent,
  capability: string,
  checks: ReadonlyMap<string, InputCheck>,
): OwnAgent {
  const { codeHash, costUsd = 0, bids = false, narrower } = packed;
  const as = narrower !== undefined && Object.hasOwn(narrower, capability)
    ? narrower[capability]!
    : null;
  return { codeHash, as, costUsd, bids, accepts: checks.get(as ?? capability) ?? takesAll };
}
