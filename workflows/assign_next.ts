/**
 * Finds the next piece of work of a task that names a capability, and who does it.
 *
 * @module
 */
import type { Abstention } from "../core/assignment.ts";
import { describeFailure } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { askAgain, readyAt } from "./ask_again.ts";
import type { AssignmentRequest } from "./assigner.ts";
import { nobodyCan } from "./assignment_words.ts";
import { WAIT_MS } from "./build_assign.ts";
import { contendersOf } from "./contest_results.ts";
import { inputOf } from "./bindings.ts";
import type { AssignSpec } from "./definition.ts";
import { isHeldBack, isOwnFault, sharedGiveUpAt } from "./deferred_work.ts";
import { giveUpGone } from "./gone_agents.ts";
import { hasStartable } from "./lanes.ts";
import { nextFreshIndex } from "./named_agents.ts";
import { place } from "./place.ts";
import type { TaskState } from "./state.ts";
import { mustWait, prepare } from "./prepare_start.ts";
import type { Asking, Start, Tries, Turn } from "./turn.ts";

/** A task that says nothing of `assign`. */
export const DEFAULT_ASSIGN: AssignSpec = { waitMs: WAIT_MS };

/** Instances of one kind that are asked for in vain before the others of the task have a turn. */
const ASKS_MAX = 8;

/** Instances that are looked at to find those. */
const LOOKS_MAX = 256;

/** Instances of one task that are asked for in vain, or given up, in one turn. */
const TRIES_MAX = 32;

/** When the rest is asked for, after a turn that ended for their number. */
const REST_MS = 250;

const NOBODY: ReadonlyMap<string, number> = new Map();
const NONE: ReadonlySet<string> = new Set();

/** What asking for one instance led to. */
type Answer = Start | Abstention["code"] | "changed";

/**
 * What to start now. `again`: the task has changed, look once more; `full`: nobody of those who
 * could has a place; `nobody`: none is found for this task, others of its kind may be luckier.
 */
export function assignNext(turn: Asking, task: TaskState): Start | "again" | "full" | "nobody" {
  const named = namedStart(turn, task);
  if (named !== null) return named;
  if (giveUpGone(turn, task)) return "again";
  const { capability } = task.plan.spec.target as { capability: string };
  const { assigner, capacity } = turn;
  if (!assigner.hasRoom(capability, task.plan.candidates, capacity.free)) {
    nextFreshIndex(task);
    return hasStartable(task) ? "full" : "again";
  }
  if (triesOf(turn, task).givenUp >= TRIES_MAX) {
    askAgain(turn, task, turn.at);
    return "nobody";
  }
  for (const index of firstOf(turn, task, task.again)) {
    if (isHeldBack(task, index)) continue;
    const answer = ask(turn, task, index);
    if (typeof answer !== "string") return answer;
    if (answer === "changed") return "again";
    if (answer === "ALL_BUSY") break;
  }
  return askForFresh(turn, task) ?? askForDeferred(turn, task) ??
    (hasStartable(task) ? "nobody" : "again");
}

/** Agents that took over, judge or merge are named: nobody is asked. */
function namedStart({ capacity }: Turn, task: TaskState): Start | null {
  const { fallback, assign } = task.plan.spec;
  const named = [fallback?.agent, assign?.judge?.by, assign?.merge?.by];
  if (!named.some((agent) => agent !== undefined && capacity.free(agent) > 0)) return null;
  // One that is gone is put aside as well, until it is registered again.
  for (const indexes of [task.again, task.deferred]) {
    for (const index of indexes) {
      const agent = task.instances[index]!.fallback;
      if (agent !== null && capacity.free(agent) > 0) return { index, agent };
    }
  }
  return null;
}

function triesOf({ tries }: Turn, task: TaskState): Tries {
  return tries.getOrInsertComputed(task, () => ({ inVain: new Set(), givenUp: 0 }));
}

/**
 * The first few. Those whose fallback has taken over wait for it alone: they make way for the others,
 * so that a busy fallback holds up nobody.
 */
function firstOf(turn: Turn, task: TaskState, indexes: Set<number>): number[] {
  const { inVain } = triesOf(turn, task);
  const found: number[] = [];
  if (inVain.size >= TRIES_MAX) return found;
  const passed: number[] = [];
  let looks = 0;
  for (const index of indexes) {
    if (task.instances[index]!.fallback !== null) passed.push(index);
    else if (!inVain.has(index)) found.push(index);
    if (++looks - passed.length === ASKS_MAX || looks === LOOKS_MAX) break;
  }
  for (const index of passed) {
    indexes.delete(index);
    indexes.add(index);
  }
  if (looks === LOOKS_MAX && found.length === 0) askAgain(turn, task, turn.at + REST_MS);
  return found;
}

/** In order; one after the other is put aside, as long as it is their own input that nobody takes. */
function askForFresh(turn: Asking, task: TaskState): Start | "again" | "full" | null {
  for (let asks = 0; asks < ASKS_MAX; asks++) {
    const index = nextFreshIndex(task);
    if (index === null || isHeldBack(task, index)) return null;
    const answer = ask(turn, task, index);
    if (typeof answer !== "string") return answer;
    if (answer === "changed") return "again";
    if (answer === "ALL_BUSY") return "full";
    const { deferred } = task.instances[index]!;
    if (answer !== "NOBODY_CAN" || deferred === null || !isOwnFault(deferred.why)) return null;
  }
  askAgain(turn, task, turn.at + REST_MS);
  return null;
}

/** Those that were put aside take turns, so that none is forgotten for the others. */
function askForDeferred(turn: Asking, task: TaskState): Start | "again" | null {
  for (const index of firstOf(turn, task, task.deferred)) {
    task.deferred.delete(index);
    task.deferred.add(index);
    const answer = ask(turn, task, index);
    if (typeof answer !== "string") return answer;
    if (answer === "changed") return "again";
    if (answer === "ALL_BUSY") return null;
  }
  return null;
}

function ask(turn: Asking, task: TaskState, index: number): Answer {
  const { at, state, emit, assigner } = turn;
  let input: Json;
  try {
    input = inputOf(state, task, index);
  } catch (error) {
    emit({ type: "TaskFailed", at, ...place(task, index), error: describeFailure(error) });
    return "changed";
  }
  const request = requestFor(turn, task, index, input);
  if (mustWait(task, index, request)) return "AUCTION";
  if (prepare(turn, task, index, request)) return "changed";
  const choice = assigner.choose(request);
  if (choice.agent !== null) {
    return { index, agent: choice.agent, assignment: choice.record, input };
  }
  return abstain(turn, task, index, choice.why);
}

function requestFor(turn: Asking, task: TaskState, index: number, input: Json): AssignmentRequest {
  const { at, state, capacity } = turn;
  const { spec, candidates } = task.plan;
  const instance = task.instances[index]!;
  const attempt = instance.attempt + 1;
  const bids = instance.auction?.attempt === attempt ? instance.auction.bids : null;
  return {
    runId: state.runId,
    workflow: state.plan.definition.name,
    tenant: state.origin.tenant ?? null,
    task: spec.id,
    index,
    attempt,
    at,
    waitedMs: Math.max(0, at - readyAt(state, task, instance)),
    capability: (spec.target as { capability: string }).capability,
    input,
    spec: spec.assign ?? DEFAULT_ASSIGN,
    own: candidates,
    failed: instance.failed === null ? NOBODY : new Map(Object.entries(instance.failed)),
    taken: instance.contestOf === null ? NONE : takenBeside(task, index, instance.contestOf),
    ...(bids === null ? {} : { bids }),
    free: capacity.free,
    given: capacity.given,
  };
}

/** Each contender is another agent. */
function takenBeside(task: TaskState, index: number, contestOf: number): Set<string> {
  const others = contendersOf(task, contestOf).filter((member) => member !== index);
  return new Set(others.flatMap((member) => task.instances[member]!.agent ?? []));
}

/** Nobody gets it now. That nobody can is on the record, once for each reason. */
function abstain(turn: Asking, task: TaskState, index: number, why: Abstention): Answer {
  const { at, emit } = turn;
  triesOf(turn, task).inVain.add(index);
  // Who is due already and yet gets nothing waits for something else than that instant.
  if (why.askAgainAt !== undefined) {
    askAgain(turn, task, why.askAgainAt > at ? why.askAgainAt : at + REST_MS);
  }
  if (why.code !== "NOBODY_OFFERS" && why.code !== "NOBODY_CAN") return why.code;
  const { deferred, contestOf } = task.instances[index]!;
  if (contestOf !== null && takenBeside(task, index, contestOf).size > 0) {
    // The others do it without this one.
    const error = nobodyCan(task.plan.spec, why);
    emit({ type: "TaskFailed", at, ...place(task, index), error });
    return "changed";
  }
  const { waitMs } = task.plan.spec.assign ?? DEFAULT_ASSIGN;
  const giveUpAt = deferred?.giveUpAt ?? sharedGiveUpAt(task, index) ?? at + waitMs;
  if (deferred === null || reasonOf(deferred.why) !== reasonOf(why)) {
    emit({ type: "AssignmentDeferred", at, ...place(task, index), why, giveUpAt });
  }
  if (giveUpAt > at) return why.code;
  triesOf(turn, task).givenUp++;
  giveUp(turn, task, index);
  return "changed";
}

function reasonOf({ code, excluded }: Abstention): string {
  return [code, ...excluded.map((exclusion) => exclusion.code).sort()].join(" ");
}

/** Nobody could do it for as long as it may wait: the fallback does, or it fails. */
export function giveUp(
  { at, emit }: Pick<Turn, "at" | "emit">,
  task: TaskState,
  index: number,
): void {
  const instance = task.instances[index]!;
  const { fallback } = task.plan.spec;
  const error = nobodyCan(task.plan.spec, instance.deferred!.why);
  const where = place(task, index);
  if (fallback !== undefined && instance.contestOf === null) {
    return emit({ type: "TaskFellBack", at, ...where, fallback: fallback.agent, error });
  }
  emit({ type: "TaskFailed", at, ...where, error });
}
