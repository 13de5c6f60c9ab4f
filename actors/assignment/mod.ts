/**
 * Who gets a task: what is known of the agents, and the choice among them. Pure: the same facts and
 * the same question give the same answer on every node.
 *
 * @module
 */
export type { AssignmentDecision, AssignmentQuery, Candidate, Preference } from "./candidate.ts";
export { decideAssignment } from "./decide.ts";
export { KnownProspects } from "./known_prospects.ts";
export type { BreakerState } from "./breaker.ts";
export { type AgentRecord, type CapabilityKin, Evidence, type EvidenceLimits } from "./evidence.ts";
export { TenantEvidence } from "./tenant_evidence.ts";
