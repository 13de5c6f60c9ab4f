import {
  type CapabilityEdge,
  CapabilityTree,
  findCapabilityLoop,
} from "../../actors/knowledge/mod.ts";
import type { WorkflowDefinition } from "../../workflows/mod.ts";
import type { AgentRegistry } from "../agents/mod.ts";
import type { KnowledgeBase } from "../knowledge/mod.ts";
import { RunMarket } from "./agent_market.ts";
import { ownAgentsOf, type PackedAgent } from "./own_agents.ts";

/** What agents are found with. */
export interface AgentMarketsOptions {
  registry: Pick<AgentRegistry, "roster">;
  knowledge: KnowledgeBase;
  /** Somebody may be found now who was not before. */
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** What a run is pinned to, as far as it matters to who does it. */
export interface PackedAgents {
  definition: WorkflowDefinition;
  agents: Readonly<Record<string, PackedAgent>>;
}

/** Makes the {@linkcode RunMarket} of each run; runs of one package in one folder share theirs. */
export class AgentMarkets {
  readonly #options: AgentMarketsOptions;
  readonly #markets = new WeakMap<PackedAgents, Map<string, RunMarket | null>>();
  readonly #fetching = new Set<string>();
  readonly #endRoster: () => void;
  /** What modules of workflow files say of capabilities, by its text. */
  readonly #edges = new Map<string, CapabilityEdge>();
  #isReady = false;
  #readying: Promise<void> | null = null;

  constructor(options: AgentMarketsOptions) {
    this.#options = options;
    this.#endRoster = options.registry.roster.onChange(() => {
      this.#setTree();
      options.onChange();
    });
    this.#setTree();
  }

  /** `null` where its tasks name agents of the file alone. */
  async of(
    content: PackedAgents,
    { workDir, tenant }: { workDir: string; tenant: string | null },
  ): Promise<RunMarket | null> {
    const markets = this.#markets.getOrInsertComputed(content, () => new Map());
    const key = JSON.stringify([workDir, tenant]);
    const known = markets.get(key);
    if (known !== undefined) return known;
    const { definition, agents } = content;
    const own = await ownAgentsOf(definition, agents);
    this.#learnKin(agents);
    const place = own === null ? null : { workflow: definition.name, tenant, workDir, own };
    const market = place === null ? null : new RunMarket(this.#sources(), place);
    markets.set(key, market);
    if (market === null) return null;
    this.#ready();
    const { roster } = this.#options.registry;
    const offering = own!.capabilities.flatMap((one) => roster.offering(one, tenant));
    const missing = offering.filter(({ agent }) => agent.agentKey === null);
    await this.#fetchAll([...own!.registered, ...missing.map(({ agent: { ref } }) => ref)], tenant);
    return market;
  }

  close(): void {
    this.#endRoster();
  }

  #learnKin(agents: PackedAgents["agents"]): void {
    const before = this.#edges.size;
    for (const { narrower = {} } of Object.values(agents)) {
      for (const [to, from] of Object.entries(narrower)) {
        this.#edges.set(JSON.stringify([from, to]), { from, kind: "isA", to });
      }
    }
    if (this.#edges.size > before) this.#setTree();
  }

  /** Files that contradict what is registered, or each other, teach nothing of kin. */
  #setTree(): void {
    const { registry: { roster: { tree } }, knowledge } = this.#options;
    const edges = [...tree.edges, ...this.#edges.values()];
    const isSound = this.#edges.size > 0 && findCapabilityLoop(edges) === null;
    knowledge.setTree(isSound ? new CapabilityTree(edges) : tree);
  }

  #sources() {
    const { registry: { roster }, knowledge } = this.#options;
    return {
      roster,
      knowledge,
      isReady: () => this.#isReady,
      fetch: (ref: string, tenant: string | null) => void this.#fetchAll([ref], tenant),
    };
  }

  /** What is known of the agents is read once; until then nobody is chosen. */
  #ready(): void {
    this.#readying ??= this.#options.knowledge.ready().then(() => {
      this.#isReady = true;
      this.#options.onChange();
    }).catch((error) => {
      this.#readying = null;
      this.#options.onError(error);
    });
  }

  async #fetchAll(refs: readonly string[], tenant: string | null): Promise<void> {
    for (const ref of refs) {
      const key = JSON.stringify([ref, tenant]);
      if (this.#fetching.has(key)) continue;
      this.#fetching.add(key);
      try {
        await this.#options.registry.roster.ensure(ref, tenant);
        this.#options.onChange();
      } catch (error) {
        // Removed meanwhile, or the store is away: it is asked for again with the next change.
        this.#options.onError(error);
      } finally {
        this.#fetching.delete(key);
      }
    }
  }
}
