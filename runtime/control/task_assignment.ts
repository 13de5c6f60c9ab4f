/**
 * Who does a task and why, or why nobody does, in words. Pure.
 *
 * @module
 */
import type { ReuseRecord } from "../../core/assignment.ts";
import { explainAbstention, explainChoice } from "../../core/explain_assignment.ts";
import type { TaskState } from "../../workflows/mod.ts";
import type {
  AuctionDetail,
  DeferralDetail,
  ReuseDetail,
  TaskAssignment,
} from "./run_documents.ts";
import { contestOf, ownInstances } from "./task_contest.ts";
import type { AuctionLine, TaskLog } from "./task_logs.ts";

type Instance = TaskState["instances"][number];

/** A piece of a task, and what happened to the task. */
export interface AssignedPlace {
  task: TaskState;
  /** Item of a `forEach`; 0 for a plain task. */
  index: number;
  log: TaskLog;
}

/** Why that agent, or why nobody; `null` as long as nothing was decided. */
export function assignmentOf(place: AssignedPlace): TaskAssignment | null {
  const { task, index, log } = place;
  const instance = task.instances[index];
  if (instance === undefined) return null;
  const attempt = log.attempts.findLast((line) => line.index === index);
  const isBegun = attempt !== undefined && instance.agent !== null;
  const record = isBegun ? attempt.assignment : null;
  const told = {
    record,
    deferred: deferralOf(place, instance),
    auction: auctionShown(log.auctions.findLast((line) => line.index === index)),
    reused: reuseShown(log.reuses.get(index)?.source),
    contest: contestOf(task, index, log),
  };
  if (told.contest !== null) {
    const winner = told.contest.contenders.find(({ isWinner }) => isWinner)?.agent ?? null;
    return { agent: winner, text: told.contest.text, ...told };
  }
  if (told.reused !== null) return { agent: null, text: told.reused.text, ...told };
  const agent = isBegun || instance.agent !== null ? instance.agent : null;
  if (told.deferred !== null) return { agent, text: told.deferred.text, ...told };
  if (agent !== null) {
    const text = record === null ? reasonOf(task, instance) : explainChoice(record, agent);
    return { agent, text, ...told };
  }
  if (told.auction === null || told.auction.bids !== null) return null;
  return {
    agent: null,
    text: `Agents are asked for bids until ${told.auction.closesAt}.`,
    ...told,
  };
}

/** Of the first item of which anything is known. */
export function firstAssignmentOf(task: TaskState, log: TaskLog): TaskAssignment | null {
  const index = ownInstances(task).findIndex(({ agent, deferred, contest, reused }) =>
    agent !== null || deferred !== null || contest !== null || reused !== null
  );
  return index < 0 ? null : assignmentOf({ task, index, log });
}

/** Where no choice was journalled. */
function reasonOf({ plan: { spec, candidates } }: TaskState, instance: Instance): string {
  const { agent, fallback } = instance;
  const { target } = spec;
  if (target.type === "emit") return "the actor system publishes it";
  if (fallback === agent) {
    const first = candidates.filter((name) => name !== agent).map((name) => `"${name}"`);
    const before = first.length === 0 ? "the first choice" : first.join(" and ");
    return `named as the fallback, after ${before} had no attempts left`;
  }
  if (target.type !== "capability") return "named by the workflow";
  return `offers the capability "${target.capability}"`;
}

function deferralOf(
  { task: { plan }, index, log }: AssignedPlace,
  { deferred }: Instance,
): DeferralDetail | null {
  if (deferred === null) return null;
  const { target } = plan.spec;
  const capability = target.type === "capability" ? target.capability : "";
  const { why, giveUpAt } = deferred;
  return {
    text: explainAbstention(why, capability),
    why,
    at: instant(log.deferredAt.get(index) ?? 0),
    giveUpAt: instant(giveUpAt),
  };
}

function auctionShown(line: AuctionLine | undefined): AuctionDetail | null {
  if (line === undefined) return null;
  const { attempt, agents, openedAt, closesAt, bids } = line;
  return { attempt, agents, openedAt: instant(openedAt), closesAt: instant(closesAt), bids };
}

function reuseShown(source: ReuseRecord | undefined): ReuseDetail | null {
  if (source === undefined) return null;
  const { madeAt, ...rest } = source;
  const { runId, task, index, agent, similarity } = rest;
  const place = index === undefined ? task : `${task}[${index}]`;
  const whose = `of ${agent} at "${place}" of run ${runId}, made ${instant(madeAt)}`;
  const likeness = similarity === 1
    ? "for the same input"
    : `for a task that is like it by ${Math.round(similarity * 100)} %`;
  return {
    text: `The result ${whose} ${likeness}, stands for the work.`,
    ...rest,
    madeAt: instant(madeAt),
  };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
