/**
 * Reads from a run's events what became of each attempt. What is kept of a run is what is in flight
 * in it; of a closed one nothing.
 *
 * @module
 */
import type { ReuseFact } from "../../actors/knowledge/mod.ts";
import { agentIdOf, type AttemptFact, type ReuseRecord } from "../../core/assignment.ts";
import type { Json } from "../../core/json.ts";
import type {
  AttemptFailed,
  AttemptStarted,
  ContestOpened,
  ContestSettled,
  RunEvent,
  TaskCompleted,
  TaskFailed,
} from "../../workflows/mod.ts";
import { isClosing } from "../scheduler/mod.ts";

/** What is said of a run besides its events. */
export interface RunOfFacts {
  workflow: string;
  tenant: string | null;
}

/** What events tell, in their order. */
export interface Learnt {
  facts: AttemptFact[];
  /** Results that were taken instead of doing the work again. */
  reuses: ReuseFact[];
}

/** Results of contenders say nothing of them before it is decided which one counts. */
interface OpenContest {
  /** Places of the contenders. */
  contenders: string[];
  held: AttemptFact[];
}

/** A run that is not closed. */
interface OpenRun extends RunOfFacts {
  isStopping: boolean;
  /** Tasks of which something failed for good: what else is in flight of them is given up. */
  doomed: Set<string>;
  /** Attempts that have not ended, by their place. */
  flying: Map<string, AttemptStarted>;
  /** By the place of the work, and by that of each contender. */
  contests: Map<string, OpenContest>;
}

/** How an attempt ended; without `output` where the journal does not hold it. */
interface Ending extends Pick<AttemptFact, "outcome" | "code"> {
  at: number;
  output?: Json;
}

/** Runs that have just closed, of which workflow and tenant are kept: they may be retried. */
const CLOSED_MAX = 1_000;

/** Folds events, run by run. Of one run each event is to be read once, in order. */
export class FactReader {
  readonly #runs = new Map<string, OpenRun>();
  /** The oldest first. */
  readonly #closed = new Map<string, RunOfFacts>();

  /** Whether the run's next events can be read: else {@linkcode resume} is to be called before. */
  knows(runId: string): boolean {
    return this.#runs.has(runId) || this.#closed.has(runId);
  }

  /** Goes on with a run that had closed, or whose beginning is not to be had. */
  resume(runId: string, { workflow, tenant }: RunOfFacts): void {
    this.#runs.set(runId, {
      workflow,
      tenant,
      isStopping: false,
      doomed: new Set(),
      flying: new Map(),
      contests: new Map(),
    });
  }

  /** Open runs. */
  get size(): number {
    return this.#runs.size;
  }

  /** What the next events of a run tell. Those of a run that is not known tell nothing. */
  read(runId: string, events: readonly RunEvent[]): Learnt {
    const learnt: Learnt = { facts: [], reuses: [] };
    for (const event of events) this.#read(runId, event, learnt);
    return learnt;
  }

  #read(runId: string, event: RunEvent, learnt: Learnt): void {
    if (event.type === "RunSubmitted") {
      const { workflow, origin } = event;
      return this.resume(runId, { workflow, tenant: origin?.tenant ?? null });
    }
    if (event.type === "RunRetried") return this.#reopen(runId);
    const run = this.#runs.get(runId);
    if (run === undefined) return;
    if (isClosing(event)) return this.#close(runId, run, learnt);
    const end = (key: string, ending: Ending) => {
      const started = run.flying.get(key);
      if (started === undefined) return;
      run.flying.delete(key);
      const fact = factOf(runId, run, started, ending);
      const contest = fact.outcome === "completed" ? run.contests.get(key) : undefined;
      (contest?.held ?? learnt.facts).push(fact);
    };
    switch (event.type) {
      case "AttemptStarted":
        run.flying.set(keyOf(event), event);
        break;
      case "AttemptFailed":
        end(keyOf(event), endOfFailed(run, event));
        break;
      case "TaskCompleted":
        if (event.reused !== undefined) learnt.reuses.push(reuseOf(runId, event, event.reused));
        end(keyOf(event), completed(event));
        break;
      case "TaskRepeated":
        end(keyOf(event), { at: event.at, outcome: "completed", code: null });
        break;
      case "ContestOpened":
        openContest(run, event);
        break;
      case "ContestSettled":
        learnt.facts.push(...settleContest(run, event));
        break;
      case "TaskFellBack":
        learnt.facts.push(...giveUpContest(run, event, event.error.code));
        break;
      case "TaskCancelled":
        learnt.facts.push(...giveUpContest(run, event, "CANCELLED"));
        for (const key of keysOf(run, event)) end(key, neutral(event.at, "CANCELLED"));
        break;
      case "TaskFailed":
        run.doomed.add(event.task);
        learnt.facts.push(...giveUpContest(run, event, event.error.code));
        for (const key of keysOf(run, event)) end(key, endByTask(event, key));
        break;
      case "RunCancelRequested":
        run.isStopping = true;
        break;
    }
  }

  #close(runId: string, run: OpenRun, learnt: Learnt): void {
    const { workflow, tenant } = run;
    for (const { held } of new Set(run.contests.values())) {
      learnt.facts.push(...held.map((fact) => undecided(fact, "CANCELLED")));
    }
    this.#runs.delete(runId);
    this.#closed.set(runId, { workflow, tenant });
    if (this.#closed.size > CLOSED_MAX) this.#closed.delete(this.#closed.keys().next().value!);
  }

  #reopen(runId: string): void {
    const run = this.#closed.get(runId);
    if (run === undefined) return;
    this.#closed.delete(runId);
    this.resume(runId, run);
  }
}

/** A plain task, or one item of a `forEach`. */
function keyOf({ task, index }: { task: string; index?: number }): string {
  return index === undefined ? task : `${task}#${index}`;
}

/** What is in flight of a task or an item; of a `forEach` as a whole, all its items. */
function keysOf(run: OpenRun, place: { task: string; index?: number }): string[] {
  const key = keyOf(place);
  if (place.index !== undefined || run.flying.has(key)) return [key];
  return [...run.flying].filter(([, { task }]) => task === place.task).map(([key]) => key);
}

function openContest(run: OpenRun, { task, index, first, of }: ContestOpened): void {
  const contenders = Array.from({ length: of }, (_, nth) => keyOf({ task, index: first + nth }));
  const contest: OpenContest = { contenders, held: [] };
  for (const key of [keyOf({ task, index }), ...contenders]) run.contests.set(key, contest);
}

/**
 * Who was outvoted or judged against has failed. Where nobody decided on the results, each of them
 * is that of an attempt that ended well; what does not count stands for nobody's work later on.
 */
function settleContest(run: OpenRun, settled: ContestSettled): AttemptFact[] {
  return closeContest(run, settled).map((fact) => {
    if (!settled.losers.includes(fact.index)) return fact;
    return isDecided(settled)
      ? { ...fact, outcome: "failed", code: "OUTVOTED" }
      : { ...fact, codeHash: null };
  });
}

/** Whether a judge chose, or more than half of the results were the same. */
function isDecided({ way, votes = [] }: ContestSettled): boolean {
  if (way !== "vote") return way === "judge";
  return (votes[0] ?? 0) * 2 > votes.reduce((sum, count) => sum + count, 0);
}

function giveUpContest(
  run: OpenRun,
  place: { task: string; index?: number },
  code: string,
): AttemptFact[] {
  // A contender that fails leaves the contest to the others.
  if (run.contests.get(keyOf(place))?.contenders.includes(keyOf(place))) return [];
  return closeContest(run, place).map((fact) => undecided(fact, code));
}

function closeContest(run: OpenRun, place: { task: string; index?: number }): AttemptFact[] {
  const contest = run.contests.get(keyOf(place));
  if (contest === undefined) return [];
  for (const key of [keyOf(place), ...contest.contenders]) run.contests.delete(key);
  return contest.held;
}

function undecided(fact: AttemptFact, code: string): AttemptFact {
  return { ...fact, outcome: "neutral", code };
}

function completed({ at, output }: TaskCompleted): Ending {
  return { at, outcome: "completed", code: null, output };
}

function neutral(at: number, code: string): Ending {
  return { at, outcome: "neutral", code };
}

function failed(at: number, code: string): Ending {
  return { at, outcome: "failed", code };
}

/** An agent that says of itself that it was cancelled has failed, unless somebody asked for it. */
function endOfFailed(run: OpenRun, { at, task, error, lost }: AttemptFailed): Ending {
  const { code } = error;
  const isAskedFor = code === "CANCELLED" && (run.isStopping || run.doomed.has(task));
  return lost || isAskedFor ? neutral(at, code) : failed(at, code);
}

/** The task failed while an attempt was in flight, or by what the attempt brought. */
function endByTask({ at, task, error: { code } }: TaskFailed, key: string): Ending {
  if (code === "CANCELLED") return neutral(at, code);
  // "timeout.total": items of a forEach may have just begun.
  if (code === "TIMEOUT") return key === task ? failed(at, code) : neutral(at, code);
  // The attempt did its work; "repeat.until" is what failed.
  return { at, outcome: "completed", code: null };
}

function reuseOf(
  runId: string,
  { at, task, index = 0 }: TaskCompleted,
  reused: ReuseRecord,
): ReuseFact {
  return { ...reused, at, by: { runId, task, index } };
}

function factOf(
  runId: string,
  { workflow, tenant }: RunOfFacts,
  started: AttemptStarted,
  { at, outcome, code, output }: Ending,
): AttemptFact {
  const { task, index = 0, attempt, agent, assignment } = started;
  // A result that the journal does not hold cannot be used again: no code stands behind it.
  const isLost = outcome === "completed" && output === undefined;
  return {
    runId,
    task,
    index,
    attempt,
    workflow,
    tenant,
    agent: agentIdOf(tenant, workflow, agent),
    capability: assignment?.capability ?? null,
    codeHash: isLost ? null : assignment?.codeHash ?? null,
    text: assignment?.text ?? `${workflow} ${task}`,
    inputHash: assignment?.inputHash ?? null,
    startedAt: started.at,
    finishedAt: at,
    outcome,
    code,
    costUsd: assignment?.costUsd ?? 0,
    output: output ?? null,
    bid: assignment?.bids?.find((bid) => bid.agent === agent) ?? null,
  };
}
