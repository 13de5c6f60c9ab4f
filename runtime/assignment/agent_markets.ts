import type { WorkflowDefinition } from "../../workflows/mod.ts";
import type { AgentRegistry } from "../agents/mod.ts";
import type { KnowledgeBase } from "../knowledge/mod.ts";
import { RunMarket } from "./agent_market.ts";
import { ownAgentsOf, type PackedAgent } from "./own_agents.ts";

/** What agents are found with. */
export interface AgentMarketsOptions {
  registry: Pick<AgentRegistry, "roster">;
  knowledge: Pick<KnowledgeBase, "graph" | "evidence" | "setTree" | "ready" | "readyForTexts">;
  /** Somebody may be found now who was not before. */
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** What a run's tasks wait for. */
type ReadyFor = "forChoices" | "forTexts";

/** What a run is pinned to, as far as it matters to who does it. */
export interface PackedAgents {
  definition: WorkflowDefinition;
  agents: Readonly<Record<string, PackedAgent>>;
}

/** Agents whose code is brought at once before a run begins. */
const READS_MAX = 16;
/** What failed for want of a store is tried again after this time. */
const RETRY_MS = 2_000;

/** Makes the {@linkcode RunMarket} of each run; runs of one package in one folder share theirs. */
export class AgentMarkets {
  readonly #options: AgentMarketsOptions;
  readonly #markets = new WeakMap<PackedAgents, Map<string, RunMarket | null>>();
  readonly #fetching = new Set<string>();
  /** Agents whose code could not be brought here at the last try. */
  readonly #lost = new Set<string>();
  readonly #retries = new Set<ReturnType<typeof setTimeout>>();
  readonly #endRoster: () => void;
  /** Whether agents can be chosen; and whether results of like work can be found. */
  readonly #isReady = { forChoices: false, forTexts: false };
  #isClosed = false;
  readonly #readying = new Set<ReadyFor>();

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
    const place = own === null ? null : { workflow: definition.name, tenant, workDir, own };
    const readyFor = comparesTexts(definition) ? "forTexts" : "forChoices";
    const market = place === null ? null : new RunMarket(this.#sources(readyFor), place);
    markets.set(key, market);
    if (market === null) return null;
    this.#ready(readyFor);
    const { roster } = this.#options.registry;
    const offering = own!.capabilities.flatMap((one) => roster.offering(one, tenant));
    const missing = offering.filter(({ agent }) => agent.agentKey === null);
    const wanted = new Set([...own!.registered, ...missing.map(({ agent: { ref } }) => ref)]);
    const refs = [...wanted];
    const fetchNext = async () => {
      for (let ref = refs.pop(); ref !== undefined; ref = refs.pop()) {
        await this.#fetch(ref, tenant);
      }
    };
    await Promise.all(Array.from({ length: READS_MAX }, fetchNext));
    return market;
  }

  close(): void {
    this.#isClosed = true;
    this.#endRoster();
    for (const timer of this.#retries) clearTimeout(timer);
  }

  /**
   * Of registered agents alone: what files say depends on which of them this process has seen, and
   * choices must not.
   */
  #setTree(): void {
    const { registry: { roster }, knowledge } = this.#options;
    knowledge.setTree(roster.tree, (tenant) => roster.treeSeenBy(tenant));
  }

  #sources(readyFor: ReadyFor) {
    const { registry: { roster }, knowledge } = this.#options;
    return {
      roster,
      knowledge,
      isReady: () => this.#isReady[readyFor],
      fetch: (ref: string, tenant: string | null) => void this.#fetch(ref, tenant),
      isLost: (ref: string, tenant: string | null) =>
        this.#lost.size > 0 && this.#lost.has(keyOf(ref, tenant)),
    };
  }

  /** What is known of the agents is read once; until then nobody is chosen. */
  #ready(readyFor: ReadyFor): void {
    if (this.#readying.has(readyFor)) return;
    this.#readying.add(readyFor);
    const { knowledge } = this.#options;
    const ready = readyFor === "forTexts" ? knowledge.readyForTexts() : knowledge.ready();
    ready.then(() => {
      this.#isReady[readyFor] = true;
      this.#options.onChange();
    }).catch((error) => {
      if (this.#isClosed) return;
      this.#options.onError(error);
      this.#later(() => {
        this.#readying.delete(readyFor);
        this.#ready(readyFor);
      });
    });
  }

  async #fetch(ref: string, tenant: string | null): Promise<void> {
    const key = keyOf(ref, tenant);
    const { roster } = this.#options.registry;
    // Who is gone is no error here: the run says so.
    if (this.#isClosed || this.#fetching.has(key) || roster.find(ref, tenant) === null) return;
    this.#fetching.add(key);
    try {
      await roster.ensure(ref, tenant);
      this.#fetching.delete(key);
      this.#lost.delete(key);
    } catch (error) {
      if (this.#isClosed) return;
      // Removed meanwhile, or the store is away.
      this.#lost.add(key);
      if (roster.find(ref, tenant) !== null) this.#options.onError(error);
      this.#later(() => {
        this.#fetching.delete(key);
        this.#options.onChange();
      });
    }
    this.#options.onChange();
  }

  #later(work: () => void): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      work();
    }, RETRY_MS);
    this.#retries.add(timer);
  }
}

function keyOf(ref: string, tenant: string | null): string {
  return JSON.stringify([ref, tenant]);
}

/** Whether a task may take the result of work that is only alike. */
function comparesTexts({ tasks }: WorkflowDefinition): boolean {
  return tasks.some(({ reuse }) => reuse !== undefined && reuse.minSimilarity < 1);
}
