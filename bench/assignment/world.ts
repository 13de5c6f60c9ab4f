/**
 * A world in which policies of assignment are compared: agents, and tasks with what each agent
 * would make of them. Nothing in it depends on who is chosen, so that all policies meet the same.
 *
 * @module
 */
import { capabilityEdgesOf, CapabilityTree } from "../../actors/knowledge/mod.ts";

/** An agent, as everybody knows it. */
export interface WorldAgent {
  name: string;
  capabilities: string[];
  /** Price of an attempt that it names, in US dollars. */
  costUsd: number;
  /** Attempts at once; more wait in the order in which they came. */
  concurrency: number;
  /** Share of successes that it promises with each bid, 0 to 1; absent: it does not bid. */
  claim?: number;
}

/** What comes of an attempt at a task. */
export interface Outcome {
  isSuccess: boolean;
  /** Time of the attempt itself, without waiting. */
  latencyMs: number;
  costUsd: number;
}

/** A task, and what nobody knows beforehand. */
export interface WorldTask {
  id: string;
  capability: string;
  text: string;
  /** When it arrives, in milliseconds. */
  at: number;
  /** By the name of the agent. Whoever is not in it cannot take the task at all. */
  outcomes: ReadonlyMap<string, Outcome>;
}

/** Agents and tasks, these in the order of their arrival. */
export interface World {
  name: string;
  agents: WorldAgent[];
  tasks: WorldTask[];
  /** Which capability is narrower than which. */
  tree: CapabilityTree;
  /** Of one that was read: what whoever made the file may not have meant. */
  remarks?: string[];
}

/** What a policy is told of a task: everything but the outcomes. */
export type Ask = Omit<WorldTask, "outcomes">;

/** Whether an agent offers a capability, or something narrower. */
export function offers({ tree }: World, agent: WorldAgent, capability: string): boolean {
  return agent.capabilities.some((own) => tree.isNarrower(own, capability));
}

/** The order of capabilities, from the wider ones of each. */
export function treeOf(isA: Readonly<Record<string, readonly string[]>>): CapabilityTree {
  const declared = Object.entries(isA).map(([name, wider]) =>
    [name, { isA: wider, partOf: [] }] as const
  );
  return new CapabilityTree(capabilityEdgesOf(declared));
}
