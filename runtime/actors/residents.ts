/**
 * Who may be resident: so many activations at once, and who goes when another one comes.
 *
 * @module
 */
import type { Activation } from "./activation.ts";

export interface ResidentsOptions {
  /** Virtual actors at once; the children of the tree have places of their own. */
  max: number;
  onGranted(activation: Activation): void;
  /** Passivate it: somebody waits for its place. */
  onEvict(activation: Activation): void;
}

export class Residents {
  readonly #options: ResidentsOptions;
  readonly #holders = new Set<Activation>();
  readonly #waiting = new Set<Activation>();
  /** Those that have nothing to do; the one that has had nothing for longest stands first. */
  readonly #idle = new Set<Activation>();
  #leaving = 0;

  constructor(options: ResidentsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#holders.size;
  }

  /** Those that wait for a place. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Grants a place at once, or when one is free. */
  request(activation: Activation): void {
    if (activation.child !== null || this.#holders.size < this.#options.max) {
      return this.#grant(activation);
    }
    activation.status = "queued";
    this.#waiting.add(activation);
    this.#evict();
  }

  /** It is not resident any more, or does not want to be. */
  release(activation: Activation): void {
    this.#waiting.delete(activation);
    this.#idle.delete(activation);
    if (!this.#holders.delete(activation)) return;
    if (this.#leaving > 0) this.#leaving--;
    for (const next of this.#waiting) {
      if (this.#holders.size >= this.#options.max) break;
      this.#waiting.delete(next);
      this.#grant(next);
    }
  }

  /** Says whether an activation has nothing to do; only such ones are evicted. */
  note(activation: Activation, isIdle: boolean): void {
    if (!isIdle) return void this.#idle.delete(activation);
    if (activation.child !== null) return;
    this.#idle.delete(activation);
    this.#idle.add(activation);
    if (this.#waiting.size > 0) this.#evict();
  }

  /** Those without work, the longest first. */
  idle(): Iterable<Activation> {
    return this.#idle;
  }

  /** It is on its way out, by whatever reason. */
  noteLeaving(activation: Activation): void {
    this.#idle.delete(activation);
    if (this.#holders.has(activation)) this.#leaving++;
  }

  #grant(activation: Activation): void {
    if (activation.child === null) this.#holders.add(activation);
    this.#options.onGranted(activation);
  }

  /** As many as wait and are not yet provided for. */
  #evict(): void {
    for (const activation of this.#idle) {
      if (this.#leaving >= this.#waiting.size) return;
      this.#options.onEvict(activation);
    }
  }
}
