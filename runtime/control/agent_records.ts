/**
 * What is known of agents, as documents.
 *
 * @module
 */
import type { AgentRecord } from "../../actors/assignment/mod.ts";
import { agentIdOf } from "../../core/assignment.ts";
import type { RegisteredAgent } from "../agents/mod.ts";
import type { AgentEntry, CapabilityOffer, CapabilityRecord } from "./agent_documents.ts";
import { findStandIns, type StandInSources } from "./stand_ins.ts";

/** Tells what is known of an agent, by its id, at a capability. */
export type ReadRecord = (id: string, capability: string) => AgentRecord;

/** The same for each tenant: what its runs taught. */
export type ReadRecords = (tenant: string | null) => ReadRecord;

/** One capability of an agent, with what it stands for. */
export interface ClaimedCapability {
  capability: string;
  isA: readonly string[];
  partOf: readonly string[];
}

/** What the list says of a registered agent besides how it does. */
export type RegisteredFacts = Omit<
  AgentEntry,
  | "versions"
  | "records"
  | "attempts"
  | "failures"
  | "p50Ms"
  | "p95Ms"
  | "cells"
  | "inFlight"
  | "load"
>;

/**
 * What is known at each claim, and at each wider capability that tasks asked for: outcomes count
 * under the name that the task gave.
 *
 * @param sources `read` is asked by the name under which is learnt
 */
export function recordsOf(
  agent: Pick<AgentEntry, "id" | "costUsd">,
  claims: readonly ClaimedCapability[],
  sources: StandInSources,
): CapabilityRecord[] {
  const { read } = sources;
  const own = new Set(claims.map(({ capability }) => capability));
  const wider = [...new Set(claims.flatMap(({ isA }) => isA))]
    .filter((capability) => !own.has(capability) && read(agent.id, capability).tasks > 0);
  return [
    ...claims,
    ...wider.map((capability) => ({ capability, isA: [], partOf: [] })),
  ].map((claim) => recordOf(agent, claim, sources));
}

function recordOf(
  { id, costUsd }: Pick<AgentEntry, "id" | "costUsd">,
  { capability, isA, partOf }: ClaimedCapability,
  sources: StandInSources,
): CapabilityRecord {
  const { breaker, retryAt, alone, ...record } = sources.read(id, capability);
  const standIns = retryAt === null ? [] : findStandIns(id, capability, sources);
  const next = standIns.length > 0 ? { breaker, retryAt } : alone;
  return {
    capability,
    isA: [...isA],
    partOf: [...partOf],
    ...record,
    // Until there is an outcome, its price is what is known.
    costUsd: record.tasks === 0 ? costUsd : record.costUsd,
    breaker: next.breaker,
    retryAt: next.retryAt === null ? null : new Date(next.retryAt).toISOString(),
    standIns,
  };
}

/** What a registered agent claims. */
export function claimsOf({ capabilities }: RegisteredAgent): ClaimedCapability[] {
  return Object.entries(capabilities).map(([capability, { isA, partOf }]) => ({
    capability,
    isA,
    partOf,
  }));
}

/** What its capabilities take and give. */
export function offersOf({ capabilities }: RegisteredAgent): CapabilityOffer[] {
  return Object.entries(capabilities).map(([capability, { input, output, examples }]) => ({
    capability,
    input: input ?? null,
    output: output ?? null,
    examples,
  }));
}

/**
 * A registered agent as lists have it.
 *
 * @param tenant whose record of it is shown
 */
export function factsOf(agent: RegisteredAgent, tenant: string | null): RegisteredFacts {
  const { ref, name, version, description, status, findings, module, codeHash } = agent;
  const { permissions, concurrency, replicas, memoryMb, costUsd, bids } = agent;
  return {
    kind: "registered",
    id: agentIdOf(tenant, "", ref),
    ref,
    name,
    workflow: null,
    version,
    tenant: agent.tenant,
    description,
    status,
    findings,
    packageHash: null,
    isRegistered: true,
    module,
    codeHash,
    capabilities: Object.keys(agent.capabilities),
    permissions,
    concurrency,
    replicas,
    memoryMb,
    costUsd,
    bids,
    registeredAt: new Date(agent.registeredAt).toISOString(),
    registeredBy: agent.registeredBy,
    checkedAt: agent.checkedAt === null ? null : new Date(agent.checkedAt).toISOString(),
  };
}
