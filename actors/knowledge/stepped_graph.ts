import { findPath } from "./find_path.ts";
import type { Sight } from "./nodes.ts";
import type { KnowledgeStats, KnowledgeView, Viewer } from "./queries.ts";
import { measureGraph } from "./stats.ts";
import type { Steps } from "./steps.ts";
import { type NeighbourOptions, viewAround, viewSample } from "./views.ts";
import { type GraphPart, walkGraph } from "./walk_graph.ts";

/**
 * Questions to the graph that take long, in small steps: see `KnowledgeGraph` for what they answer.
 * The graph may change between two steps. An answer then has no node that was forgotten, and no edge
 * without its nodes; some of its counts may be later than others.
 */
export class SteppedGraph {
  readonly #sightOf: (viewer: Viewer) => Sight;

  /** @param sightOf what a viewer may see */
  constructor(sightOf: (viewer: Viewer) => Sight) {
    this.#sightOf = sightOf;
  }

  /**
   * Makes texts ready to be compared: the first `similar`, `recall` or `search`, or the first
   * `reusable` of like input, would else do it at once, which takes seconds.
   */
  prepareTexts(): Steps<void> {
    return this.#sightOf(undefined).store.similarity.prepare();
  }

  neighbours(
    id: string,
    { tenant, ...options }: NeighbourOptions & { tenant: Viewer },
  ): Steps<KnowledgeView | null> {
    return viewAround(this.#sightOf(tenant), id, options);
  }

  path(from: string, to: string, { tenant }: { tenant: Viewer }): Steps<KnowledgeView | null> {
    return findPath(this.#sightOf(tenant), from, to);
  }

  sample({ limit = 100, tenant }: { limit?: number; tenant: Viewer }): Steps<KnowledgeView> {
    return viewSample(this.#sightOf(tenant), limit);
  }

  stats({ tenant }: { tenant?: Viewer } = {}): Steps<KnowledgeStats> {
    return measureGraph(this.#sightOf(tenant));
  }

  /** Nodes, then the edges between them; returns whether there were more nodes. */
  parts(
    { tenant, nodesMax }: { tenant?: Viewer; nodesMax?: number } = {},
  ): Generator<GraphPart, boolean> {
    return walkGraph(this.#sightOf(tenant), nodesMax);
  }
}
