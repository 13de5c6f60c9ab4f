/**
 * One checker per promise of the cluster. They see what truly happens, at the instant at which it
 * happens, and throw when a promise is broken.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Fence, Holder, InboxCommand, JournalRecord } from "../../../core/ports.ts";
import { type RunEvent, type RunState, viewRun } from "../../../workflows/mod.ts";
import { type AttemptKey, attemptKey, placeKey } from "./attempt_key.ts";
import type { ClusterNode } from "./cluster_node.ts";
import type { StoredPartition } from "./cluster_store.ts";
import { JournalChecker } from "./journal_checker.ts";
import { WishChecker } from "./wish_checker.ts";

/** An append that the store has taken. */
export interface Appended {
  partition: StoredPartition;
  fence: Fence;
  author: Holder;
  records: readonly JournalRecord<RunEvent>[];
  bases: readonly number[];
  handled: readonly string[];
  /** The wishes that it struck off. */
  wishes: readonly InboxCommand[];
  /** Those that a later part of this commit will strike off. */
  announced: readonly InboxCommand[];
  /** What earlier parts of this commit wrote. */
  earlier: readonly JournalRecord<RunEvent>[];
  /** Whether the author led the partition at this instant. */
  holds: boolean;
}

/** All checkers of one world. */
export class ClusterCheckers {
  readonly leadership = new LeadershipChecker();
  readonly wishes = new WishChecker();
  readonly journal: JournalChecker;
  readonly fold: FoldChecker;
  readonly frames: FrameChecker;
  readonly effects: EffectChecker;
  readonly #count: (what: string) => void;
  /** The processes that there are and were. */
  nodes: () => Iterable<ClusterNode> = () => [];

  constructor(count: (what: string) => void) {
    this.#count = count;
    this.journal = new JournalChecker({
      hasSafely: (node, attempt) => {
        for (const one of this.nodes()) if (one.name === node) return one.hasSafely(attempt);
        return false;
      },
    }, count);
    this.fold = new FoldChecker(this.journal);
    this.frames = new FrameChecker(this.journal);
    this.effects = new EffectChecker(this.journal, count);
  }

  /** A write of somebody who does not lead was turned away. */
  refused(): void {
    this.#count("stale appends refused");
  }

  appended(appended: Appended): void {
    const { partition, records, bases, handled, wishes, earlier, announced } = appended;
    this.leadership.appended(appended);
    const runOf = (wish: InboxCommand) => this.journal.runs.get(wish.runId)?.state;
    for (const wish of announced) this.wishes.announce(runOf(wish), wish);
    const isFirst = earlier.length === 0;
    const removed = wishes.map((wish) => ({
      wish,
      before: isFirst ? this.wishes.standing(runOf(wish), wish) : this.wishes.announced(wish),
    }));
    this.journal.appended(partition.number, records, bases);
    this.wishes.handled(
      partition.number,
      handled,
      removed.map((one) => ({ ...one, after: this.wishes.standing(runOf(one.wish), one.wish) })),
      [...earlier, ...records],
    );
  }

  /** Two nodes never both believe that they lead a partition, and have reason to. */
  instant(partitions: number): void {
    for (let number = 0; number < partitions; number++) {
      let leader: string | null = null;
      for (const node of this.nodes()) {
        if (!node.mayDispatch(number)) continue;
        assert.equal(leader, null, `${leader} and ${node.name} both lead partition ${number}`);
        leader = node.name;
      }
    }
  }
}

/** A term has one leader; terms in the journal never fall; what was appended had passed its fence. */
class LeadershipChecker {
  readonly #leaders = new Map<string, string>();
  readonly #journalTerms = new Map<number, number>();

  claimed(partition: number, term: number, holder: Holder): void {
    const name = `${holder.nodeId}/${holder.processStart}`;
    const key = `${partition}:${term}`;
    const other = this.#leaders.get(key);
    assert.equal(other, undefined, `${other} and ${name} both have term ${term} of ${partition}`);
    this.#leaders.set(key, name);
  }

  appended({ partition, fence, author, holds }: Appended): void {
    const { number } = partition;
    const name = `${author.nodeId}/${author.processStart}`;
    assert.equal(
      this.#leaders.get(`${number}:${fence.term}`),
      name,
      `${name} wrote with a term of another node`,
    );
    const last = this.#journalTerms.get(number) ?? 0;
    assert.ok(fence.term >= last, `term ${fence.term} of ${number} was written after ${last}`);
    assert.ok(holds, `${name} wrote to ${number} without leading it`);
    this.#journalTerms.set(number, fence.term);
  }
}

/**
 * A frame leaves once, for an attempt that the journal has in flight, and not after a later leader
 * has begun. A later term may have been claimed: whoever claimed it waits for leases to end.
 */
class FrameChecker {
  readonly #journal: JournalChecker;
  readonly #left = new Set<string>();
  /** Term of the youngest leader that has begun, by partition. */
  readonly #begun = new Map<number, number>();

  constructor(journal: JournalChecker) {
    this.#journal = journal;
  }

  /** A node begins to lead. */
  begins({ partition, term }: Fence): void {
    this.#begun.set(partition, Math.max(term, this.#begun.get(partition) ?? 0));
  }

  left(frame: AttemptKey & { term: number; partition: number }, node: string): void {
    const key = attemptKey(frame);
    const instance = this.#journal.inFlight(frame);
    assert.ok(instance !== null, `${key} left, and the journal does not have it in flight`);
    assert.equal(instance.node, node, `${key} left from another node than the journal says`);
    assert.ok(!this.#left.has(key), `${key} left twice`);
    this.#left.add(key);
    const term = this.#begun.get(frame.partition)!;
    assert.equal(frame.term, term, `${key} left with term ${frame.term} in term ${term}`);
  }
}

/** The outside world: takes (term, attempt) as a fencing token. */
class EffectChecker {
  readonly #accepted = new Map<string, { term: number; attempt: number }>();
  readonly #journal: JournalChecker;
  readonly #count: (what: string) => void;

  constructor(journal: JournalChecker, count: (what: string) => void) {
    this.#journal = journal;
    this.#count = count;
  }

  /** An agent writes to the outside world, which refuses tokens lower than the highest it saw. */
  write(attempt: AttemptKey, term: number): void {
    const key = placeKey(attempt);
    const last = this.#accepted.get(key) ?? { term: 0, attempt: 0 };
    if (term < last.term || (term === last.term && attempt.attempt < last.attempt)) {
      this.#count("stale effects refused");
      return;
    }
    assert.ok(
      attempt.attempt >= last.attempt,
      `${key} took attempt ${attempt.attempt} of term ${term} after ${last.attempt} of ${last.term}`,
    );
    assert.ok(this.#journal.runs.has(attempt.runId), `${key} had an effect before its run began`);
    this.#accepted.set(key, { term, attempt: attempt.attempt });
  }
}

/** What a fold gives is what the whole journal gives. */
class FoldChecker {
  readonly #journal: JournalChecker;

  constructor(journal: JournalChecker) {
    this.#journal = journal;
  }

  check(partition: number, fold: () => RunState[]): RunState[] {
    const states = foldOrFail(fold);
    const whole = this.#journal.openRuns(partition);
    const differ = "the fold differs from the journal";
    assert.deepEqual(fingerprints(states), fingerprints(whole), differ);
    return states;
  }
}

function foldOrFail(fold: () => RunState[]): RunState[] {
  try {
    return fold();
  } catch (error) {
    assert.fail(`what is stored cannot be folded: ${error}`);
  }
}

function fingerprints(states: readonly RunState[]): string[] {
  return states.map((state) => {
    const { runId, open, running, isPaused, stop } = state;
    const view = viewRun(state);
    const steps = state.tasks.map(({ instances }) => instances.map((instance) => instance.steps));
    const released = [...state.released].sort();
    return `${runId} ${JSON.stringify({ open, running, isPaused, stop, released, steps, view })}`;
  }).sort();
}
