/**
 * What an agent says that judges a contest.
 *
 * @module
 */
import type { ErrorData } from "../core/errors.ts";
import { isJsonObject, type Json } from "../core/json.ts";
import { blindOrder } from "./contest_results.ts";
import type { RunState, TaskState } from "./state.ts";

/** Longest reason that is kept. */
const REASON_MAX = 500;

/** A number of a contender as the judge was told it, and why. */
export interface Judgement {
  winner: number;
  reason: string | null;
}

/** The judgement in an output; `null` when it is none. */
export function readJudgement(output: Json, count: number): Judgement | null {
  if (!isJsonObject(output)) return null;
  const { winner, reason } = output;
  if (!Number.isInteger(winner) || Number(winner) < 1 || Number(winner) > count) return null;
  const words = typeof reason === "string" && reason !== "" ? reason.slice(0, REASON_MAX) : null;
  return { winner: Number(winner), reason: words };
}

/** What is wrong with the output of an instance that judges; `null` of any other. */
export function judgementMistake(
  state: RunState,
  task: TaskState,
  index: number,
  output: Json,
): ErrorData | null {
  const { contestOf, fallback } = task.instances[index]!;
  if (contestOf === null || fallback === null) return null;
  if (task.instances[contestOf]!.contest!.way !== "judge") return null;
  const count = blindOrder(state, task, contestOf).length;
  if (readJudgement(output, count) !== null) return null;
  return {
    code: "INVALID_OUTPUT",
    message: `Agent "${fallback}" judges but does not say who won`,
    hint: `Return { winner, reason }: winner is a number from 1 to ${count}`,
  };
}
