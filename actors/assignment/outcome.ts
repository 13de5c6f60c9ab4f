import { type AttemptFact, compareFacts } from "../../core/assignment.ts";
import { hashText, mix } from "./random.ts";
import { wordsOf } from "./text_features.ts";

/** What is kept of a fact: what orders it, and what is learnt from it. */
export interface Outcome {
  runId: string;
  task: string;
  index: number;
  attempt: number;
  startedAt: number;
  finishedAt: number;
  isSuccess: boolean;
  /** Whether it returned a result that a majority, or a judge, was against. */
  isOutvoted: boolean;
  /** Natural logarithm of the milliseconds that it took, at least one. */
  logLatency: number;
  costUsd: number;
  /** Hashed words of the task. */
  words: Uint32Array;
  bid: { success: number | null; latencyMs: number | null } | null;
  /** By its name: whether what came before it may be forgotten. */
  isMark: boolean;
}

/** One outcome in this many, by its name, is a mark. */
const MARK_EVERY = 128;

/** Codes that say something about the task and nothing about the agent. */
const TASKS_OWN_FAULT = new Set(["INVALID_INPUT", "CANCELLED"]);

/** What a fact teaches about its agent; `null` when nothing. */
export function readOutcome(fact: AttemptFact): Outcome | null {
  if (fact.outcome === "neutral" || TASKS_OWN_FAULT.has(fact.code ?? "")) return null;
  if (!Number.isFinite(fact.finishedAt) || !Number.isFinite(fact.startedAt)) return null;
  const { runId, task, index, attempt, startedAt, finishedAt } = fact;
  return {
    runId,
    task,
    index,
    attempt,
    startedAt,
    finishedAt,
    isSuccess: fact.outcome === "completed",
    isOutvoted: fact.outcome === "failed" && fact.code === "OUTVOTED",
    logLatency: Math.log(Math.max(1, finishedAt - startedAt)),
    costUsd: Number.isFinite(fact.costUsd) ? Math.max(0, fact.costUsd) : 0,
    words: wordsOf(fact.text),
    bid: fact.bid === null ? null : {
      success: finite(fact.bid.success, 1),
      latencyMs: finite(fact.bid.latencyMs, Number.MAX_SAFE_INTEGER),
    },
    isMark: mix(hashText(task, hashText(runId)) ^ mix(index * 64 + attempt)) % MARK_EVERY === 0,
  };
}

/** As `compareFacts`: the order that is the same on every node. */
export function compareOutcomes(a: Outcome, b: Outcome): number {
  return compareFacts(a, b);
}

function finite(value: number | null, max: number): number | null {
  return value === null || !Number.isFinite(value) ? null : Math.min(max, Math.max(0, value));
}
