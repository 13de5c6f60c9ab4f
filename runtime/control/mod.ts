/**
 * What a client of a node can do, without HTTP: the registry of workflows, runs, overview, agents,
 * actor systems, the cluster, saved filters and the audit log.
 *
 * @module
 */
export type { AgentDesk, AgentFilters } from "./agent_desk.ts";
export type * from "./agent_documents.ts";
export type { AuditDesk, AuditFilters } from "./audit_desk.ts";
export type { Caller, Labels, Page, Sees } from "./caller.ts";
export type { PartitionStatus } from "../node/cluster_status.ts";
export type { ClusterDesk, ClusterView, NodeStatus } from "./cluster_desk.ts";
export type { KnowledgeDesk } from "./knowledge_desk.ts";
export type * from "./knowledge_documents.ts";
export type { ControlNode } from "./control_node.ts";
export type { ControlPlane, ControlPlaneOptions } from "./control_plane.ts";
export type {
  FailureCount,
  Overview,
  OverviewDesk,
  TaskTiming,
  ThroughputBucket,
} from "./overview.ts";
export type * from "./registered_workflow.ts";
export { openControlPlane } from "./open_control_plane.ts";
export type { ForkOptions, PreparedRun, RunDesk } from "./run_desk.ts";
export type * from "./run_documents.ts";
export type { SavedView, SavedViews } from "./saved_views.ts";
export type {
  DeadLetterDetail,
  DeadLetterSummary,
  SystemsDesk,
  SystemSummary,
  TreeView,
  WishResult,
} from "./systems_desk.ts";
export type { WorkflowRegistry } from "./workflow_registry.ts";
