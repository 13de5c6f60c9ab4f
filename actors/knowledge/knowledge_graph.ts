import type { AttemptFact } from "../../core/assignment.ts";
import { type CapabilityEdges, CapabilityTree } from "./capability_tree.ts";
import { FactStore } from "./fact_store.ts";
import { KNOWLEDGE_LIMITS, type KnowledgeLimits } from "./limits.ts";
import { describeNode, findNode, type Sight } from "./nodes.ts";
import type {
  KnowledgeNode,
  KnowledgeStats,
  KnowledgeView,
  Match,
  Recollection,
  Reusable,
  ReuseFact,
  ReuseQuery,
  SearchHit,
  Viewer,
} from "./queries.ts";
import { findReusable, findSimilar, type RecallOptions, recallSolutions } from "./recall.ts";
import { searchNodes, type SearchOptions } from "./search_nodes.ts";
import { finish } from "./steps.ts";
import { SteppedGraph } from "./stepped_graph.ts";
import type { TextSimilarity } from "./text_similarity.ts";
import { type NeighbourOptions, viewAll } from "./views.ts";
import { WordSimilarity } from "./word_similarity.ts";

/**
 * The graph of solved tasks: agents, capabilities, tasks, solutions and artefacts, with the edges
 * between them. It is a projection of attempts: the same set of facts gives the same graph, in
 * whatever order they come. Bounded by {@linkcode KnowledgeLimits}.
 *
 * Nodes and edges are made when somebody looks, from one small record an attempt; see
 * {@linkcode Viewer} for what `tenant` means in each question.
 */
export class KnowledgeGraph {
  readonly #store: FactStore;
  #revision = 0;
  #tree = new CapabilityTree();
  #treeSeenBy: ((tenant: string | null) => CapabilityTree) | null = null;

  /** `similarity` finds texts by likeness; by their words unless said otherwise. */
  constructor(
    limits: Partial<KnowledgeLimits> = {},
    similarity: TextSimilarity = new WordSimilarity(),
  ) {
    this.#store = new FactStore({ ...KNOWLEDGE_LIMITS, ...limits }, similarity);
  }

  /** Another one after each change. */
  get revision(): number {
    return this.#revision;
  }

  /** What is narrower than what. */
  get tree(): CapabilityTree {
    return this.#tree;
  }

  /** The questions that take long, in small steps. */
  get inSteps(): SteppedGraph {
    return new SteppedGraph((viewer) => this.#sight(viewer));
  }

  /** @returns `false` when it was known, or is older than what had to be forgotten. */
  add(fact: AttemptFact): boolean {
    this.#revision++;
    return this.#store.add(fact);
  }

  /** Counts a use of a result, once for each instance that it stood for; also before the result. */
  noteReuse(reuse: ReuseFact): boolean {
    this.#revision++;
    return this.#store.noteReuse(reuse);
  }

  /**
   * @param seenBy what a tenant may know of it, where that is less
   * @throws {InvalidInputError} `CAPABILITY_LOOP`; the edges stay as they were.
   */
  setCapabilities(
    edges: CapabilityEdges | CapabilityTree,
    seenBy: ((tenant: string | null) => CapabilityTree) | null = null,
  ): void {
    this.#revision++;
    this.#tree = edges instanceof CapabilityTree ? edges : new CapabilityTree(edges);
    this.#treeSeenBy = seenBy;
  }

  /**
   * Forgets what was last used longer ago than `ageMaxMs`, by whole days of UTC, so that nodes which
   * are asked at about the same time know the same. To be called now and then.
   *
   * @returns how many attempts were forgotten.
   */
  trim(now: number): number {
    const forgotten = this.#store.trim(now);
    if (forgotten > 0) this.#revision++;
    return forgotten;
  }

  /**
   * Removes all that came from a run: its attempts, texts, outputs and uses.
   *
   * @returns how many attempts were removed.
   */
  forget(runId: string): number {
    this.#revision++;
    return this.#store.forget(runId);
  }

  /** Earlier tasks with like words, the most alike first, then the newest. */
  similar(text: string, options: RecallOptions): Match[] {
    return findSimilar(this.#store, this.#treeOf(options.tenant), text, options);
  }

  /** Earlier solutions of like tasks, the most alike first, then the newest. */
  recall(query: string, options: RecallOptions): Recollection[] {
    return recallSolutions(this.#store, this.#treeOf(options.tenant), query, options);
  }

  /**
   * An earlier result that may stand for the work: of one of the agents with the code that it has
   * now, for the same capability, not too old, its output kept. The newest of the same input; with
   * `minSimilarity` below 1 otherwise the most alike by its words.
   */
  reusable(query: ReuseQuery): Reusable | null {
    return findReusable(this.#store, query);
  }

  /** Nodes by id, name, words or run, best first. */
  search(question: string, options: SearchOptions & { tenant: Viewer }): SearchHit[] {
    return searchNodes(this.#sight(options.tenant), question, options);
  }

  /** `null` when there is none that may be seen. */
  node(id: string, { tenant }: { tenant: Viewer }): KnowledgeNode | null {
    const sight = this.#sight(tenant);
    const ref = findNode(sight, id);
    return ref === null ? null : describeNode(sight, ref);
  }

  /** The node, first, and what lies around it; `null` when there is no such node. */
  neighbours(id: string, options: NeighbourOptions & { tenant: Viewer }): KnowledgeView | null {
    return finish(this.inSteps.neighbours(id, options));
  }

  /**
   * The nodes of a shortest way, in its order; edges count in both directions. `null` when there is
   * none; `truncated` and without nodes when it would take too long to find.
   */
  path(from: string, to: string, options: { tenant: Viewer }): KnowledgeView | null {
    return finish(this.inSteps.path(from, to, options));
  }

  /** A first picture: who works most, at what, and the tasks that come most. */
  sample(options: { limit?: number; tenant: Viewer }): KnowledgeView {
    return finish(this.inSteps.sample(options));
  }

  /** How much there is; takes a look at every attempt. */
  stats(options: { tenant?: Viewer } = {}): KnowledgeStats {
    return finish(this.inSteps.stats(options));
  }

  /**
   * Everything, sorted: equal graphs have equal JSON. With `nodesMax`, agents and capabilities and
   * what belongs to the latest tasks.
   */
  toJson({ tenant, nodesMax }: { tenant?: Viewer; nodesMax?: number } = {}): KnowledgeView {
    return finish(viewAll(this.#sight(tenant), nodesMax));
  }

  #sight(viewer: Viewer): Sight {
    return { store: this.#store, tree: this.#treeOf(viewer), viewer };
  }

  #treeOf(viewer: Viewer): CapabilityTree {
    if (viewer === undefined || this.#treeSeenBy === null) return this.#tree;
    return this.#treeSeenBy(viewer);
  }
}
