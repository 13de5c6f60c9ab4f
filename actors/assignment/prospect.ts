import type { CandidateFigures } from "../../core/assignment.ts";
import { retryAt } from "./breaker.ts";
import type { AssignmentQuery, Candidate } from "./candidate.ts";
import { intervalOf } from "./evidence.ts";
import { changeRate } from "./estimate.ts";
import type { EvidenceView } from "./evidence_view.ts";
import { explorationBonus } from "./exploration.ts";
import type { BreakerFacts } from "./failure_run.ts";
import { isSound } from "./exclusions.ts";
import type { Common } from "./pool.ts";
import { hashText } from "./random.ts";

/** How many tasks what is learnt is thought to serve; see {@linkcode horizonOf}. */
const HORIZON = { first: 200, share: 0.25, max: 1_500 };

/** Points of success that a doubling of time or of cost is worth. */
const WORTH = {
  balanced: { time: 0.004, cost: 0.004 },
  speed: { time: 0.06, cost: 0.002 },
  cost: { time: 0.002, cost: 0.06 },
  success: { time: 0, cost: 0 },
} as const;

/** No more doublings than this count. */
const DOUBLINGS_MAX = 5;

/** Points of success that being full is worth less than being idle. */
const LOAD_WORTH = 0.002;

/** What is expected of a candidate at the task. */
export interface Prospect {
  candidate: Candidate;
  /** Of its id: by which draws among equals are made. */
  idHash: number;
  /** Expected success, words and bid taken in. */
  mean: number;
  variance: number;
  outcomes: number;
  latencyMs: number | null;
  costUsd: number;
  /** Success less what time, cost and load are worth, without and with the worth of trying. */
  value: number;
  score: number;
  breaker: BreakerFacts | null;
  /** When it may be tried again; `null`: its breaker is closed. */
  probeAt: number | null;
  /** As they are journalled, once somebody asked. */
  figures: CandidateFigures | null;
}

/** What all candidates of a task are measured by. */
export interface Scale {
  query: AssignmentQuery;
  view: EvidenceView;
  words: Uint32Array;
  /** Share of what the words say that is believed, 0 to 1. */
  textShare: number;
  horizon: number;
  /** Time and cost from which doublings are counted. */
  latencyMs: number | null;
  costUsd: number;
}

/** What all candidates are measured by; `able` is how many of them can take the task. */
export function scaleOf(
  query: AssignmentQuery,
  view: EvidenceView,
  words: Uint32Array,
  textShare: number,
  able: number,
): Scale {
  const { common } = view;
  let cost = 0;
  for (const one of query.candidates) cost += priceOf(one) / query.candidates.length;
  return {
    query,
    view,
    words,
    textShare,
    horizon: horizonOf(common, Math.min(1, able / view.agentsAtWork)),
    latencyMs: common.logLatency === null ? null : Math.exp(common.logLatency),
    costUsd: cost,
  };
}

/**
 * Tasks that what is learnt now will serve: at first a guess, later a share of those that came; and
 * fewer where agents keep changing. Where each agent can take but a part of the tasks, what is learnt
 * of it serves only these: as many as there are candidates for each of those that share the work.
 */
function horizonOf(common: Common, share: number): number {
  const later = Math.min(HORIZON.max, common.outcomes * HORIZON.share);
  return Math.min(Math.max(HORIZON.first, later) * share, 1 / changeRate(common.prior));
}

/**
 * What is expected of a candidate. The score is in points of success:
 * `success + worth of trying - time - cost - load`, time and cost by doublings above the mean of the
 * candidates.
 */
export function prospectOf(candidate: Candidate, scale: Scale): Prospect {
  const { lesson, estimate } = scale.view.assess(candidate.id);
  const { outcomes } = estimate;
  let { mean, variance } = estimate;
  if (scale.textShare > 0.01 && lesson?.text) {
    const moved = shift(mean, scale.textShare * lesson.text.offset(scale.words));
    variance *= moved * (1 - moved) / Math.max(1e-9, mean * (1 - mean));
    mean = moved;
  }
  let latencyMs = lesson === null ? null : lesson.latencyMs;
  const bid = candidate.bid !== undefined && isSound(candidate.bid) ? candidate.bid : null;
  if (bid !== null) {
    const standing = lesson?.promises.standing ?? 0.25;
    const excess = Math.max(0, lesson?.promises.excess ?? 0);
    if (bid.success !== null) mean = believe(mean, variance, bid.success - excess, standing);
    if (bid.latencyMs !== null) {
      const promised = Math.max(1, bid.latencyMs) * Math.exp(lesson?.promises.logLate ?? 0);
      latencyMs = latencyMs === null ? promised : Math.sqrt(latencyMs * promised);
    }
  }
  const costUsd = priceOf(candidate);
  const value = mean - burden(candidate, latencyMs, costUsd, scale);
  const inFlight = Math.max(0, candidate.load * candidate.places);
  const virtual = variance * (outcomes + 2) / (outcomes + 2 + inFlight);
  return {
    candidate,
    idHash: hashText(candidate.id),
    mean,
    variance,
    outcomes,
    latencyMs,
    costUsd,
    value,
    score: value + explorationBonus(mean, virtual, scale.horizon),
    breaker: lesson?.breaker ?? null,
    probeAt: lesson === null ? null : retryAt(lesson.breaker, scale.view.paceMs, false),
    figures: null,
  };
}

/** Figures as they are journalled: three digits. */
export function figuresOf(prospect: Prospect): CandidateFigures {
  return prospect.figures ??= newFiguresOf(prospect);
}

function newFiguresOf(prospect: Prospect): CandidateFigures {
  const { low, high } = intervalOf(prospect.mean, prospect.variance);
  return {
    agent: prospect.candidate.agent,
    score: digits(prospect.score),
    success: digits(prospect.mean),
    low: digits(low),
    high: digits(high),
    tasks: digits(prospect.outcomes),
    latencyMs: prospect.latencyMs === null ? null : digits(prospect.latencyMs),
    costUsd: digits(prospect.costUsd),
    load: digits(prospect.candidate.load),
  };
}

/** What an attempt costs: as bid, else as stated. */
function priceOf({ bid, costUsd }: Candidate): number {
  const price = bid !== undefined && isSound(bid) ? bid.costUsd : costUsd;
  return Number.isFinite(price) ? Math.max(0, price) : 0;
}

/** A promise counts by the agent's standing, and raises it by no more than what is not known of it. */
function believe(mean: number, variance: number, promised: number, standing: number): number {
  const rise = Math.min(promised - mean, Math.sqrt(variance));
  return Math.max(0, Math.min(1, mean + standing * rise));
}

function burden(one: Candidate, latencyMs: number | null, costUsd: number, scale: Scale): number {
  const worth = WORTH[scale.query.prefer];
  const time = latencyMs === null || scale.latencyMs === null
    ? 0
    : doublings(latencyMs, scale.latencyMs);
  const cost = scale.costUsd === 0 ? 0 : doublings(costUsd, scale.costUsd);
  const load = Number.isFinite(one.load) ? one.load : 0;
  return worth.time * time + worth.cost * cost + LOAD_WORTH * load;
}

/** Doublings above a reference; a little is added to both so that nothing costs not infinitely less. */
function doublings(value: number, reference: number): number {
  const count = Math.log2((value + reference / 16) / (reference + reference / 16));
  return Math.max(-DOUBLINGS_MAX, Math.min(DOUBLINGS_MAX, count));
}

function shift(mean: number, offset: number): number {
  if (offset === 0 || mean <= 0 || mean >= 1) return mean;
  return 1 / (1 + Math.exp(-(Math.log(mean / (1 - mean)) + offset)));
}

function digits(value: number): number {
  // Nothing is to be rounded in most of them, and making a text takes longer than all the rest.
  if (Number.isInteger(value) && Math.abs(value) < 1_000) return value + 0;
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : 0;
}
