/**
 * What the simulator asks of a policy.
 *
 * @module
 */
import type { Ask, Outcome, WorldAgent } from "./world.ts";

/** An agent that could take a task, and how busy it is. */
export interface Candidate {
  agent: WorldAgent;
  inFlight: number;
  /** Tasks that wait for a place at it. */
  queued: number;
}

/** An agent, or whom and how long to wait for. */
export type Choice =
  | { agent: string }
  | {
    agent: null;
    /** Asked again when this one has a place free; absent: when anybody has. */
    waitFor?: string;
    /** Asked again at this time at the latest. */
    askAgainAt?: number;
    /** Whether those that could take it only have no place free: then it waits as long as it takes. */
    isBusy?: boolean;
  };

/** An attempt that ended. */
export interface Ended extends Outcome {
  task: Ask;
  agent: string;
  startedAt: number;
  endedAt: number;
}

/** Chooses, and learns from what came of its choices. */
export interface Policy {
  choose(task: Ask, candidates: readonly Candidate[], now: number): Choice;
  learn(ended: Ended): void;
}
