import type { Abstention, AssignmentRecord, Exclusion } from "./assignment.ts";

/** Why this agent got the task, in one or two sentences. */
export function explainChoice(record: AssignmentRecord, agent: string): string {
  const best = record.candidates[0];
  if (best === undefined) return `${agent} was chosen for "${record.capability}".`;
  return `${agent} was chosen of ${record.considered}: it succeeds at ${
    Math.round(best.success * 100)
  } % of tasks like this.`;
}

/** Why nobody got the task, in one or two sentences. */
export function explainAbstention(why: Abstention, capability: string): string {
  return `Nobody was chosen for "${capability}" (${why.code}): ${
    why.excluded.map(explainExclusion).join("; ")
  }.`;
}

/** Why these agents did not come into question, as part of a sentence. */
export function explainExclusion(one: Exclusion): string {
  return `${one.agents.join(", ")}: ${one.code}`;
}
