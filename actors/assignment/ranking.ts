import type { Prospect } from "./prospect.ts";
import { hashText, mix } from "./random.ts";

/** The first ones in descending order of a figure. */
export interface Ranking {
  /** Negative when `a` goes before `b`. Never 0 for two agents. */
  compare(a: Prospect, b: Prospect): number;
  /** The first `count` of some prospects; these are left as they are. */
  first(all: readonly Prospect[], count: number): Prospect[];
}

/**
 * Orders prospects by score; of equals the one that a draw of this task favours, so that work is
 * spread among agents of which the same is known. The order in which they came says nothing.
 */
export function rankBySeed(seed: string): Ranking {
  const salt = hashText(seed);
  const compare = (a: Prospect, b: Prospect) =>
    b.score - a.score || drawOf(b, salt) - drawOf(a, salt) || compareIds(a, b);
  return {
    compare,
    first(all, count) {
      const found: Prospect[] = [];
      for (const one of all) {
        if (found.length === count && compare(one, found[count - 1]!) > 0) continue;
        let place = found.length;
        while (place > 0 && compare(one, found[place - 1]!) < 0) place--;
        found.splice(place, 0, one);
        if (found.length > count) found.pop();
      }
      return found;
    },
  };
}

function drawOf({ idHash }: Prospect, salt: number): number {
  return mix(salt ^ idHash);
}

function compareIds(a: Prospect, b: Prospect): number {
  return a.candidate.id < b.candidate.id ? -1 : a.candidate.id > b.candidate.id ? 1 : 0;
}
