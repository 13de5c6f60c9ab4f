import { UndirectedGraph } from "graphology";
import { bidirectional } from "graphology-shortest-path";
import { nodesAround } from "./edges.ts";
import { findNode, idOf, type NodeRef, type Sight } from "./nodes.ts";
import type { KnowledgeView } from "./queries.ts";
import { ITEMS_A_STEP, type Steps } from "./steps.ts";
import { viewOf } from "./views.ts";

/** Nodes that are gathered before the search is given up. */
const NODES_MAX = 50_000;
/** Neighbours that are looked at. */
const LOOKS_MAX = 400_000;
/** Searches that are begun, where nodes of the way were forgotten before it was found. */
const TRIES_MAX = 3;

/**
 * The nodes of a shortest way, whichever way its edges point, and the edges between them; `null`
 * when there is none, or no such node. `truncated`, without nodes: it was not found among the 50,000
 * nearest nodes.
 *
 * Level by level around both ends, the smaller level first, until they meet; the way itself is found
 * by graphology in what was gathered.
 */
export function* findPath(
  sight: Sight,
  fromId: string,
  toId: string,
): Steps<KnowledgeView | null> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const [from, to] = [findNode(sight, fromId), findNode(sight, toId)];
    if (from === null || to === null) return null;
    const search = new Gathering(sight, from, to);
    const outcome = yield* search.run();
    if (outcome === "none") return null;
    if (outcome === "too far") break;
    const ids = bidirectional(search.graph, idOf(from), idOf(to)) ?? [];
    const way = new Map(ids.map((id) => [id, search.refs.get(id)!]));
    const view = yield* viewOf(sight, way, false);
    if (view.nodes.length === way.size) return view;
  }
  return { nodes: [], edges: [], truncated: true };
}

interface Side {
  seen: Set<string>;
  border: NodeRef[];
}

class Gathering {
  readonly graph = new UndirectedGraph();
  readonly refs = new Map<string, NodeRef>();
  readonly #sight: Sight;
  readonly #sides: [Side, Side];
  #looks = 0;
  #hasMet: boolean;

  constructor(sight: Sight, from: NodeRef, to: NodeRef) {
    this.#sight = sight;
    this.#sides = [this.#begin(from), this.#begin(to)];
    this.#hasMet = idOf(from) === idOf(to);
  }

  *run(): Steps<"met" | "none" | "too far"> {
    while (!this.#hasMet) {
      const [a, b] = this.#sides;
      if (a.border.length === 0 || b.border.length === 0) return "none";
      const isSmaller = a.border.length <= b.border.length;
      const isWithin = yield* isSmaller ? this.#grow(a, b) : this.#grow(b, a);
      if (!isWithin && !this.#hasMet) return "too far";
    }
    return "met";
  }

  #begin(ref: NodeRef): Side {
    this.#enter(ref);
    return { seen: new Set([idOf(ref)]), border: [ref] };
  }

  #enter(ref: NodeRef): void {
    this.refs.set(idOf(ref), ref);
    this.graph.mergeNode(idOf(ref));
  }

  /** One level around a side; `false` when that is too much. */
  *#grow(side: Side, other: Side): Steps<boolean> {
    const next: NodeRef[] = [];
    for (const from of side.border) {
      for (const ref of nodesAround(this.#sight, from)) {
        if (++this.#looks > LOOKS_MAX || this.graph.order > NODES_MAX) return false;
        if (this.#looks % ITEMS_A_STEP === 0) yield;
        const id = idOf(ref);
        if (side.seen.has(id)) continue;
        side.seen.add(id);
        if (!this.refs.has(id)) this.#enter(ref);
        this.graph.mergeEdge(idOf(from), id);
        if (other.seen.has(id)) this.#hasMet = true;
        next.push(ref);
      }
    }
    side.border = next;
    return true;
  }
}
