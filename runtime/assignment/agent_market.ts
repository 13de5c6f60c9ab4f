/**
 * Finds agents for the tasks of runs: who may do it, told from the workflow file and from the agents
 * that are registered; who is to, by what the journals tell of them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import {
  type AssignmentDecision,
  type AssignmentQuery,
  type Candidate,
  decideAssignment,
  KnownProspects,
  type TenantEvidence,
} from "../../actors/assignment/mod.ts";
import type { KnowledgeGraph } from "../../actors/knowledge/mod.ts";
import {
  type Abstention,
  agentIdOf,
  type AssignmentRecord,
  type Bid,
  type Misnamed,
} from "../../core/assignment.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type {
  AssignmentChoice,
  AssignmentRequest,
  AssignSpec,
  ReusedResult,
  ReuseSpec,
} from "../../workflows/mod.ts";
import type { AgentRoster } from "../agents/mod.ts";
import type { AgentMarket } from "../scheduler/mod.ts";
import { Limits, ownCandidate, type PoolAgent, registeredCandidate } from "./candidate_pool.ts";
import { Candidates } from "./candidates.ts";
import { misnamedCapability, misnamedPin } from "./misnamed.ts";
import type { OwnAgents } from "./own_agents.ts";
import { textOfTask } from "./task_text.ts";

/** What a choice is made from. */
export interface MarketSources {
  roster: Pick<AgentRoster, "version" | "offering" | "find" | "all">;
  /** Whether everything that the journals tell was read. */
  isReady(): boolean;
  /** Brings an agent's code to this node, unless it is on its way; whoever waits is woken then. */
  fetch(ref: string, tenant: string | null): void;
  /** Whether that failed, so that nobody need wait for it. */
  isLost(ref: string, tenant: string | null): boolean;
  knowledge: { readonly graph: KnowledgeGraph; readonly evidence: TenantEvidence };
}

/** The run that agents are found for, as far as it matters to that. */
export interface MarketPlace {
  workflow: string;
  tenant: string | null;
  /** Absolute folder at which relative paths begin. */
  workDir: string;
  own: OwnAgents;
}

interface Pool {
  version: number;
  agents: PoolAgent[];
  byName: ReadonlyMap<string, PoolAgent>;
  candidates: Candidates;
  known: KnownProspects;
  /** Of the task's names, once somebody asked. */
  misnamed?: Misnamed | null;
}

const INPUT_HASH_CHARS = 32;
const FIGURES_MAX = 3;
const BIDS_MAX = 10;
const INVITED_MAX = 20;

/** See {@linkcode AgentMarket}. It keeps nothing but what it would find again. */
export class RunMarket implements AgentMarket {
  readonly #sources: MarketSources;
  readonly #place: MarketPlace;
  readonly #pools = new WeakMap<AssignSpec, Map<string, Pool>>();
  /** Of the last question: the same is asked again when a place becomes free. */
  #lastText = { input: undefined as Json | undefined, task: "", text: "" };

  constructor(sources: MarketSources, place: MarketPlace) {
    this.#sources = sources;
    this.#place = place;
  }

  keyOf(agent: string): string | undefined {
    const { tenant } = this.#place;
    const found = this.#sources.roster.find(agent, tenant);
    if (found === null) return undefined;
    if (found.agentKey === null) this.#sources.fetch(agent, tenant);
    return found.agentKey ?? undefined;
  }

  isGone(agent: string): boolean {
    const { own, tenant } = this.#place;
    return !own.specs.has(agent) && this.#sources.roster.find(agent, tenant) === null;
  }

  hasRegisteredRoom(free: (agentKey: string) => number): boolean {
    const { capabilities, registered, offered } = this.#place.own;
    const hasRoom = (agent: string) => {
      const agentKey = this.keyOf(agent);
      return agentKey !== undefined && free(agentKey) > 0;
    };
    if (registered.some((agent) => this.isGone(agent) || hasRoom(agent))) return true;
    if (!this.#sources.isReady()) return false;
    return capabilities.some((capability) => {
      const able = this.#able(capability);
      return able.some(hasRoom) || (able.length === 0 && !offered.has(capability));
    });
  }

  hasRoom(capability: string, own: readonly string[], free: (agent: string) => number): boolean {
    if (!this.#sources.isReady()) return false;
    const isFree = (agent: string) => free(agent) > 0;
    if (own.some(isFree)) return true;
    const able = this.#able(capability);
    // Where nobody could have a place, `choose` says why.
    return own.length + able.length === 0 || able.some(isFree);
  }

  /** Registered agents that offer it and have, or will have, a place. */
  #able(capability: string): string[] {
    const { roster, isLost } = this.#sources;
    const { tenant } = this.#place;
    const able: string[] = [];
    for (const { agent: { ref, status } } of roster.offering(capability, tenant)) {
      if (status === "ready" && !isLost(ref, tenant)) able.push(ref);
    }
    return able;
  }

  choose(request: AssignmentRequest): AssignmentChoice {
    const pool = this.#pool(request);
    const text = this.#textOf(request);
    const choice = this.#decide(request, text, pool);
    if (choice.chosen === null) {
      return { agent: null, why: this.#explain(choice.why!, request, pool) };
    }
    const chosen = pool.byName.get(choice.chosen.agent)!;
    const { as, codeHash } = chosen;
    const { way, figures, considered, excluded } = choice;
    const bids = request.bids === undefined ? undefined : rank(request.bids);
    const costUsd = choice.chosen.bid?.costUsd ?? chosen.costUsd;
    const record: AssignmentRecord = {
      way: request.spec.pin !== undefined && way === "only" ? "pin" : way,
      capability: request.capability,
      ...(as === null ? {} : { as }),
      codeHash,
      inputHash: hashOf(request.input),
      text,
      ...(costUsd === 0 ? {} : { costUsd }),
      candidates: figures.slice(0, FIGURES_MAX),
      considered,
      ...(excluded.length === 0 ? {} : { excluded }),
      ...(bids === undefined ? {} : { bids }),
    };
    return { agent: chosen.agent, record };
  }

  /** Says what is wrong with the input, or with the names in the task. */
  #explain(why: Abstention, request: AssignmentRequest, pool: Pool): Abstention {
    if (why.code !== "NOBODY_OFFERS" && why.code !== "NOBODY_CAN") return why;
    const excluded = why.excluded.map((exclusion) => {
      const [agent] = exclusion.agents;
      if (exclusion.code !== "INPUT_REFUSED" || agent === undefined) return exclusion;
      const complaint = pool.byName.get(agent)?.check().complaint?.(request.input) ?? null;
      return complaint === null ? exclusion : { ...exclusion, reason: `${agent}: ${complaint}` };
    });
    const isNamed = excluded.every(({ code }) => code === "NOT_PINNED");
    const misnamed = isNamed ? this.#misnamed(why, request, pool) : null;
    return { ...why, excluded, ...(misnamed === null ? {} : { misnamed }) };
  }

  /** Looked for once, until agents come or go. */
  #misnamed(
    { code }: Abstention,
    { capability, spec }: AssignmentRequest,
    pool: Pool,
  ): Misnamed | null {
    if (pool.misnamed !== undefined) return pool.misnamed;
    const known = { ...this.#place, roster: this.#sources.roster };
    return pool.misnamed = code === "NOBODY_OFFERS"
      ? misnamedCapability(capability, known)
      : misnamedPin(spec, known);
  }

  /**
   * An agent that failed at this very work comes after those that did not; where no bid counts, what
   * is known decides. Who may have it is waited for while all of them are only busy.
   */
  #decide(
    request: AssignmentRequest,
    text: string,
    { candidates, known }: Pool,
  ): AssignmentDecision {
    const all = candidates.of(request);
    const { capability, at, waitedMs, spec, bids } = request;
    const evidence = this.#evidence();
    const prefer = spec.prefer ?? "balanced";
    const question = { capability, text, at, waitedMs, seed: seedOf(request), prefer };
    const fresh = withoutFailed(all, request.failed);
    const rounds: AssignmentQuery[] = [{ ...question, candidates: fresh }];
    if (fresh !== all) rounds.push({ ...question, candidates: all });
    if (bids !== undefined && bids.length > 0) {
      const auction = { reserveUsd: reserveOf(spec) };
      rounds.unshift(...rounds.map((round) => ({ ...round, auction })));
    }
    const last = rounds.pop()!;
    for (const round of rounds) {
      const choice = decideAssignment(round, evidence, known);
      if (choice.why?.code !== "NOBODY_CAN") return choice;
    }
    return decideAssignment(last, evidence, known);
  }

  /** Of the run's tenant: what others' runs teach is not its. */
  #evidence() {
    return this.#sources.knowledge.evidence.of(this.#place.tenant);
  }

  invite(request: AssignmentRequest): string[] {
    const evidence = this.#evidence();
    const { capability, at } = request;
    return this.#pool(request).candidates.of(request)
      .filter(({ excluded }) => excluded === undefined)
      .map(({ agent, id }) => ({ agent, success: evidence.record(id, capability, at).success }))
      .sort((a, b) => b.success - a.success || (a.agent < b.agent ? -1 : 1))
      .slice(0, INVITED_MAX)
      .map(({ agent }) => agent);
  }

  reuse(request: AssignmentRequest, spec: ReuseSpec): ReusedResult | null {
    const { capability, tenant, input, at: now } = request;
    const { workflow } = this.#place;
    // What nobody's run brought is everybody's.
    const agents = this.#pool(request).agents
      .filter(({ excluded }) => excluded === null)
      .flatMap(({ agent, id, codeHash }) => [
        { id, codeHash },
        { id: agentIdOf(null, workflow, agent), codeHash },
      ]);
    const { maxAgeMs, minSimilarity } = spec;
    return this.#sources.knowledge.graph.reusable({
      agents,
      inputHash: hashOf(input),
      text: this.#textOf(request),
      tenant,
      capability,
      now,
      maxAgeMs,
      minSimilarity,
    });
  }

  offerOf(agent: string, capability: string) {
    const { own, tenant } = this.#place;
    if (own.specs.has(agent)) {
      const { as, costUsd, bids } = own.find(agent, capability);
      return { capability: as ?? capability, costUsd, bids };
    }
    const offer = this.#sources.roster.offering(capability, tenant)
      .find((one) => one.agent.ref === agent);
    if (offer === undefined) return null;
    return { capability: offer.capability, costUsd: offer.agent.costUsd, bids: offer.agent.bids };
  }

  #textOf({ task, input }: AssignmentRequest): string {
    const last = this.#lastText;
    if (last.task === task && last.input === input) return last.text;
    this.#lastText = { task, input, text: textOfTask(task, input) };
    return this.#lastText.text;
  }

  /** Found once for each task of the plan, until agents come or go. */
  #pool({ capability, spec, own }: AssignmentRequest): Pool {
    const { version } = this.#sources.roster;
    const pools = this.#pools.getOrInsertComputed(spec, () => new Map<string, Pool>());
    const known = pools.get(capability);
    if (known?.version === version) return known;
    const agents = this.#newPool(capability, spec, own);
    const candidates = new Candidates(agents);
    const byName = new Map(agents.toReversed().map((one) => [one.agent, one]));
    const pool: Pool = { version, agents, byName, candidates, known: new KnownProspects() };
    pools.set(capability, pool);
    return pool;
  }

  #newPool(capability: string, spec: AssignSpec, own: readonly string[]): PoolAgent[] {
    const { roster } = this.#sources;
    const { workflow, workDir, tenant, own: { specs, find } } = this.#place;
    const limits = new Limits(spec, workDir);
    const ofFile = own.map((name) =>
      ownCandidate(specs.get(name)!, find(name, capability), { tenant, workflow, limits })
    );
    const registered = roster.offering(capability, tenant).map((offer) => {
      const { agent: { ref } } = offer;
      const isLost = () => this.#sources.isLost(ref, tenant);
      return registeredCandidate(offer, { tenant, workflow, limits, isLost });
    });
    return [...ofFile, ...registered];
  }
}

/** Who could do it, and failed at it more often than others that could, makes way for these. */
function withoutFailed(
  all: readonly Candidate[],
  failed: AssignmentRequest["failed"],
): readonly Candidate[] {
  if (failed.size === 0) return all;
  const failures = ({ agent }: Candidate) => failed.get(agent) ?? 0;
  let least = Infinity;
  for (const one of all) {
    if (one.excluded === undefined) least = Math.min(least, failures(one));
  }
  const makesWay = (one: Candidate) => one.excluded === undefined && failures(one) > least;
  if (!all.some(makesWay)) return all;
  return all.map((one) => makesWay(one) ? { ...one, excluded: "FAILED_HERE" } : one);
}

function seedOf({ runId, task, index, attempt }: AssignmentRequest): string {
  return `${runId}/${task}/${index}/${attempt}`;
}

/** A bid above it does not count. */
function reserveOf({ auction, maxCostUsd }: AssignSpec): number {
  return Math.min(auction?.reserveUsd ?? Infinity, maxCostUsd ?? Infinity);
}

function rank(bids: readonly Bid[]): Bid[] {
  return [...bids]
    .sort((a, b) => a.costUsd - b.costUsd || (a.agent < b.agent ? -1 : 1))
    .slice(0, BIDS_MAX);
}

function hashOf(input: Json): string {
  return createHash("sha256").update(canonicalJson(input)).digest("hex").slice(0, INPUT_HASH_CHARS);
}
