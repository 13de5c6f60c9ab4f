import type { Candidate } from "./candidate.ts";
import { type Prospect, prospectOf, type Scale } from "./prospect.ts";

/**
 * What was expected of the candidates of the last question. Whoever asks for one task after another
 * hands it in with each: what would come out the same is not worked out anew. The same candidate is
 * the same object at the same place.
 */
export class KnownProspects {
  #scale: Scale | null = null;
  #prospects: Prospect[] = [];

  /** What the last question was measured by. */
  get scale(): Scale | null {
    return this.#scale;
  }

  /** What is known holds for candidates that are measured by this. */
  measureBy(scale: Scale): void {
    if (this.#scale === null || !isAlike(this.#scale, scale)) this.#prospects = [];
    this.#scale = scale;
  }

  /** As `prospectOf()`. */
  of(candidate: Candidate, place: number): Prospect {
    const known = this.#prospects[place];
    if (known?.candidate === candidate) return known;
    return this.#prospects[place] = prospectOf(candidate, this.#scale!);
  }
}

/** Whether the same is expected of a candidate by both. */
function isAlike(a: Scale, b: Scale): boolean {
  return a.view.state !== null && a.view.state === b.view.state && a.words === b.words &&
    a.costUsd === b.costUsd && a.horizon === b.horizon &&
    a.query.capability === b.query.capability && a.query.prefer === b.query.prefer;
}
