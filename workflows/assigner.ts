/**
 * What the decider asks of whoever knows the agents. Answers depend on nothing but the request and
 * on what was in the journals before: the same question is answered alike on every node.
 *
 * @module
 */
import type { Abstention, AssignmentRecord, Bid, ReuseRecord } from "../core/assignment.ts";
import type { Json } from "../core/json.ts";
import type { AssignSpec, ReuseSpec } from "./definition.ts";

/** A task that asks for a capability, at the moment when it could start. */
export interface AssignmentRequest {
  runId: string;
  workflow: string;
  tenant: string | null;
  task: string;
  index: number;
  /** Number of the attempt that would start. */
  attempt: number;
  /** Epoch milliseconds. */
  at: number;
  /** Since the work was ready for this attempt. */
  waitedMs: number;
  capability: string;
  /** As the attempt would get it. */
  input: Json;
  spec: AssignSpec;
  /** Agents of the workflow file that offer the capability. */
  own: readonly string[];
  /** Agents whose attempts at this very work failed, with how often. */
  failed: ReadonlyMap<string, number>;
  /** Agents that work on it already, as contenders. */
  taken: ReadonlySet<string>;
  /** What was bid; absent where there was no auction. */
  bids?: readonly Bid[];
  /** Free places of an agent of the workflow file, or of a registered one, less those just given. */
  free: (agent: string) => number;
  /**
   * Those agents, in their order, one for each place: the same list in all of a turn. Who asks
   * without one says that anything may have changed since the last question.
   */
  given?: readonly string[];
}

/** An agent and why, or nobody and why. */
export type AssignmentChoice =
  | { agent: string; record: AssignmentRecord }
  | { agent: null; why: Abstention };

/** A result that stands for the work. */
export interface ReusedResult {
  output: Json;
  source: ReuseRecord;
}

/** Knows the agents and what they have shown. Pure to its callers: it keeps no draw of its own. */
export interface Assigner {
  /**
   * Whether anybody that offers the capability may have a place: asked before inputs are made. Also
   * true when nobody offers it at all, so that {@linkcode choose} is asked and says so.
   */
  hasRoom(capability: string, own: readonly string[], free: (agent: string) => number): boolean;
  choose(request: AssignmentRequest): AssignmentChoice;
  /** Whether an agent that the workflow names is neither of its file nor registered any more. */
  isGone(agent: string): boolean;
  /** Agents to ask for bids: as {@linkcode choose} would compare them, places aside. */
  invite(request: AssignmentRequest): string[];
  /** An earlier result of one of the agents that could do it now; `null` without any. */
  reuse(request: AssignmentRequest, spec: ReuseSpec): ReusedResult | null;
}
