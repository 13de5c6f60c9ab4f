/**
 * Promises that show when the external ledger is held against the journal.
 *
 * @module
 */
import { type BookEntry, isOlder } from "../ledger/effect_book.ts";
import { type History, isOfTerm, type JournalLine, linesByRun, type Violation } from "./history.ts";

/** What the journal says of a task, as far as the ledger has to agree. */
interface TaskAccount {
  /** What began each attempt, by its number. */
  begun: Map<number, JournalLine>;
  /** Attempt whose answer was taken. */
  done: number | null;
  output: { nonce?: unknown; charged?: unknown } | null;
  /** By step id: the attempt that took it, and what it gave. */
  steps: Map<string, { attempt: number; output: unknown }>;
}

/** The ledger never takes a lower term or attempt after a higher one of the same task. */
export function checkLedgerOrder({ effects }: History): Violation[] {
  const latest = new Map<string, BookEntry>();
  const broken: Violation[] = [];
  for (const effect of effects.filter(({ isAccepted }) => isAccepted)) {
    const key = `${effect.run} task ${effect.task}`;
    const before = latest.get(key);
    latest.set(key, effect);
    if (before === undefined || !isOlder(effect, before)) continue;
    broken.push({ promise: "the ledger takes no older attempt after a newer one", where: key });
  }
  return broken;
}

/** Each effect belongs to an attempt that the journal had begun before, with the term it carries. */
export function checkEffectsAreJournalled(history: History): Violation[] {
  const accounts = accountsOf(history);
  const broken: Violation[] = [];
  for (const effect of history.effects) {
    const begun = accounts.get(keyOf(effect))?.begun.get(effect.attempt);
    const where = placeOf(effect);
    if (begun === undefined) {
      broken.push({ promise: "no effect comes before its attempt is in the journal", where });
    } else if (!isOfTerm(begun, effect.term)) {
      const promise = "an effect carries the term in which its attempt began";
      broken.push({ promise, where: `${where}, begun in term ${begun.term}` });
    }
  }
  return broken;
}

/** The output in the journal is that of the attempt that ended last in the ledger. */
export function checkOutputs(history: History): Violation[] {
  const effects = acceptedByTask(history);
  const broken: Violation[] = [];
  for (const [key, { done, output }] of accountsOf(history)) {
    if (done === null) continue;
    const last = effects.get(key)?.at(-1);
    if (last?.what !== "end" || last.attempt !== done) {
      const seen = last === undefined ? "nothing" : placeOf(last);
      broken.push({
        promise: "no attempt writes after its task is finished",
        where: `${key}: attempt ${done} finished it, the ledger's last is ${seen}`,
      });
    } else if (last.nonce !== output?.nonce) {
      broken.push({ promise: "the output is what the last attempt wrote", where: placeOf(last) });
    }
  }
  return broken;
}

/** A task's first effect comes after the last one of each task that it needs. */
export function checkCausality(history: History): Violation[] {
  const effects = acceptedByTask(history);
  const broken: Violation[] = [];
  for (const [key, [first]] of effects) {
    if (first === undefined) continue;
    for (const need of history.needs.get(first.task) ?? []) {
      const last = effects.get(`${first.run} task ${need}`)?.at(-1);
      if (last !== undefined && last.what === "end" && last.n < first.n) continue;
      broken.push({ promise: "an effect comes after those that it needs", where: key });
    }
  }
  return broken;
}

/** A step that is in the journal is not taken again, and its result is what the ledger got. */
export function checkSteps(history: History): Violation[] {
  const effects = acceptedByTask(history);
  const broken: Violation[] = [];
  for (const [key, { steps, done, output }] of accountsOf(history)) {
    for (const [id, { attempt, output: recorded }] of steps) {
      const taken = (effects.get(key) ?? []).filter(({ what }) => what === `step:${id}`);
      const again = taken.find((effect) => effect.attempt > attempt);
      if (again !== undefined) {
        broken.push({ promise: "a recorded step is not taken again", where: placeOf(again) });
      }
      const isTrue = taken.some((one) => one.attempt === attempt && one.nonce === recorded);
      const isUsed = done === null || output?.charged === recorded;
      if (isTrue && isUsed) continue;
      broken.push({ promise: "a step's result is what it gave", where: `${key} step ${id}` });
    }
  }
  return broken;
}

function acceptedByTask({ effects }: History): Map<string, BookEntry[]> {
  return Map.groupBy(effects.filter(({ isAccepted }) => isAccepted), keyOf);
}

function accountsOf(history: History): Map<string, TaskAccount> {
  const accounts = new Map<string, TaskAccount>();
  const started = new Map<string, number>();
  for (const lines of linesByRun(history).values()) {
    for (const line of lines) {
      const { runId, event } = line;
      if (!("task" in event)) continue;
      const key = keyOf({ run: runId, task: event.task });
      const account = accounts.get(key) ??
        { begun: new Map(), done: null, output: null, steps: new Map() };
      accounts.set(key, account);
      if (event.type === "AttemptStarted") {
        account.begun.set(event.attempt, line);
        started.set(key, event.attempt);
      } else if (event.type === "TaskCompleted") {
        account.done = started.get(key) ?? null;
        account.output = event.output as TaskAccount["output"];
      } else if (event.type === "StepRecorded") {
        const attempt = started.get(key) ?? 0;
        account.steps.set(event.stepId, { attempt, output: event.output });
      }
    }
  }
  return accounts;
}

function keyOf({ run, task }: { run: string; task: string }): string {
  return `${run} task ${task}`;
}

function placeOf(effect: BookEntry): string {
  return `${keyOf(effect)} attempt ${effect.attempt} term ${effect.term} "${effect.what}"`;
}
