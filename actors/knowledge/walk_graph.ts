import { Heap } from "../../core/heap.ts";
import { edgesBetween } from "./edges.ts";
import type { TaskEntry } from "./entries.ts";
import {
  capabilityNames,
  capabilityRef,
  describeNode,
  idOf,
  isSeen,
  isThere,
  type NodeRef,
  type Sight,
} from "./nodes.ts";
import type { KnowledgeEdge, KnowledgeNode } from "./queries.ts";
import { ITEMS_A_STEP, paced, sorted, type Steps } from "./steps.ts";
import { maySee } from "./viewer.ts";

/** A node or an edge; `undefined` is a pause without one. */
export type GraphPart = KnowledgeNode | KnowledgeEdge | undefined;

/**
 * What is seen, piece by piece: first all nodes, by id, then the edges between them, node by node.
 * The same facts give the same pieces in the same order. Of more than `nodesMax` nodes it has agents,
 * capabilities and what belongs to the latest tasks.
 *
 * Which nodes is settled before the first one comes. What is forgotten from then on is left out, what
 * is new is not in it, and each piece is as it is at its turn: no edge ever lacks a node, and counts
 * may be later than others by what happened during the walk.
 *
 * @returns whether there were more nodes
 */
export function* walkGraph(sight: Sight, nodesMax = Infinity): Generator<GraphPart, boolean> {
  const chosen = nodesMax === Infinity
    ? { refs: yield* allNodes(sight), truncated: false }
    : yield* latestNodes(sight, nodesMax);
  const nodes = yield* sorted([...chosen.refs], ([a], [b]) => compareText(a, b));
  const ids = new Set<string>();
  for (const [id, ref] of nodes) {
    if (!isThere(ref)) continue;
    ids.add(id);
    yield describeNode(sight, ref);
  }
  for (const [id, ref] of nodes) {
    if (ids.has(id)) yield* yield* edgesBetween(sight, ref, ids);
    yield;
  }
  return chosen.truncated;
}

/** Whether a piece is a node. */
export function isNode(part: KnowledgeNode | KnowledgeEdge): part is KnowledgeNode {
  return "id" in part;
}

type Refs = Map<string, NodeRef>;

function* allNodes(sight: Sight): Steps<Refs> {
  const { store } = sight;
  const refs = namedNodes(sight);
  const enter = (ref: NodeRef) => {
    if (isSeen(sight, ref)) refs.set(idOf(ref), ref);
  };
  yield* paced(store.tasks.values(), (entry) => enter({ kind: "task", entry }));
  yield* paced(store.facts.values(), (entry) => {
    if (entry.outcome === "completed") enter({ kind: "solution", entry });
  });
  yield* paced(store.artefacts.values(), (entry) => enter({ kind: "artefact", entry }));
  return refs;
}

/** Agents and capabilities. */
function namedNodes(sight: Sight): Refs {
  const refs: Refs = new Map();
  const enter = (ref: NodeRef) => refs.set(idOf(ref), ref);
  for (const entry of sight.store.agents.values()) {
    if (isSeen(sight, { kind: "agent", entry })) enter({ kind: "agent", entry });
  }
  for (const name of capabilityNames(sight)) enter(capabilityRef(sight, name));
  return refs;
}

function* latestNodes(
  sight: Sight,
  nodesMax: number,
): Steps<{ refs: Refs; truncated: boolean }> {
  const named = [...namedNodes(sight)];
  const refs: Refs = new Map(named.slice(0, nodesMax));
  const { latest, truncated } = yield* latestTasks(sight, nodesMax);
  if (named.length > refs.size) return { refs, truncated: true };
  let count = 0;
  for (const task of latest) {
    for (const ref of nodesOfTask(task)) {
      if (++count % ITEMS_A_STEP === 0) yield;
      if (refs.has(idOf(ref))) continue;
      if (refs.size >= nodesMax) return { refs, truncated: true };
      refs.set(idOf(ref), ref);
    }
  }
  return { refs, truncated };
}

/** The task, and what came of it. */
function* nodesOfTask(entry: TaskEntry): Generator<NodeRef> {
  yield { kind: "task", entry };
  for (const fact of entry.facts.newestFirst()) {
    if (fact.outcome !== "completed") continue;
    yield { kind: "solution", entry: fact };
    if (fact.artefact !== null) yield { kind: "artefact", entry: fact.artefact };
  }
}

interface Dated {
  entry: TaskEntry;
  lastAt: number;
}

/** The tasks that were tried last, the latest first. */
function* latestTasks(
  { store, viewer }: Sight,
  count: number,
): Steps<{ latest: TaskEntry[]; truncated: boolean }> {
  const later = (a: Dated, b: Dated) =>
    b.lastAt - a.lastAt || compareText(a.entry.hash, b.entry.hash);
  const latest = new Heap<Dated>((a, b) => later(a, b) > 0);
  let truncated = false;
  yield* paced(store.tasks.values(), (entry) => {
    if (!maySee(viewer, entry.tenant)) return;
    latest.push({ entry, lastAt: entry.facts.newest()!.at });
    if (latest.size <= count) return;
    latest.pop();
    truncated = true;
  });
  const inOrder = yield* sorted([...latest], later);
  return { latest: inOrder.map(({ entry }) => entry), truncated };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
