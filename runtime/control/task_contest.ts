/**
 * A piece of work that several agents do: who they are, and whose result counts. Pure.
 *
 * @module
 */
import { explainChoice } from "../../core/explain_assignment.ts";
import type { TaskState, TaskStatus } from "../../workflows/mod.ts";
import type { ContenderDetail, ContestDetail } from "./run_documents.ts";
import { showValue } from "./shown_value.ts";
import { type AttemptLine, keyOfWork, type TaskLog } from "./task_logs.ts";

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

/** The contest for an instance; `null` where one agent does it. */
export function contestOf(task: TaskState, index: number, log: TaskLog): ContestDetail | null {
  const contest = task.instances[index]?.contest ?? null;
  if (contest === null) return null;
  const { way, first, of, settled } = contest;
  const winner = settled?.winner ?? null;
  const round = log.rounds.get(index) ?? 1;
  const lines = log.attempts.filter(({ work }) => work.index === index && work.round === round);
  const contenders = Array.from({ length: of + 1 }, (_, contender) => contender)
    .flatMap((contender): ContenderDetail[] => {
      const instance = task.instances[first + contender];
      const attempt = lines.findLast(({ work }) => work.contender === contender);
      const isKept = instance?.contestOf === index;
      if (!isKept && attempt === undefined) return [];
      const told = isKept ? standOfMember(instance, attempt) : standOf(attempt!);
      const output = log.results.get(keyOfWork({ index, contender, round }));
      return [{
        contender,
        role: contender < of ? "contender" : "judge",
        ...told,
        isWinner: winner !== null && winner === first + contender,
        text: whyOf(told.agent, attempt),
        output: output === undefined ? null : showValue(output),
      }];
    });
  const text = settled?.reason ?? `${of} agents do it: ${SETTLES[way]}`;
  return {
    way,
    isSettled: settled !== null,
    text,
    votes: log.votes.get(index) ?? null,
    contenders,
  };
}

/** How one of them does. A retried run keeps none of those of items that completed: the log does. */
function standOf(one: Instance | AttemptLine): Pick<ContenderDetail, "agent" | "status" | "error"> {
  const { agent, error } = one;
  if ("contest" in one) return { agent, error, status: statusOfInstance(one) };
  const { status } = one;
  return { agent, error, status: status === "lost" || status === "repeated" ? "failed" : status };
}

/** One that waited for its next attempt when the contest was settled has failed: nobody stopped it. */
function standOfMember(instance: Instance, attempt: AttemptLine | undefined) {
  const stand = standOf(instance);
  const isGivenUp = stand.status === "cancelled" && attempt?.status === "failed";
  return isGivenUp ? { ...stand, status: "failed" as const } : stand;
}

function whyOf(agent: string | null, attempt: AttemptLine | undefined): string | null {
  const record = attempt?.assignment ?? null;
  return agent === null || record === null ? null : explainChoice(record, agent);
}

const SETTLES = {
  vote: "what most of them return counts",
  judge: "another agent says whose result counts",
  merge: "one result is made of theirs",
} as const;
