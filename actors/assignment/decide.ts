import type { Exclusion, ExclusionCode } from "../../core/assignment.ts";
import type { AssignmentDecision, AssignmentQuery, Candidate } from "./candidate.ts";
import type { Evidence } from "./evidence.ts";
import { hashText, toUnit } from "./random.ts";

/** Chooses an agent for a task by what is known of the candidates. */
export function decideAssignment(query: AssignmentQuery, evidence: Evidence): AssignmentDecision {
  const out = new Map<ExclusionCode, string[]>();
  const able: Candidate[] = [];
  for (const one of query.candidates) {
    const code = one.excluded ?? (one.free > 0 ? null : "FULL");
    if (code === null) able.push(one);
    else out.set(code, [...(out.get(code) ?? []), one.agent]);
  }
  const excluded: Exclusion[] = [...out].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([code, agents]) => ({ code, count: agents.length, agents: agents.sort().slice(0, 3) }));
  const scored = able.map((candidate) => {
    const record = evidence.record(candidate.id, query.capability, query.at);
    const draw = toUnit(hashText(candidate.id, hashText(query.seed)));
    const score = record.low + draw * (record.high - record.low);
    return { candidate, record, score };
  }).sort((a, b) => b.score - a.score || (a.candidate.id < b.candidate.id ? -1 : 1));
  const figures = scored.slice(0, 3).map(({ candidate, record, score }) => ({
    agent: candidate.agent,
    score,
    success: record.success,
    low: record.low,
    high: record.high,
    tasks: record.effectiveTasks,
    latencyMs: record.latencyMs,
    costUsd: candidate.costUsd,
    load: candidate.load,
  }));
  const chosen = scored[0]?.candidate ?? null;
  const code = query.candidates.length === 0
    ? "NOBODY_OFFERS"
    : out.has("FULL")
    ? "ALL_BUSY"
    : "NOBODY_CAN";
  return {
    chosen,
    way: scored.length === 1 ? "only" : "evidence",
    figures,
    considered: scored.length,
    excluded,
    ...(chosen === null ? { why: { code, excluded } } : {}),
  };
}
