import type { Candidate } from "../../actors/assignment/mod.ts";
import type { Bid, ExclusionCode } from "../../core/assignment.ts";
import type { AssignmentRequest } from "../../workflows/mod.ts";
import type { InputCheck } from "../agents/mod.ts";
import type { PoolAgent } from "./candidate_pool.ts";

/**
 * The agents of a pool as they stand to one task after another. An agent of which nothing has changed
 * since the task before is the same object. In one turn only those are looked at that were given work
 * meanwhile.
 */
export class Candidates {
  readonly #agents: readonly PoolAgent[];
  readonly #placeOf: ReadonlyMap<string, number>;
  #all: Candidate[] = [];
  /** Of the turn that they are up to date in, and how far; `null`: in none. */
  #given: readonly string[] | null = null;
  #seen = 0;
  /** What each check said of the last input. */
  #answers = new Map<InputCheck, boolean>();

  constructor(agents: readonly PoolAgent[]) {
    this.#agents = agents;
    this.#placeOf = new Map(agents.map(({ agent }, place) => [agent, place]));
  }

  /** In the order of the pool; good until the next question. */
  of(request: AssignmentRequest): readonly Candidate[] {
    const { given = null, taken, bids } = request;
    const isPlain = taken.size === 0 && bids === undefined;
    if (isPlain && given !== null && given === this.#given && this.#answersAlike(request)) {
      for (; this.#seen < given.length; this.#seen++) {
        const place = this.#placeOf.get(given[this.#seen]!);
        if (place !== undefined) this.#all[place] = this.#candidateAt(place, request, undefined);
      }
      return this.#all;
    }
    this.#answers = new Map();
    const offers = new Map(bids?.toReversed().map((bid) => [bid.agent, bid]));
    this.#all = this.#agents.map(({ agent }, place) =>
      this.#candidateAt(place, request, offers.get(agent))
    );
    this.#given = isPlain ? given : null;
    this.#seen = given?.length ?? 0;
    return this.#all;
  }

  #answersAlike({ input }: AssignmentRequest): boolean {
    for (const [check, answer] of this.#answers) if (check(input) !== answer) return false;
    return true;
  }

  #candidateAt(place: number, request: AssignmentRequest, bid: Bid | undefined): Candidate {
    const one = this.#agents[place]!;
    const free = Math.min(one.places, request.free(one.agent));
    const excluded = one.excluded ?? this.#exclude(one, request) ?? undefined;
    const last = this.#all[place];
    const isSame = last !== undefined && last.free === free && last.excluded === excluded &&
      last.bid === bid;
    return isSame ? last : candidateOf(one, free, excluded, bid);
  }

  /** Why an agent cannot have this very task. Many agents take the same inputs: they share a check. */
  #exclude(one: PoolAgent, { taken, input }: AssignmentRequest): ExclusionCode | null {
    if (one.isLost()) return "NOT_CHECKED";
    if (taken.has(one.agent)) return "TAKEN";
    const check = one.check();
    let isAccepted = this.#answers.get(check);
    if (isAccepted === undefined) this.#answers.set(check, isAccepted = check(input));
    return isAccepted ? null : "INPUT_REFUSED";
  }
}

function candidateOf(
  { agent, id, places, costUsd }: PoolAgent,
  free: number,
  excluded: ExclusionCode | undefined,
  bid: Bid | undefined,
): Candidate {
  const candidate: Candidate = {
    agent,
    id,
    costUsd: bid?.costUsd ?? costUsd,
    load: places === 0 ? 1 : 1 - free / places,
    places,
    free,
  };
  if (bid !== undefined) candidate.bid = bid;
  if (excluded !== undefined) candidate.excluded = excluded;
  return candidate;
}
