import { setTimeout as sleep } from "node:timers/promises";
import { InvalidInputError } from "../../core/errors.ts";
import type { AgentSource, RegisterAgentOptions, RegisteredAgent } from "../agents/mod.ts";
import type { ActivityReports } from "./activity_reports.ts";
import type { GroupReport } from "./activity_tally.ts";
import type { AgentDesk, AgentFilters } from "./agent_desk.ts";
import type { AgentDetail, AgentEntry } from "./agent_documents.ts";
import { claimsOf, factsOf, offersOf, type ReadRecords, recordsOf } from "./agent_records.ts";
import type { Caller, Labels, Sees } from "./caller.ts";
import type { ControlNode } from "./control_node.ts";
import { addCounts, figuresOf } from "./latency_histogram.ts";
import {
  listWorkflowAgents,
  type WorkflowAgentFacts,
  type WorkflowAgentSources,
} from "./workflow_agents.ts";

export interface NodeAgentDeskOptions extends WorkflowAgentSources {
  node: Pick<ControlNode, "stores" | "agents" | "knowledge"> & {
    runs: Pick<ControlNode["runs"], "inspectCells">;
  };
  reports: Pick<ActivityReports, "all">;
  /** Epoch milliseconds. */
  now: () => number;
  /** How long it waits for journals that are read for the first time. Default 5 s. */
  readyWithinMs?: number;
}

/** Registered agents of one look into the registry. */
const PAGE = 200;
const READY_WITHIN_MS = 5_000;

/** How an agent does now. */
type Activity = Pick<
  AgentEntry,
  "attempts" | "failures" | "p50Ms" | "p95Ms" | "cells" | "inFlight" | "load"
>;

/** See {@linkcode AgentDesk}. */
export class NodeAgentDesk implements AgentDesk {
  readonly #options: NodeAgentDeskOptions;

  constructor(options: NodeAgentDeskOptions) {
    this.#options = options;
  }

  async list(tenant: string | null, filters: AgentFilters = {}): Promise<AgentEntry[]> {
    const { kind, capability, sees = () => true } = filters;
    const isVisible = visibilityOf(tenant, sees);
    const read = await this.#reading();
    const [registered, ofWorkflows, groups] = await Promise.all([
      kind === "workflow" ? [] : this.#registered(tenant),
      kind === "registered" ? [] : listWorkflowAgents(this.#options, { tenant, isVisible, read }),
      this.#groups(isVisible),
    ]);
    const entries = [
      ...registered.map((agent) => this.#entryOf(agent, { tenant, registered, read, groups })),
      ...ofWorkflows.map((facts) => ({ ...facts, ...this.#activityOf(facts, groups) })),
    ];
    if (capability === undefined) return entries;
    return entries.filter(({ capabilities, records }) =>
      capabilities.includes(capability) || records.some(({ isA }) => isA.includes(capability))
    );
  }

  async show(
    name: string,
    tenant: string | null,
    options: { version?: string; workflow?: string; sees?: Sees } = {},
  ): Promise<AgentDetail> {
    const { version, workflow, sees = () => true } = options;
    if (workflow === undefined) {
      const reference = version === undefined ? name : `${name}@${version}`;
      const agent = await this.#find(reference, tenant);
      if (agent !== null) return await this.#detailOf(agent, tenant);
    }
    const named = version !== undefined
      ? []
      : (await this.list(tenant, { kind: "workflow", sees })).filter((entry) =>
        entry.name === name && (workflow === undefined || entry.workflow === workflow)
      );
    if (named.length === 0) throw agentUnknown(name, options);
    const workflows = [...new Set(named.map((entry) => entry.workflow!))];
    if (workflows.length > 1) throw ambiguous(name, workflows);
    return { ...named[0]!, offers: [] };
  }

  async register(
    source: AgentSource,
    caller: Caller,
    options: RegisterAgentOptions = {},
  ): Promise<{ agent: AgentDetail; isNew: boolean }> {
    const { agents } = this.#options.node;
    const { agent, isNew } = await agents.register(source, caller, options);
    return { agent: await this.#detailOf(agent, caller.tenant), isNew };
  }

  async check(reference: string, caller: Caller): Promise<AgentDetail> {
    const agent = await this.#options.node.agents.check(reference, caller);
    return await this.#detailOf(agent, caller.tenant);
  }

  remove(reference: string, caller: Caller): Promise<string[]> {
    return this.#options.node.agents.remove(reference, caller);
  }

  async #find(reference: string, tenant: string | null): Promise<RegisteredAgent | null> {
    try {
      return await this.#options.node.agents.show(reference, tenant);
    } catch (error) {
      if (error instanceof InvalidInputError && error.code === "AGENT_UNKNOWN") return null;
      throw error;
    }
  }

  async #registered(tenant: string | null): Promise<RegisteredAgent[]> {
    const agents: RegisteredAgent[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#options.node.agents.list(tenant, { limit: PAGE, cursor });
      agents.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return agents;
  }

  async #detailOf(agent: RegisteredAgent, tenant: string | null): Promise<AgentDetail> {
    const [read, registered, groups] = await Promise.all([
      this.#reading(),
      this.#registered(tenant),
      this.#groups(visibilityOf(tenant, () => true)),
    ]);
    const entry = this.#entryOf(agent, { tenant, registered, read, groups });
    return { ...entry, offers: offersOf(agent) };
  }

  #entryOf(
    agent: RegisteredAgent,
    { tenant: viewer, registered, read, groups }: {
      tenant: string | null;
      registered: readonly RegisteredAgent[];
      read: ReadRecords;
      groups: readonly GroupReport[];
    },
  ): AgentEntry {
    const { name, tenant } = agent;
    // Of a shared one each tenant has learnt by itself.
    const whose = tenant ?? viewer;
    const known = factsOf(agent, whose);
    const facts = {
      ...known,
      versions: registered.filter((one) => one.name === name && one.tenant === tenant)
        .map(({ version }) => version),
      records: recordsOf(known, claimsOf(agent), {
        roster: this.#options.node.agents.roster,
        tenant: whose,
        read: read(whose),
        own: [],
      }),
    };
    return { ...facts, ...this.#activityOf(facts, groups) };
  }

  #activityOf(facts: WorkflowAgentFacts, groups: readonly GroupReport[]): Activity {
    const { kind, name, ref, codeHash, concurrency, replicas } = facts;
    const called = kind === "registered" ? ref : name;
    // Agents of two tenants, or of two workflows, may have one name.
    const cells = this.#options.node.runs.inspectCells()
      .filter((cell) => cell.agent === called && cell.codeHash === codeHash);
    const inFlight = cells.reduce((sum, cell) => sum + cell.inFlight, 0);
    const places = concurrency * replicas.max;
    return {
      ...figuresFor(called, groupsOf(facts, groups)),
      cells: cells.length,
      inFlight,
      load: places === 0 ? 0 : Math.min(1, inFlight / places),
    };
  }

  async #groups(isVisible: Sees): Promise<GroupReport[]> {
    const { groups } = await this.#options.reports.all();
    return groups.filter(({ labels }) => labels !== null && isVisible(labels));
  }

  /** What is known by now; journals that are read for the first time are waited for a little. */
  async #reading(): Promise<ReadRecords> {
    const { node: { knowledge }, now, readyWithinMs = READY_WITHIN_MS } = this.#options;
    const ready = knowledge.ready();
    ready.catch(() => {});
    const late = new AbortController();
    const patience = sleep(readyWithinMs, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([ready, patience]).finally(() => late.abort());
    const at = now();
    return (tenant) => (id, capability) => knowledge.evidence.of(tenant).record(id, capability, at);
  }
}

function visibilityOf(tenant: string | null, sees: Sees): Sees {
  return (labels: Labels) =>
    (tenant === null || labels.tenant === null || labels.tenant === tenant) && sees(labels);
}

/** Of runs of its tenant, and of the workflow whose agent it is: a shared one works for every tenant. */
function groupsOf(
  { workflow, tenant }: WorkflowAgentFacts,
  groups: readonly GroupReport[],
): GroupReport[] {
  return groups.filter(({ labels }) =>
    (workflow === null || labels?.workflow === workflow) &&
    (tenant === null || labels?.tenant === tenant)
  );
}

function figuresFor(
  called: string,
  groups: readonly GroupReport[],
): Pick<AgentEntry, "attempts" | "failures" | "p50Ms" | "p95Ms"> {
  const figures = groups.flatMap(({ agents }) => agents.filter(({ agent }) => agent === called));
  const latency = figuresOf(addCounts(figures.map((one) => one.latency)));
  return {
    attempts: figures.reduce((sum, { attempts }) => sum + attempts, 0),
    failures: figures.reduce((sum, { failures }) => sum + failures, 0),
    p50Ms: latency.count === 0 ? null : latency.p50Ms,
    p95Ms: latency.count === 0 ? null : latency.p95Ms,
  };
}

function agentUnknown(
  name: string,
  { version, workflow }: { version?: string; workflow?: string },
): InvalidInputError {
  const which = version === undefined ? name : `${name}@${version}`;
  const where = workflow === undefined ? "" : ` in workflow "${workflow}"`;
  return new InvalidInputError("AGENT_UNKNOWN", {
    message: `Found no agent "${which.slice(0, 200)}"${where}`,
    hint: "List the agents with: deno task denizen agents list",
    details: { agent: which.slice(0, 200) },
  });
}

function ambiguous(name: string, workflows: readonly string[]): InvalidInputError {
  return new InvalidInputError("AGENT_AMBIGUOUS", {
    message: `Cannot tell which agent "${name}" is meant: ${workflows.length} workflows have one`,
    hint: `Name one of: ${
      workflows.slice(0, 5).map((workflow) => `"${workflow}/${name}"`).join(", ")
    }`,
    details: { agent: name, workflows: workflows.slice(0, 20) },
  });
}
