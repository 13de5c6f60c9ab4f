/**
 * Everything that a client of a node can do, whatever it speaks.
 *
 * @module
 */
import type { AgentDesk } from "./agent_desk.ts";
import type { AuditDesk } from "./audit_desk.ts";
import type { ClusterDesk } from "./cluster_desk.ts";
import type { ControlNode } from "./control_node.ts";
import type { KnowledgeDesk } from "./knowledge_desk.ts";
import type { OverviewDesk } from "./overview.ts";
import type { RunDesk } from "./run_desk.ts";
import type { SavedViews } from "./saved_views.ts";
import type { SystemsDesk } from "./systems_desk.ts";
import type { WorkflowRegistry } from "./workflow_registry.ts";

/** See {@linkcode openControlPlane}. */
export interface ControlPlane {
  readonly workflows: WorkflowRegistry;
  readonly runs: RunDesk;
  readonly overview: OverviewDesk;
  readonly agents: AgentDesk;
  readonly knowledge: KnowledgeDesk;
  readonly systems: SystemsDesk;
  readonly cluster: ClusterDesk;
  readonly views: SavedViews;
  readonly audit: AuditDesk;
  /** Stops listening to the node; to be called before the node is closed. */
  close(): void;
}

/** Options of {@linkcode openControlPlane}. */
export interface ControlPlaneOptions {
  node: ControlNode;
  /** State directory: temporary folders are made there. */
  dataDir: string;
}
