import { ActivityReports } from "./activity_reports.ts";
import { NodeClusterDesk } from "./cluster_desk.ts";
import type { ControlPlane, ControlPlaneOptions } from "./control_plane.ts";
import { NodeAgentDesk } from "./node_agent_desk.ts";
import { NodeKnowledgeDesk } from "./node_knowledge_desk.ts";
import { NodeOverviewDesk } from "./node_overview_desk.ts";
import { NodeRunDesk } from "./node_run_desk.ts";
import { NodeSystemsDesk } from "./node_systems_desk.ts";
import { PackageReader } from "./package_reader.ts";
import { RunFolds } from "./run_folds.ts";
import { RunPages } from "./run_pages.ts";
import { SourceFolder } from "./source_folder.ts";
import { StoredAuditDesk } from "./stored_audit_desk.ts";
import { StoredRegistry } from "./stored_registry.ts";
import { StoredViews } from "./stored_views.ts";
import { WorkflowRecords } from "./workflow_records.ts";

/** Ends of runs, and what else changes a line of the list. */
const LISTED: ReadonlySet<string> = new Set([
  "RunSubmitted",
  "RunPaused",
  "RunResumed",
  "RunRetried",
  "RunCompleted",
  "RunFailed",
  "RunCancelled",
]);

/** Opens the control plane of a node that runs. It needs no more than the node's own stores. */
export function openControlPlane({ node, dataDir }: ControlPlaneOptions): ControlPlane {
  const monotonic = () => performance.now();
  const now = () => Date.now();
  const { stores } = node;
  const packages = new PackageReader(stores.runs);
  const folds = new RunFolds(stores, { packages, now: monotonic });
  const reports = new ActivityReports({ node, folds, now });
  const isWaiting = (runId: string) => reports.isWaiting(runId);
  const pages = new RunPages(stores.runs, { now: monotonic, isWaiting });
  const cluster = new NodeClusterDesk(node, monotonic);
  const load = (file: string) => node.runs.load(file);
  const sources = new SourceFolder(dataDir, load);
  const workflows = new StoredRegistry({
    records: new WorkflowRecords(stores.documents, monotonic),
    blobs: stores.runs,
    packages,
    sources,
    load,
    now,
  });
  const unsubscribe = node.subscribe(({ runId, type, event }) => {
    if (type !== "event" || event === undefined) return;
    folds.touch(runId);
    if (LISTED.has(event.type)) pages.touch();
  });
  sources.tidyUp().catch(() => {});
  return {
    workflows,
    runs: new NodeRunDesk({ node, workflows, packages, folds, pages, cluster }),
    overview: new NodeOverviewDesk({ reports, cluster, now }),
    agents: new NodeAgentDesk({ node, workflows, packages, reports, now }),
    knowledge: new NodeKnowledgeDesk(node.knowledge),
    systems: new NodeSystemsDesk(stores),
    cluster,
    views: new StoredViews(stores.documents, now),
    audit: new StoredAuditDesk(stores.audit),
    close: () => {
      unsubscribe();
      reports.close();
    },
  };
}
