/**
 * Who may be resident: so many activations at once, and who goes when another one comes. Places are
 * shared between definitions: one with a hundred thousand instances that all have mail keeps no
 * other from coming up, and drives none of the others' out while they are in use.
 *
 * @module
 */
import type { Activation } from "./activation.ts";
import type { ActorType } from "./actor_type.ts";

export interface ResidentsOptions {
  /** Virtual actors at once; the children of the tree have places of their own. */
  max: number;
  /** Epoch milliseconds. */
  now(): number;
  onGranted(activation: Activation): void;
  /** Passivate it: somebody waits for its place. */
  onEvict(activation: Activation): void;
}

/** Who has had nothing to do for so long gives its place to whomever. */
const UNUSED_MS = 1_000;

/** The virtual actors of one definition. */
interface Group {
  holders: number;
  waiting: Set<Activation>;
  /** Those that have nothing to do; the one that has had nothing for longest stands first. */
  idle: Set<Activation>;
}

export class Residents {
  readonly #options: ResidentsOptions;
  readonly #holders = new Set<Activation>();
  readonly #leaving = new Set<Activation>();
  readonly #groups = new Map<ActorType, Group>();
  #waiting = 0;

  constructor(options: ResidentsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#holders.size;
  }

  /** Those that wait for a place. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Grants a place at once, or when one is free. */
  request(activation: Activation): void {
    if (activation.child !== null) return this.#options.onGranted(activation);
    if (this.#holders.size < this.#options.max) return this.#grant(activation);
    activation.status = "queued";
    this.#groupOf(activation).waiting.add(activation);
    this.#waiting++;
    this.evict();
  }

  /** It is not resident any more, or does not want to be. */
  release(activation: Activation): void {
    const group = this.#groupOf(activation);
    if (group.waiting.delete(activation)) this.#waiting--;
    group.idle.delete(activation);
    this.#leaving.delete(activation);
    if (this.#holders.delete(activation)) group.holders--;
    while (this.#waiting > 0 && this.#holders.size < this.#options.max) this.#grantNext();
  }

  /** Says whether an activation has nothing to do; only such ones are evicted. */
  note(activation: Activation, isIdle: boolean): void {
    const { idle } = this.#groupOf(activation);
    idle.delete(activation);
    if (!isIdle || activation.child !== null) return;
    idle.add(activation);
    this.evict();
  }

  /** Those without work. */
  *idle(): Iterable<Activation> {
    for (const { idle } of this.#groups.values()) yield* idle;
  }

  /** Those of one definition, the longest first. */
  idleOf(type: ActorType): Activation[] {
    return [...this.#groups.get(type)?.idle ?? []];
  }

  /** It is on its way out, by whatever reason. */
  noteLeaving(activation: Activation): void {
    this.#groupOf(activation).idle.delete(activation);
    if (this.#holders.has(activation)) this.#leaving.add(activation);
  }

  /** As many as wait and are not yet provided for. To be called now and then: who is idle may go. */
  evict(): void {
    while (this.#leaving.size < this.#waiting) {
      const one = this.#findEvictable();
      if (one === null) return;
      this.#options.onEvict(one);
      // Where it could not be asked to leave, it is not asked again and again.
      this.#groupOf(one).idle.delete(one);
    }
  }

  /**
   * Of the definition with most places, the one that has been idle for longest: unless that
   * definition has fewer places than the one that waits, and still uses them.
   */
  #findEvictable(): Activation | null {
    const asker = this.#nextGroup();
    let donor: Group | null = null;
    for (const group of this.#groups.values()) {
      const [first] = group.idle;
      if (first === undefined || group.holders <= (donor?.holders ?? -1)) continue;
      const isUnused = this.#options.now() - first.idleSince > UNUSED_MS;
      if (isUnused || group.holders >= (asker?.holders ?? 0)) donor = group;
    }
    const [one = null] = donor?.idle ?? [];
    return one;
  }

  #grantNext(): void {
    const group = this.#nextGroup()!;
    const [next] = group.waiting;
    group.waiting.delete(next!);
    this.#waiting--;
    this.#grant(next!);
  }

  /** Of those that wait, the definition with fewest places. */
  #nextGroup(): Group | null {
    let next: Group | null = null;
    for (const group of this.#groups.values()) {
      if (group.waiting.size === 0) continue;
      if (next === null || group.holders < next.holders) next = group;
    }
    return next;
  }

  #grant(activation: Activation): void {
    this.#holders.add(activation);
    this.#groupOf(activation).holders++;
    this.#options.onGranted(activation);
  }

  #groupOf({ type }: Activation): Group {
    let group = this.#groups.get(type);
    if (group === undefined) {
      this.#groups.set(type, group = { holders: 0, waiting: new Set(), idle: new Set() });
    }
    return group;
  }
}
