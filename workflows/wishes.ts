/**
 * Wishes: what any process may ask of a run that another one works on. They wait in the inbox of
 * the run's partition until its leader has put what came of them into the journal.
 *
 * All of them may come twice: each names what it is about, and is refused when that is done.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { RunOrigin } from "./events.ts";

/** Names one attempt of a run. */
export interface AttemptPlace {
  task: string;
  /** Item of a `forEach`, from 0; 0 for a plain task. */
  index: number;
  /** From 1. */
  attempt: number;
}

/** Begin a run. Asked twice with the same run id, it begins once. */
export interface SubmitWish {
  type: "submit";
  /** SHA-256 (hex) of the stored package. */
  packageHash: string;
  /** Checked against the workflow's schema, with its defaults. */
  input: JsonObject;
  /** Absolute folder that relative paths begin at. */
  workDir: string;
  origin?: RunOrigin;
}

/** A wish of a user for an open run, or a closed one with `retry`. */
export type UserWish =
  | { type: "cancel"; reason?: string }
  | { type: "pause" | "resume" | "retry" }
  /** End one task: what is in flight of it, and what waits. Without `index`: every item of it. */
  | { type: "cancelTask"; task: string; index?: number; reason?: string }
  | { type: "signal"; name: string; payload: Json; signalId: string };

/** What became of an attempt whose node does not lead the run's partition any more. */
export type AttemptWish =
  | AttemptPlace & { type: "finish"; outcome: AttemptOutcome }
  | AttemptPlace & { type: "step"; stepId: string; output: Json }
  /** The node that was asked for these attempts has none of them, and never will. */
  | { type: "lose"; attempts: AttemptPlace[] };

/** Everything that waits in an inbox; the fields beside `type` are the body of its entry. */
export type RunWish = SubmitWish | UserWish | AttemptWish;
