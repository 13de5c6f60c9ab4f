import type { Bid, CandidateFigures, Exclusion } from "../../core/assignment.ts";
import type { Abstention, AssignmentWay, ExclusionCode } from "../../core/assignment.ts";

/** What matters beside success, as a workflow file says it. */
export type Preference = "balanced" | "speed" | "cost" | "success";

/** An agent that offers the capability, at the moment of a choice. */
export interface Candidate {
  /** As the workflow names it: a name of the file, or `name@version`. */
  agent: string;
  /** Under which its record is kept: `agentIdOf(tenant, workflow, agent)`. */
  id: string;
  /** Price of an attempt that it states, in US dollars. */
  costUsd: number;
  /** Attempts in flight by places, 0 to 1. */
  load: number;
  /** Attempts that it takes at once. */
  places: number;
  /** Places that are free now. */
  free: number;
  /** Why it does not come into question, found by whoever knows files and schemas. */
  excluded?: ExclusionCode;
  /** What it offered for this task. */
  bid?: Bid;
}

/** A task that wants an agent. */
export interface AssignmentQuery {
  /** What the task asks for. */
  capability: string;
  /** Words of the task, as `AssignmentRecord.text`. */
  text: string;
  /** Epoch milliseconds. */
  at: number;
  /** Names the draw: same seed, same choice. */
  seed: string;
  prefer: Preference;
  candidates: readonly Candidate[];
  /** Only those that bid come into question, and bids above `reserveUsd` do not. */
  auction?: { reserveUsd?: number };
  /** How long the task has waited already; 0 when left out. */
  waitedMs?: number;
}

/** Who gets the task and why, or nobody and why. */
export interface AssignmentDecision {
  /** `null` when nobody gets it now; then {@linkcode AssignmentDecision.why} says why. */
  chosen: Candidate | null;
  way: AssignmentWay;
  /** The chosen one first, then the best of the others: three at most. */
  figures: CandidateFigures[];
  /** Candidates that were compared. */
  considered: number;
  excluded: Exclusion[];
  why?: Abstention;
}
