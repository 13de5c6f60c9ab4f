/**
 * A piece of work that several agents do: who they are, and whose result counts. Pure.
 *
 * @module
 */
import { explainChoice } from "../../core/explain_assignment.ts";
import type { TaskState, TaskStatus } from "../../workflows/mod.ts";
import type { ContenderDetail, ContestDetail, ShownValue } from "./run_documents.ts";
import { showValue } from "./shown_value.ts";
import type { TaskLog } from "./task_logs.ts";

type Instance = TaskState["instances"][number];

/** Where an instance stands, as it is told: who waits for contenders is at work. */
export function statusOfInstance({ status, contest }: Instance): TaskStatus {
  if (status === "ready") return "pending";
  return status === "waiting" && contest !== null ? "running" : status;
}

/** Instances that are the task's own: those behind them contend for one of these. */
export function ownInstances({ instances, count }: TaskState): Instance[] {
  return instances.length === count ? instances : instances.slice(0, count);
}

/** What an instance is about: itself, or what it contends for with a number of its own. */
export function workOf(task: TaskState, index: number): { index: number; contender?: number } {
  const of = task.instances[index]?.contestOf ?? null;
  if (of === null) return { index };
  const first = task.instances[of]?.contest?.first ?? task.count;
  return { index: of, contender: index - first };
}

/** The contest for an instance; `null` where one agent does it. */
export function contestOf(task: TaskState, index: number, log: TaskLog): ContestDetail | null {
  const contest = task.instances[index]?.contest ?? null;
  if (contest === null) return null;
  const { way, first, of, settled } = contest;
  const winner = settled?.winner ?? null;
  const contenders = task.instances.slice(first, first + of + 1)
    .filter((one) => one.contestOf === index)
    .map((instance, contender): ContenderDetail => ({
      contender,
      role: contender < of ? "contender" : "judge",
      agent: instance.agent,
      status: statusOfInstance(instance),
      isWinner: winner !== null && winner === first + contender,
      text: whyOf(instance, first + contender, log),
      output: resultOf(first + contender, log),
      error: instance.error,
    }));
  const text = settled?.reason ?? `${of} agents do it: ${SETTLES[way]}`;
  return {
    way,
    isSettled: settled !== null,
    text,
    votes: log.votes.get(index) ?? null,
    contenders,
  };
}

function resultOf(index: number, { results }: TaskLog): ShownValue | null {
  const output = results.get(index);
  return output === undefined ? null : showValue(output);
}

const SETTLES = {
  vote: "what most of them return counts",
  judge: "another agent says whose result counts",
  merge: "one result is made of theirs",
} as const;

function whyOf({ agent }: Instance, index: number, log: TaskLog): string | null {
  const record = log.attempts.findLast((line) => line.index === index)?.assignment ?? null;
  return agent === null || record === null ? null : explainChoice(record, agent);
}
