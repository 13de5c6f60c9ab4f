import type { History, JournalLine, Violation } from "./history.ts";
import {
  checkAttempts,
  checkEnded,
  checkOneLeader,
  checkSubmittedOnce,
  checkTerms,
} from "./journal_checks.ts";
import {
  checkCausality,
  checkEffectsAreJournalled,
  checkLedgerOrder,
  checkOutputs,
  checkSteps,
} from "./ledger_checks.ts";

/** What a history tells of how a cluster went through its faults. */
export interface HistoryCounts {
  /** Runs that the cluster has said it will do. */
  acknowledged: number;
  /** Of these, runs that ended well. */
  ended: number;
  attempts: number;
  /** Attempts that were answered under another leader than the one that began them. */
  adopted: number;
  /** Attempts given up because their node was gone. */
  lost: number;
  /** Writes that the ledger refused. */
  refusedByLedger: number;
  /** How often a partition got another leader. */
  leaderChanges: number;
}

/** Every promise of a history that was broken. */
export function checkHistory(history: History): Violation[] {
  const checks = [
    ...[checkEnded, checkSubmittedOnce, checkTerms, checkOneLeader, checkAttempts],
    ...[checkLedgerOrder, checkEffectsAreJournalled, checkOutputs, checkCausality, checkSteps],
  ];
  return checks.flatMap((check) => check(history));
}

/** Counts what happened. */
export function countHistory(history: History): HistoryCounts {
  const { acknowledged, journal, effects, segments } = history;
  const completed = new Set(
    journal.filter(({ event }) => event.type === "RunCompleted").map(({ runId }) => runId),
  );
  const started = new Map<string, JournalLine["term"]>();
  const counts = { attempts: 0, adopted: 0, lost: 0 };
  for (const { runId, term, event } of journal) {
    const key = "task" in event ? `${runId} ${event.task}` : "";
    if (event.type === "AttemptStarted") {
      counts.attempts++;
      started.set(key, term);
    } else if (event.type === "AttemptFailed" && event.lost === true) counts.lost++;
    else if (event.type === "TaskCompleted" || event.type === "AttemptFailed") {
      if (`${started.get(key)}` !== `${term}`) counts.adopted++;
    }
  }
  const leaders = new Set(segments.map(({ partition, term }) => `${partition} ${term}`));
  return {
    acknowledged: acknowledged.size,
    ended: [...acknowledged.values()].filter((runId) => completed.has(runId)).length,
    ...counts,
    refusedByLedger: effects.filter(({ isAccepted }) => !isAccepted).length,
    leaderChanges: leaders.size - new Set(segments.map(({ partition }) => partition)).size,
  };
}
