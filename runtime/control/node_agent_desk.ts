import { agentIdOf } from "../../core/assignment.ts";
import type { ActivityReports } from "./activity_reports.ts";
import type { GroupReport } from "./activity_tally.ts";
import type { AgentEntry } from "./agent_documents.ts";
import type { Labels, Sees } from "./caller.ts";
import type { ControlNode } from "./control_node.ts";
import { addCounts, figuresOf } from "./latency_histogram.ts";
import { isBlobMissing, type PackageReader } from "./package_reader.ts";
import type { WorkflowPackage } from "../node/mod.ts";
import type { WorkflowRegistry } from "./workflow_registry.ts";

export interface NodeAgentDeskOptions {
  node: Pick<ControlNode, "runs" | "stores">;
  workflows: Pick<WorkflowRegistry, "list">;
  packages: PackageReader;
  reports: Pick<ActivityReports, "all">;
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

/** See {@linkcode AgentDesk}. */
export class NodeAgentDesk {
  readonly #options: NodeAgentDeskOptions;

  constructor(options: NodeAgentDeskOptions) {
    this.#options = options;
  }

  async list(
    tenant: string | null,
    { sees = () => true }: { sees?: Sees } = {},
  ): Promise<AgentEntry[]> {
    const isVisible = (labels: Labels) =>
      (tenant === null || labels.tenant === null || labels.tenant === tenant) && sees(labels);
    const [sources, { groups }] = await Promise.all([
      this.#sources(tenant, isVisible),
      this.#options.reports.all(),
    ]);
    const seen = groups.filter(({ labels }) => labels !== null && isVisible(labels));
    const entries = await Promise.all(sources.map((source) => this.#entries(source, seen)));
    return entries.flat().sort((a, b) =>
      a.workflow === b.workflow ? compare(a.name, b.name) : compare(a.workflow!, b.workflow!)
    );
  }

  /** Registered workflows first; then what ran lately and is not among them. */
  async #sources(tenant: string | null, isVisible: Sees): Promise<Source[]> {
    const { workflows, node } = this.#options;
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

  async #entries(source: Source, groups: readonly GroupReport[]): Promise<AgentEntry[]> {
    try {
      const { content } = await this.#options.packages.plan(source.packageHash);
      return content.definition.agents.map((spec) =>
        this.#entry(spec, { source, content, groups })
      );
    } catch (error) {
      // A run may be deleted, and its package with it, since its line was read.
      if (isBlobMissing(error)) return [];
      throw error;
    }
  }

  #entry(
    spec: WorkflowPackage["definition"]["agents"][number],
    { source, content, groups }: {
      source: Source;
      content: WorkflowPackage;
      groups: readonly GroupReport[];
    },
  ): AgentEntry {
    const { labels: { workflow, tenant }, packageHash, isRegistered } = source;
    const { name, module, permissions, concurrency, replicas, memoryMb } = spec;
    const { codeHash, capabilities } = content.agents[name]!;
    const cells = this.#options.node.runs.inspectCells().filter(({ agent }) => agent === name);
    const version = content.definition.version ?? null;
    const inFlight = cells.reduce((sum, { inFlight }) => sum + inFlight, 0);
    return {
      kind: "workflow",
      ref: agentIdOf(workflow, name),
      name,
      workflow,
      version,
      versions: version === null ? [] : [version],
      description: null,
      status: "ready",
      findings: [],
      records: [],
      costUsd: 0,
      bids: false,
      load: 0,
      registeredAt: null,
      registeredBy: null,
      checkedAt: null,
      tenant,
      packageHash,
      isRegistered,
      module,
      codeHash,
      capabilities,
      permissions,
      concurrency,
      replicas,
      memoryMb,
      ...figuresFor(name, source, groups),
      cells: cells.length,
      inFlight,
    };
  }
}

/** Of all runs of the workflow whose agent it is: a shared one works for every tenant. */
function figuresFor(
  name: string,
  { labels: { workflow, tenant } }: Source,
  groups: readonly GroupReport[],
): Pick<AgentEntry, "attempts" | "failures" | "p50Ms" | "p95Ms"> {
  const figures = groups
    .filter(({ labels }) =>
      labels?.workflow === workflow && (tenant === null || labels.tenant === tenant)
    )
    .flatMap(({ agents }) => agents.filter(({ agent }) => agent === name));
  const latency = figuresOf(addCounts(figures.map((one) => one.latency)));
  return {
    attempts: figures.reduce((sum, { attempts }) => sum + attempts, 0),
    failures: figures.reduce((sum, { failures }) => sum + failures, 0),
    p50Ms: latency.count === 0 ? null : latency.p50Ms,
    p95Ms: latency.count === 0 ? null : latency.p95Ms,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
