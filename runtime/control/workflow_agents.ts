import { agentIdOf } from "../../core/assignment.ts";
import type { WorkflowPackage } from "../node/mod.ts";
import type { AgentEntry } from "./agent_documents.ts";
import { type ClaimedCapability, type ReadRecords, recordsOf } from "./agent_records.ts";
import type { Labels, Sees } from "./caller.ts";
import type { ControlNode } from "./control_node.ts";
import { isBlobMissing, type PackageReader } from "./package_reader.ts";
import type { StandInSources } from "./stand_ins.ts";
import type { WorkflowRegistry } from "./workflow_registry.ts";

/** What is known of a workflow agent besides how it does now. */
export type WorkflowAgentFacts = Omit<
  AgentEntry,
  "attempts" | "failures" | "p50Ms" | "p95Ms" | "cells" | "inFlight" | "load"
>;

/** Where workflows with agents are looked for. */
export interface WorkflowAgentSources {
  node: Pick<ControlNode, "stores" | "agents">;
  workflows: Pick<WorkflowRegistry, "list">;
  packages: PackageReader;
}

/** A package whose agents are listed. */
interface Source {
  packageHash: string;
  isRegistered: boolean;
  labels: Labels;
}

const WORKFLOWS_MAX = 200;
/** Lines of the run list in which packages are looked for. */
const RECENT_MAX = 200;

/** Agents of registered workflows, then of what ran lately and is not among them. */
export async function listWorkflowAgents(
  sources: WorkflowAgentSources,
  { tenant, isVisible, read }: { tenant: string | null; isVisible: Sees; read: ReadRecords },
): Promise<WorkflowAgentFacts[]> {
  const found = await findSources(sources, { tenant, isVisible });
  const entries = await Promise.all(found.map(async (source) => {
    try {
      const { content } = await sources.packages.plan(source.packageHash);
      return content.definition.agents.map((spec) =>
        factsOf(spec, { source, content, tenant, read, roster: sources.node.agents.roster })
      );
    } catch (error) {
      // A run may be deleted, and its package with it, since its line was read.
      if (isBlobMissing(error)) return [];
      throw error;
    }
  }));
  return entries.flat().sort((a, b) =>
    compare(a.workflow!, b.workflow!) || compare(a.name, b.name)
  );
}

async function findSources(
  { workflows, node }: WorkflowAgentSources,
  { tenant, isVisible }: { tenant: string | null; isVisible: Sees },
): Promise<Source[]> {
  const { items } = await workflows.list(tenant, { limit: WORKFLOWS_MAX, sees: isVisible });
  const sources = new Map<string, Source>();
  const keyOf = ({ workflow, tenant }: Labels) => JSON.stringify([workflow, tenant]);
  for (const { name, tenant, hash } of items) {
    const labels = { workflow: name, tags: [], tenant };
    sources.set(keyOf(labels), { packageHash: hash, isRegistered: true, labels });
  }
  for (const entry of await node.stores.runs.runs({ limit: RECENT_MAX })) {
    const { workflow, tags = [], tenant = null, packageHash } = entry;
    const labels = { workflow, tags, tenant };
    if (packageHash === undefined || sources.has(keyOf(labels)) || !isVisible(labels)) continue;
    // A run of a tenant may be one of a shared workflow.
    const shared = sources.get(keyOf({ ...labels, tenant: null }));
    if (shared?.isRegistered && shared.packageHash === packageHash) continue;
    sources.set(keyOf(labels), { packageHash, isRegistered: false, labels });
  }
  return [...sources.values()];
}

function factsOf(
  spec: WorkflowPackage["definition"]["agents"][number],
  { source, content, tenant: viewer, read, roster }: {
    source: Source;
    content: WorkflowPackage;
    tenant: string | null;
    read: ReadRecords;
    roster: StandInSources["roster"];
  },
): WorkflowAgentFacts {
  const { labels: { workflow, tenant }, packageHash, isRegistered } = source;
  const { name, module, permissions, concurrency, replicas, memoryMb } = spec;
  const packed = content.agents[name]!;
  const { codeHash, capabilities, costUsd = 0, bids = false } = packed;
  const version = content.definition.version ?? null;
  const whose = tenant ?? viewer;
  const id = agentIdOf(whose, workflow, name);
  const own = Object.entries(content.agents).map(([other, { capabilities }]) => ({
    id: agentIdOf(whose, workflow, other),
    name: other,
    capabilities,
  }));
  return {
    kind: "workflow",
    id,
    ref: agentIdOf(null, workflow, name),
    name,
    workflow,
    version,
    versions: version === null ? [] : [version],
    tenant,
    description: null,
    status: "ready",
    findings: [],
    packageHash,
    isRegistered,
    module,
    codeHash,
    capabilities,
    records: recordsOf({ id, costUsd }, claimsOf(packed), {
      roster,
      tenant: whose,
      read: read(whose),
      own,
    }),
    permissions,
    concurrency,
    replicas,
    memoryMb,
    costUsd,
    bids,
    registeredAt: null,
    registeredBy: null,
    checkedAt: null,
  };
}

/** What it can do by itself; what that is a narrower form of is said with it. */
function claimsOf(
  { capabilities, narrower = {} }: WorkflowPackage["agents"][string],
): ClaimedCapability[] {
  return capabilities.filter((one) => !Object.hasOwn(narrower, one)).map((capability) => ({
    capability,
    isA: Object.keys(narrower).filter((wider) => narrower[wider] === capability),
    partOf: [],
  }));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
