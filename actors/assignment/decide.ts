import type { Abstention, AssignmentWay } from "../../core/assignment.ts";
import { retryAt, tasksToProbe } from "./breaker.ts";
import type { AssignmentDecision, AssignmentQuery } from "./candidate.ts";
import { textShare } from "./estimate.ts";
import type { Evidence } from "./evidence.ts";
import type { EvidenceView } from "./evidence_view.ts";
import { exclusionOf, Exclusions } from "./exclusions.ts";
import { KnownProspects } from "./known_prospects.ts";
import { figuresOf, type Prospect, scaleOf } from "./prospect.ts";
import { hashText, mix, toUnit } from "./random.ts";
import { rankBySeed, type Ranking } from "./ranking.ts";
import { wordsOf } from "./text_features.ts";
import { isWorthWaiting } from "./waiting.ts";

/** How many candidates are journalled. */
const FIGURES_MAX = 3;

/** Words are looked at when so much of what they say is believed. */
const TEXT_SHARE_MIN = 0.01;

/** Chance that is given to an agent that failed to work again when it is probed. */
const RECOVERY = 0.3;

const NO_WORDS = new Uint32Array(0);

/**
 * Chooses an agent for a task by what is known of the candidates, or says why none. The same
 * question with the same evidence has the same answer, whatever the order of the candidates.
 *
 * @param known of the question before: saves work, and changes no answer
 */
export function decideAssignment(
  query: AssignmentQuery,
  evidence: Evidence,
  known: KnownProspects = new KnownProspects(),
): AssignmentDecision {
  const view = evidence.view(query.capability, query.at);
  const ranking = rankBySeed(query.seed);
  const exclusions = new Exclusions();
  const able = assessAll(query, view, exclusions, known);
  const { probe, closed, open } = sortByBreaker(able, query, view, ranking);
  const free = withRoom(closed, exclusions);
  const isAnyBusy = free.length < closed.length;
  for (const one of open) {
    exclusions.add(one.candidate.free > 0 ? "CIRCUIT_OPEN" : "FULL", one.candidate.agent);
  }
  if (probe !== null && isWorthProbing(probe, free)) {
    const others = ranking.first(free, FIGURES_MAX - 1);
    return settle(query, exclusions, [probe, ...others], free.length + 1, "probe");
  }
  // What is not worth a task for the trial's sake competes by what is expected of it now.
  if (probe !== null) free.push(probe);
  if (free.length === 0) return abstain(query, exclusions, askAgainAt(open, query, view, closed));
  const first = ranking.first(free, FIGURES_MAX);
  const busy = isAnyBusy ? bestBusy(closed, ranking) : null;
  if (busy !== null && isWorthWaiting(busy, first[0]!, query, view.paceMs)) {
    return wait(exclusions, busy, free.length);
  }
  return settle(query, exclusions, first, free.length, free.length === 1 ? "only" : "evidence");
}

function assessAll(
  query: AssignmentQuery,
  view: EvidenceView,
  exclusions: Exclusions,
  known: KnownProspects,
): Prospect[] {
  const share = textShare(view.common);
  const words = share > TEXT_SHARE_MIN ? wordsFor(query, known) : NO_WORDS;
  const able: number[] = [];
  const { candidates } = query;
  for (let place = 0; place < candidates.length; place++) {
    const candidate = candidates[place]!;
    const code = exclusionOf(candidate, query);
    if (code !== null) exclusions.add(code, candidate.agent);
    else able.push(place);
  }
  known.measureBy(scaleOf(query, view, words, share, able.length));
  return able.map((place) => known.of(candidates[place]!, place));
}

/** Those of the question before where its text was the same. */
function wordsFor({ text }: AssignmentQuery, { scale }: KnownProspects): Uint32Array {
  const isSame = scale !== null && scale.words !== NO_WORDS && scale.query.text === text;
  return isSame ? scale.words : wordsOf(text);
}

function withRoom(closed: readonly Prospect[], exclusions: Exclusions): Prospect[] {
  const free: Prospect[] = [];
  for (const one of closed) {
    if (one.candidate.free > 0) free.push(one);
    else exclusions.add("FULL", one.candidate.agent);
  }
  return free;
}

interface ByBreaker {
  closed: readonly Prospect[];
  open: Prospect[];
  /** The best of those that may be tried again now. */
  probe: Prospect | null;
}

/** An agent whose breaker opened is out, and has one task at a time once its probe is due. */
function sortByBreaker(
  able: readonly Prospect[],
  query: AssignmentQuery,
  view: EvidenceView,
  ranking: Ranking,
): ByBreaker {
  if (areClosed(able)) return { closed: able, open: [], probe: null };
  const closed = able.filter((one) => one.probeAt === null);
  const isAlone = closed.length === 0;
  const open: Prospect[] = [];
  const due: Prospect[] = [];
  for (const one of able) {
    if (one.probeAt === null) continue;
    const probeAt = retryAt(one.breaker!, view.paceMs, isAlone)!;
    if (query.at >= probeAt && mayProbe(one, query)) due.push(one);
    else open.push(one);
  }
  due.sort((a, b) => levelOf(b) - levelOf(a) || ranking.compare(a, b));
  const [probe = null, ...rest] = due;
  return { closed, open: [...open, ...rest], probe };
}

function areClosed(able: readonly Prospect[]): boolean {
  for (const { probeAt } of able) if (probeAt !== null) return false;
  return true;
}

/** One attempt at a time; an agent busy with other work is tried the less often the busier it is. */
function mayProbe({ candidate, idHash }: Prospect, { seed }: AssignmentQuery): boolean {
  if (candidate.free <= 0) return false;
  const inFlight = Math.max(0, candidate.load * candidate.places);
  return toUnit(mix(hashText(seed) ^ idHash)) * (1 + inFlight) ** 2 < 1;
}

/** Success that it had before it failed, by which it may be worth having back. */
function levelOf(one: Prospect): number {
  return (one.breaker?.level ?? 0) + one.value - one.mean;
}

/** Whether what it may bring until the next probe outweighs the task that may fail. */
function isWorthProbing(probe: Prospect, free: readonly Prospect[]): boolean {
  if (free.length === 0) return true;
  const best = free.reduce((most, one) => Math.max(most, one.value), 0);
  const gain = (levelOf(probe) - best) * tasksToProbe(probe.breaker!);
  return RECOVERY * gain > best * (1 - RECOVERY);
}

/** When the next of the agents that are out may be tried; for one that may be now, a place is missing. */
function askAgainAt(
  open: readonly Prospect[],
  query: AssignmentQuery,
  view: EvidenceView,
  closed: readonly Prospect[],
): number {
  let next = Infinity;
  for (const { breaker } of open) {
    const at = retryAt(breaker!, view.paceMs, closed.length === 0)!;
    if (at > query.at) next = Math.min(next, at);
  }
  return next;
}

function bestBusy(closed: readonly Prospect[], ranking: Ranking): Prospect | null {
  let best: Prospect | null = null;
  for (const one of closed) {
    if (one.candidate.free > 0) continue;
    if (best === null || (best.value - one.value || ranking.compare(one, best)) < 0) best = one;
  }
  return best;
}

function settle(
  query: AssignmentQuery,
  exclusions: Exclusions,
  first: readonly Prospect[],
  considered: number,
  way: AssignmentWay,
): AssignmentDecision {
  return {
    chosen: first[0]!.candidate,
    way: query.auction !== undefined && way !== "probe" ? "auction" : way,
    figures: first.map(figuresOf),
    considered,
    excluded: exclusions.summary(),
  };
}

function wait(exclusions: Exclusions, busy: Prospect, considered: number): AssignmentDecision {
  const excluded = exclusions.summary();
  const why: Abstention = { code: "BEST_BUSY", excluded, agent: busy.candidate.agent };
  return { chosen: null, way: "evidence", figures: [figuresOf(busy)], considered, excluded, why };
}

function abstain(query: AssignmentQuery, exclusions: Exclusions, at: number): AssignmentDecision {
  const why = exclusions.abstention(query.candidates.length, at);
  return {
    chosen: null,
    way: "evidence",
    figures: [],
    considered: 0,
    excluded: why.excluded,
    why,
  };
}
