import { InvalidInputError } from "../../core/errors.ts";

/** What one atomic write takes. */
export interface CommitLimits {
  bytes: number;
  mutations: number;
  checks: number;
}

/** What belongs into one atomic write, and what it takes there, about. */
export interface CommitGroup extends CommitLimits {
  /** No two groups of one slot are written together: they would write the same key. */
  slot?: string;
}

interface Waiting<Group> {
  group: Group;
  done: PromiseWithResolvers<boolean>;
}

/**
 * Gathers what several writers want written at the same time, such as the partitions that one node
 * leads: the engine writes one after the other anyway, and each costs it a flush of the disk. Groups
 * that come while a write is under way share the next one. When that is refused, each is written for
 * itself, so that a group whose check fails spoils nothing for the others.
 */
export class CommitQueue<Group extends CommitGroup> {
  readonly #commit: (groups: readonly Group[]) => Promise<boolean>;
  readonly #limits: CommitLimits;
  #waiting: Waiting<Group>[] = [];
  #isWriting = false;

  /** @param commit writes all of the groups, or none; answers `false` when a check failed */
  constructor(commit: (groups: readonly Group[]) => Promise<boolean>, limits: CommitLimits) {
    this.#commit = commit;
    this.#limits = limits;
  }

  /** Resolves once the group is durable; with `false` when its check failed. */
  write(group: Group): Promise<boolean> {
    const done = Promise.withResolvers<boolean>();
    this.#waiting.push({ group, done });
    if (!this.#isWriting) void this.#writeAll();
    return done.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // What comes in the same turn goes together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeNext(this.#takeNext());
    this.#isWriting = false;
  }

  /** In the order in which they came; at least one. */
  #takeNext(): Waiting<Group>[] {
    const sum = { bytes: 0, mutations: 0, checks: 0 };
    const slots = new Set<string>();
    const end = this.#waiting.findIndex(({ group }, at) => {
      sum.bytes += group.bytes;
      sum.mutations += group.mutations;
      sum.checks += group.checks;
      const isTaken = group.slot !== undefined && slots.has(group.slot);
      if (group.slot !== undefined) slots.add(group.slot);
      return at > 0 && (isTaken || !fits(sum, this.#limits));
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #writeNext(waiting: readonly Waiting<Group>[]): Promise<void> {
    if (waiting.length > 1 && await this.#writeTogether(waiting)) return;
    for (const { group, done } of waiting) {
      await this.#commit([group]).then(done.resolve, done.reject);
    }
  }

  /** Answers whether nothing is left to do. */
  async #writeTogether(waiting: readonly Waiting<Group>[]): Promise<boolean> {
    try {
      const isWritten = await this.#commit(waiting.map(({ group }) => group));
      if (isWritten) { for (const { done } of waiting) done.resolve(true); }
      return isWritten;
    } catch (error) {
      // One of them is wrong, and nothing was written: the others are not to suffer for it.
      if (error instanceof InvalidInputError) return false;
      for (const { done } of waiting) done.reject(error);
      return true;
    }
  }
}

function fits(sum: CommitLimits, limits: CommitLimits): boolean {
  return sum.bytes <= limits.bytes && sum.mutations <= limits.mutations &&
    sum.checks <= limits.checks;
}
