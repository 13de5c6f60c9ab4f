/**
 * Bids: what is asked of an agent before it gets a task, and what it may answer.
 *
 * @module
 */
import type { Json } from "../core/json.ts";

/** A task that an agent may bid for. */
export interface BidRequest {
  capability: string;
  input: Json;
  runId: string;
  taskId: string;
  /** Item of a `forEach`; 0 for a plain task. */
  index: number;
  /** How long the answer may take, counted from the moment at which it is asked in a ready worker. */
  timeoutMs: number;
}

/** What an agent bid. */
export interface RawBid {
  /** Price of the attempt, in US dollars; what the manifest says where the bid says nothing. */
  costUsd: number;
  /** Share of successes that it promises, 0 to 1; `null`: it promises none. */
  success: number | null;
  /** Time that it promises; `null`: it promises none. */
  latencyMs: number | null;
}

/** What came of asking. Never an exception: whoever runs an auction hears from all. */
export type BidAnswer =
  | { status: "bid"; bid: RawBid }
  /** The agent does not want the task, or has no `bid`. */
  | { status: "none" }
  /**
   * `BID_INVALID`: not a bid, or the agent threw. `BID_TIMEOUT`: no answer in time, or no worker.
   * Other codes say why the agent's cell ended.
   */
  | { status: "refused"; code: string; message: string };
