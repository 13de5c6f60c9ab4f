/**
 * The edges of the graph, made from what is kept when somebody looks at them.
 *
 * @module
 */
import type { AgentEntry, CapabilityEntry, FactEntry, TaskEntry } from "./entries.ts";
import { capabilityRef, isSeen, type NodeRef, type Sight } from "./nodes.ts";
import type { KnowledgeEdge } from "./queries.ts";
import { paced, type Steps } from "./steps.ts";
import { maySee, seenFacts } from "./viewer.ts";

/** Edges that are counted at this node: each edge of the graph is counted at exactly one of its ends. */
function* edgesAt(sight: Sight, ref: NodeRef): Steps<KnowledgeEdge[]> {
  switch (ref.kind) {
    case "agent":
      return yield* agentEdges(sight, ref.entry);
    case "capability":
      return declaredEdges(sight, ref.entry.name);
    case "task":
      return taskEdges(ref.entry);
    case "solution":
      return solutionEdges(sight, ref.entry);
    case "artefact":
      return [];
  }
}

/** Those of them that join two of `ids`. */
export function* edgesBetween(
  sight: Sight,
  ref: NodeRef,
  ids: ReadonlySet<string>,
): Steps<KnowledgeEdge[]> {
  const edges = yield* edgesAt(sight, ref);
  return edges.filter(({ source, target }) => ids.has(source) && ids.has(target));
}

/** Nodes that an edge joins with this one, those of the latest work first; some come twice. */
export function* nodesAround(sight: Sight, ref: NodeRef): Generator<NodeRef> {
  switch (ref.kind) {
    case "agent":
      yield* around(sight, ref.entry, ({ capability, task }) => [
        ...capabilityOf(capability),
        { kind: "task", entry: task },
      ]);
      for (const entry of seenFacts(ref.entry, sight.viewer)) yield* solutionOf(entry);
      return;
    case "capability":
      yield* declaredAround(sight, ref.entry.name);
      return yield* around(sight, ref.entry, ({ agent, task }) => [
        { kind: "agent", entry: agent },
        { kind: "task", entry: task },
      ]);
    case "task":
      return yield* around(sight, ref.entry, (fact) => [
        ...capabilityOf(fact.capability),
        { kind: "agent", entry: fact.agent },
        ...solutionOf(fact),
      ]);
    case "solution": {
      const { task, agent, artefact } = ref.entry;
      yield { kind: "task", entry: task };
      yield { kind: "agent", entry: agent };
      if (artefact !== null) yield { kind: "artefact", entry: artefact };
      return;
    }
    case "artefact":
      return yield* around(sight, ref.entry, solutionOf);
  }
}

function* around(
  { viewer }: Sight,
  entry: Pick<CapabilityEntry, "facts">,
  refsOf: (fact: FactEntry) => NodeRef[],
): Generator<NodeRef> {
  for (const fact of seenFacts(entry, viewer)) yield* refsOf(fact);
}

function* declaredAround(sight: Sight, name: string): Generator<NodeRef> {
  for (const { from, to } of sight.tree.edgesOf(name)) {
    const ref = capabilityRef(sight, from === name ? to : from);
    if (isSeen(sight, ref)) yield ref;
  }
}

function declaredEdges(sight: Sight, name: string): KnowledgeEdge[] {
  return sight.tree.edgesOf(name)
    .filter(({ from, to }) => from === name && isSeen(sight, capabilityRef(sight, to)))
    .map(({ kind, to }) => ({
      source: `capability:${name}`,
      target: `capability:${to}`,
      kind,
      count: 0,
      firstAt: null,
      lastAt: null,
    }));
}

function* agentEdges({ viewer }: Sight, agent: AgentEntry): Steps<KnowledgeEdge[]> {
  const offers = new Map<CapabilityEntry, KnowledgeEdge>();
  // The list may change in a pause.
  yield* paced([...agent.facts.oldestFirst()], (fact) => {
    if (fact.isGone || fact.capability === null || !maySee(viewer, fact.task.tenant)) return;
    tally(offers, fact.capability, fact, ({ name }) => ({
      source: `agent:${agent.id}`,
      target: `capability:${name}`,
      kind: "offers",
    }));
  });
  return [...offers.values()];
}

/** All attempts at a task belong to its tenant: who sees the task sees them. */
function taskEdges(task: TaskEntry): KnowledgeEdge[] {
  const id = `task:${task.hash}`;
  const asked = new Map<CapabilityEntry, KnowledgeEdge>();
  const attempted = new Map<AgentEntry, KnowledgeEdge>();
  for (const fact of task.facts.oldestFirst()) {
    if (fact.capability !== null) {
      tally(asked, fact.capability, fact, ({ name }) => ({
        source: id,
        target: `capability:${name}`,
        kind: "asksFor",
      }));
    }
    const edge = tally(attempted, fact.agent, fact, (agent) => ({
      source: `agent:${agent.id}`,
      target: id,
      kind: "attempted",
      completed: 0,
      failed: 0,
    }));
    if (fact.outcome === "completed") edge.completed = (edge.completed ?? 0) + 1;
    if (fact.outcome === "failed") edge.failed = (edge.failed ?? 0) + 1;
  }
  return [...asked.values(), ...attempted.values()];
}

function solutionEdges({ store }: Sight, fact: FactEntry): KnowledgeEdge[] {
  const [id, task] = [`solution:${fact.key}`, `task:${fact.task.hash}`];
  const once = { count: 1, firstAt: fact.at, lastAt: fact.at };
  const edges: KnowledgeEdge[] = [
    { source: task, target: id, kind: "solvedBy", ...once },
    { source: id, target: `agent:${fact.agent.id}`, kind: "madeBy", ...once },
  ];
  if (fact.artefact !== null) {
    edges.push({ source: id, target: `artefact:${fact.artefact.key}`, kind: "produced", ...once });
  }
  const reuses = store.reusesOf(fact);
  if (reuses.count > 0) edges.push({ source: task, target: id, kind: "reused", ...reuses });
  return edges;
}

/** Counts an attempt at the edge to an entry; attempts come oldest first. */
function tally<E>(
  edges: Map<E, KnowledgeEdge>,
  entry: E,
  { at }: FactEntry,
  name: (entry: E) => Omit<KnowledgeEdge, "count" | "firstAt" | "lastAt">,
): KnowledgeEdge {
  const known = edges.get(entry);
  const edge = known ?? { ...name(entry), count: 0, firstAt: at, lastAt: at };
  if (known === undefined) edges.set(entry, edge);
  edge.count++;
  edge.lastAt = at;
  return edge;
}

function capabilityOf(entry: CapabilityEntry | null): NodeRef[] {
  return entry === null ? [] : [{ kind: "capability", entry }];
}

function solutionOf(entry: FactEntry): NodeRef[] {
  return entry.outcome === "completed" ? [{ kind: "solution", entry }] : [];
}
