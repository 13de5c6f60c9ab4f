/**
 * Who gets a task, and why: what the journal keeps of each choice, and what is known of an attempt
 * once it ended. Plain data, shared by those who decide, those who learn and those who show.
 *
 * @module
 */
import type { Json } from "./json.ts";

/** How an agent came to a task. */
export type AssignmentWay =
  /** By what is known of the candidates. */
  | "evidence"
  /** Nobody else could. */
  | "only"
  /** The workflow names it: `assign.pin`. */
  | "pin"
  /** It failed before and is tried with one task. */
  | "probe"
  /** By its bid. */
  | "auction";

/** Why an agent that offers a capability did not come into question. */
export type ExclusionCode =
  | "DENIED"
  | "NOT_PINNED"
  | "INPUT_REFUSED"
  | "PERMISSIONS_TOO_WIDE"
  | "COST_TOO_HIGH"
  | "NOT_CHECKED"
  | "CIRCUIT_OPEN"
  | "TAKEN"
  | "FAILED_HERE"
  | "FULL"
  | "NO_BID"
  | "BID_TOO_HIGH";

/** Agents that did not come into question for one reason. */
export interface Exclusion {
  /** The reason. */
  code: ExclusionCode;
  /** How many there are. */
  count: number;
  /** The first three of them, by name. */
  agents: string[];
  /**
   * With `INPUT_REFUSED`, where nobody gets the task: who refuses it for what, by the first complaint
   * of a schema: `good: /text is missing`.
   */
  reason?: string;
}

/** A name that nobody has. */
export interface Misnamed {
  /** As the task names it: an agent of `assign.pin`, or with `NOBODY_OFFERS` the capability. */
  name: string;
  /** What was probably meant; `null` where nothing is near. */
  meant: string | null;
}

/** What was thought of a candidate at the moment of a choice; figures have three digits. */
export interface CandidateFigures {
  /** As in {@linkcode AssignmentRecord}'s attempt: a name of the file, or `name@version`. */
  agent: string;
  /** What was compared: the highest got the task. */
  score: number;
  /** Expected share of successes at tasks like this one, 0 to 1. */
  success: number;
  /** Interval that holds it with 90 %. */
  low: number;
  /** Upper end of that interval. */
  high: number;
  /** Outcomes that this rests on, weighted by age and likeness. */
  tasks: number;
  /** Expected time of an attempt; `null` when nothing is known. */
  latencyMs: number | null;
  /** Price of an attempt, in US dollars. */
  costUsd: number;
  /** Attempts in flight by places, 0 to 1. */
  load: number;
}

/** What an agent offered for a task. */
export interface Bid {
  /** Who bids. */
  agent: string;
  /** Price of this attempt, in US dollars. */
  costUsd: number;
  /** Share of successes that it promises, 0 to 1; `null`: it promises none. */
  success: number | null;
  /** Time that it promises; `null`: it promises none. */
  latencyMs: number | null;
}

/** What the journal keeps of a choice, with the attempt. */
export interface AssignmentRecord {
  /** How it came to the agent. */
  way: AssignmentWay;
  /** What the task asks for. */
  capability: string;
  /** What the agent offers, where that is narrower. */
  as?: string;
  /** First 16 hex digits of the SHA-256 of its code: only the same code's results are used again. */
  codeHash: string;
  /** First 32 hex digits of the SHA-256 of the input's canonical JSON. */
  inputHash: string;
  /** Words by which tasks are alike, at most 200 characters. */
  text: string;
  /** What the attempt is to cost, in US dollars; absent when nothing. */
  costUsd?: number;
  /** The chosen one first, then the best of the others: three at most. */
  candidates: CandidateFigures[];
  /** Agents that were compared. */
  considered: number;
  /** Those that were not, by reason. */
  excluded?: Exclusion[];
  /** With `auction`: what was bid, best first, ten at most. */
  bids?: Bid[];
}

/** Why nobody gets a task now. */
export interface Abstention {
  /**
   * `NOBODY_OFFERS`: no agent has the capability. `NOBODY_CAN`: those that have it are excluded for
   * something that does not pass by waiting for a place. `ALL_BUSY`: they have no place free.
   * `BEST_BUSY`: the one that is worth waiting for has none. `AUCTION`: bids are being asked for.
   * `AGENT_GONE`: the one that the workflow names is not registered any more.
   */
  code: "NOBODY_OFFERS" | "NOBODY_CAN" | "ALL_BUSY" | "BEST_BUSY" | "AUCTION" | "AGENT_GONE";
  /** Agents that did not come into question, by reason. */
  excluded: Exclusion[];
  /** With `BEST_BUSY` and `AGENT_GONE`: who is waited for. */
  agent?: string;
  /** When to ask again although nothing changed, in epoch milliseconds. */
  askAgainAt?: number;
  /** Where it is a name that excludes all of them. */
  misnamed?: Misnamed;
}

/** Where a result was taken from instead of doing the work again. */
export interface ReuseRecord {
  /** Run that it was made in. */
  runId: string;
  /** Id of the task that it was made by. */
  task: string;
  /** Item of a `forEach`. */
  index?: number;
  /** Agent that made it. */
  agent: string;
  /** When it was made, in epoch milliseconds. */
  madeAt: number;
  /** 0 to 1; 1 for the same input. */
  similarity: number;
}

/** What became of one attempt, as the journal tells it. */
export interface AttemptFact {
  runId: string;
  task: string;
  index: number;
  attempt: number;
  workflow: string;
  tenant: string | null;
  /** As {@linkcode agentIdOf} names it. */
  agent: string;
  /** `null` where the task named the agent. */
  capability: string | null;
  /** As in {@linkcode AssignmentRecord}; `null` where the task named the agent. */
  codeHash: string | null;
  /** As in {@linkcode AssignmentRecord}; of other tasks workflow and task. */
  text: string;
  inputHash: string | null;
  startedAt: number;
  finishedAt: number;
  /**
   * `neutral`: no fault of the agent: the attempt was cancelled, or its node died. With `failed` and
   * `OUTVOTED` it returned what a majority, or a judge, was against.
   */
  outcome: "completed" | "failed" | "neutral";
  /** Of the error, where there is one. */
  code: string | null;
  costUsd: number;
  /** Of completed attempts. */
  output: Json;
  /** What it promised, where it bid. */
  bid: Bid | null;
}

/** What names a fact, and orders it. */
export type FactName = Pick<
  AttemptFact,
  "finishedAt" | "runId" | "task" | "index" | "attempt"
>;

/**
 * Names an agent in what is learnt: a registered one by `name@version`, one of a workflow file by
 * `workflow/name`; of a tenant's runs with the tenant before it, as in `acme:workflow/name`. Agents of
 * two tenants that have one name are two; what tenants learn of a shared one stays with each of them.
 *
 * @param tenant of the run; `null`: nobody's
 */
export function agentIdOf(tenant: string | null, workflow: string, agent: string): string {
  const name = agent.includes("@") ? agent : `${workflow}/${agent}`;
  return tenant === null ? name : `${tenant}:${name}`;
}

/**
 * Orders facts the same on every node: by their end, then by what names them. Whoever learns from
 * facts in this order has learnt the same.
 */
export function compareFacts(a: FactName, b: FactName): number {
  return a.finishedAt - b.finishedAt || compareText(a.runId, b.runId) ||
    compareText(a.task, b.task) || a.index - b.index || a.attempt - b.attempt;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
