/**
 * A node's part in a cluster: heartbeats, the view of the other nodes, and the partitions that it
 * leads.
 *
 * @module
 */
export { GoneMembers } from "./gone_members.ts";
export type { ClusterMember, Leading } from "./leading.ts";
export { Membership, type MembershipOptions } from "./membership.ts";
