/**
 * Agents as the control plane hands them out. Instants are ISO 8601.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";
import type { PermissionsSpec } from "../../workflows/mod.ts";

/** What is known of an agent at tasks of one capability. */
export interface CapabilityRecord {
  capability: string;
  /** Wider capabilities that it stands for as well. */
  isA: string[];
  /** Capabilities that it is a part of. */
  partOf: string[];
  /** Outcomes that are remembered. */
  tasks: number;
  successes: number;
  /** Of the others: results that lost to another's, by a vote or a judge (`OUTVOTED`). */
  outvoted: number;
  /** Expected share of successes, 0 to 1. */
  success: number;
  /** Interval that holds it with 90 %. */
  low: number;
  high: number;
  /** Outcomes that this rests on, weighted by age and likeness. */
  effectiveTasks: number;
  /** Expected time of an attempt; `null` when nothing is known. */
  latencyMs: number | null;
  /** Mean cost of an attempt, in US dollars. */
  costUsd: number;
  /** How surely it changed within what is remembered, by its own outcomes, 0 to 1. */
  drift: number;
  /**
   * `open`: it gets no tasks until `retryAt`; `half-open`: it is tried with one at a time, with
   * `standIns` only where it did better before than they do.
   */
  breaker: "closed" | "open" | "half-open";
  /** As it is with `standIns`, or without any; sooner where none of them can take the task. */
  retryAt: string | null;
  /** Unless `closed`: agents that can take its tasks, three at most. */
  standIns: string[];
  /** Of bids that promised success: how many, and what such promises are worth, 0 to 1. */
  bidding: { bids: number; standing: number } | null;
}

/** Something that an agent claims and does not keep. */
export interface AgentFinding {
  /** `null`: of the agent as a whole. */
  capability: string | null;
  code: string;
  message: string;
}

/** An agent, and how it does. */
export interface AgentEntry {
  /** `registered`: with the node; otherwise one of a workflow file. */
  kind: "workflow" | "registered";
  /**
   * What the reader's tenant learnt of it is kept under this, and the graph of solved tasks names it
   * so: its `ref`, with the tenant before it where there is one (`acme:workflow/name`).
   */
  id: string;
  /** `workflow/name`, or `name@version`. */
  ref: string;
  name: string;
  /** Workflow whose file names it; `null` for registered ones. */
  workflow: string | null;
  /** Of the agent where it is registered, otherwise of the workflow. */
  version: string | null;
  /** Every version that is kept, the highest first. */
  versions: string[];
  /** `null`: it works for every tenant. */
  tenant: string | null;
  description: string | null;
  /** Only ready ones get tasks. */
  status: "ready" | "refused" | "checking";
  findings: AgentFinding[];
  /** Package that the rest is taken from: the latest registered, or the last that ran. */
  packageHash: string | null;
  /** Whether it, or its workflow, is registered. */
  isRegistered: boolean;
  /** As it was named. */
  module: string;
  codeHash: string;
  /** Of workflow agents only known where a task asks for a capability. */
  capabilities: string[];
  /** One for each capability, and for each wider one that tasks asked it for. */
  records: CapabilityRecord[];
  permissions: PermissionsSpec;
  concurrency: number;
  replicas: { min: number; max: number };
  memoryMb: number;
  /** What an attempt costs, in US dollars. */
  costUsd: number;
  /** Whether it bids in auctions. */
  bids: boolean;
  /** Of the last hour, over the nodes that answered. */
  attempts: number;
  failures: number;
  /** Of attempts that completed; `null` without any. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Processes of this node that have it loaded, and attempts in flight in them. */
  cells: number;
  inFlight: number;
  /** Attempts in flight by places of this node, 0 to 1. */
  load: number;
  registeredAt: string | null;
  registeredBy: string | null;
  /** When it last answered its own examples. */
  checkedAt: string | null;
}

/** What a capability takes and gives. */
export interface CapabilityOffer {
  capability: string;
  /** JSON Schema; `null`: anything. */
  input: JsonObject | null;
  output: JsonObject | null;
  /** Examples that the handshake asks for. */
  examples: number;
}

/** An agent with all that is known of it. */
export interface AgentDetail extends AgentEntry {
  /** Of registered agents. */
  offers: CapabilityOffer[];
}
