import type { Fence, JournalRecord } from "../../../core/ports.ts";
import type { RunEvent } from "../../../workflows/mod.ts";
import type { SeededRandom } from "../../seeded_random.ts";
import type { ClusterNode } from "./cluster_node.ts";
import type { SimAppend } from "./cluster_store.ts";

/** What becomes of commits. */
export interface CommitOutcome {
  /** All that was collected is durable, and its effects are done. */
  done: () => void;
  /** Somebody else leads. */
  refused: () => void;
  /** Nobody knows whether it was written. */
  unknown: () => void;
}

/**
 * Collects what is decided while a commit is under way; the next commit carries all of it. Effects
 * come once what they rest on is durable.
 */
export class GroupCommit {
  readonly #node: ClusterNode;
  readonly #fence: Fence;
  readonly #outcome: CommitOutcome;
  #records: JournalRecord<RunEvent>[] = [];
  #bases: number[] = [];
  #handled: string[] = [];
  #effects: (() => void)[] = [];
  #isClosed = false;
  isCommitting = false;
  lastSeq = 0;

  constructor(node: ClusterNode, fence: Fence, outcome: CommitOutcome) {
    this.#node = node;
    this.#fence = fence;
    this.#outcome = outcome;
  }

  /** @param base events of the run before these */
  record(runId: string, events: RunEvent[], base: number): void {
    this.#records.push({ runId, events });
    this.#bases.push(base);
  }

  /** The wish goes with what came of it. */
  strikeOff(wishId: string): void {
    this.#handled.push(wishId);
  }

  whenDurable(effect: () => void): void {
    this.#effects.push(effect);
  }

  /** Whether all that was decided on the run, or on any, is at least on its way. */
  hasUnwritten(runId?: string): boolean {
    if (runId === undefined) return this.#records.length > 0;
    return this.#records.some((record) => record.runId === runId);
  }

  get isEmpty(): boolean {
    return this.#records.length + this.#handled.length + this.#effects.length === 0;
  }

  write(): void {
    this.isCommitting = true;
    const effects = this.#effects;
    const isApart = this.#node.defect === "handled ids in another append";
    const whole = { announced: [], earlier: [] };
    const append = {
      ...whole,
      records: this.#records,
      bases: this.#bases,
      handled: isApart ? [] : this.#handled,
    };
    const later = isApart && this.#handled.length > 0
      ? { ...whole, records: [], bases: [], handled: this.#handled }
      : null;
    this.#records = [];
    this.#bases = [];
    this.#handled = [];
    this.#effects = [];
    this.#appendInParts(append, () => {
      if (later !== null) this.#append(later, () => {});
      for (const effect of effects) {
        this.#node.process.mayDie();
        effect();
      }
      this.isCommitting = false;
      this.#outcome.done();
    });
  }

  /** A commit that is too large for one write of the store takes several: a crash leaves the first. */
  #appendInParts(append: SimAppend, durable: () => void): void {
    const { world, splitness } = this.#node;
    const isLarge = append.records.length > 0 && world.random.chance(splitness);
    if (!isLarge) return this.#append(append, durable);
    world.count("appends in parts");
    const [first, second] = cutAppend(append, world.random);
    this.#append(first, () => this.#append(second, durable));
  }

  #append(append: SimAppend, durable: () => void): void {
    const { link, store, holder, defect } = this.#node;
    link.call("write", () => store.append(this.#fence, holder, append), {
      done: (seq) => {
        if (this.#isClosed) return;
        if (seq === null) return this.#outcome.refused();
        this.lastSeq = Math.max(seq, this.lastSeq);
        durable();
      },
      failed: () => {
        if (this.#isClosed) return;
        if (defect === "unknown append forgotten") durable();
        else this.#outcome.unknown();
      },
    });
  }

  /** Nothing more comes of what is under way. */
  close(): void {
    this.#isClosed = true;
  }
}

/** Cuts a commit somewhere, also in the middle of a decision. What was handled goes with the end. */
function cutAppend(append: SimAppend, random: SeededRandom): [SimAppend, SimAppend] {
  const at = random.int(0, append.records.length - 1);
  const { runId, events } = append.records[at]!;
  const cut = random.int(1, events.length);
  const records = [...append.records.slice(0, at), { runId, events: events.slice(0, cut) }];
  const rest = append.records.slice(at + 1);
  const restBases = append.bases.slice(at + 1);
  if (cut < events.length) {
    rest.unshift({ runId, events: events.slice(cut) });
    restBases.unshift(append.bases[at]! + cut);
  }
  const first = { records, bases: append.bases.slice(0, at + 1), handled: [] };
  const second = { records: rest, bases: restBases, handled: append.handled };
  return [
    { ...first, announced: append.handled, earlier: [] },
    { ...second, announced: [], earlier: records },
  ];
}
