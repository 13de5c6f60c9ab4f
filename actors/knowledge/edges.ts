/**
 * The edges of the graph, made from what is kept when somebody looks at them.
 *
 * @module
 */
import type { CapabilityEntry, FactEntry, TaskEntry } from "./entries.ts";
import { capabilityRef, idOf, isSeen, type NodeRef, type Sight } from "./nodes.ts";
import type { EdgeKind, KnowledgeEdge } from "./queries.ts";
import { seenFacts } from "./viewer.ts";

/** Edges that are counted at this node: each edge of the graph is counted at exactly one of its ends. */
export function edgesAt(sight: Sight, ref: NodeRef): KnowledgeEdge[] {
  switch (ref.kind) {
    case "agent": {
      const tallies = new Tallies();
      for (const fact of seenFacts(ref.entry, sight.viewer)) {
        if (fact.capability !== null) {
          tallies.count(idOf(ref), "offers", nameCapability(fact), fact);
        }
      }
      return tallies.edges();
    }
    case "capability":
      return declaredEdges(sight, ref.entry.name);
    case "task":
      return taskEdges(sight, ref.entry);
    case "solution":
      return solutionEdges(ref.entry);
    case "artefact":
      return [];
  }
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

function taskEdges({ store, viewer }: Sight, task: TaskEntry): KnowledgeEdge[] {
  const id = `task:${task.hash}`;
  const tallies = new Tallies();
  const reuses: KnowledgeEdge[] = [];
  for (const fact of seenFacts(task, viewer)) {
    if (fact.capability !== null) tallies.count(id, "asksFor", nameCapability(fact), fact);
    tallies.count(`agent:${fact.agent.id}`, "attempted", id, fact);
    if (fact.outcome !== "completed") continue;
    const target = `solution:${fact.key}`;
    tallies.count(id, "solvedBy", target, fact);
    const tally = store.reusesOf(fact);
    if (tally.count > 0) reuses.push({ source: id, target, kind: "reused", ...tally });
  }
  return [...tallies.edges(), ...reuses];
}

function solutionEdges(fact: FactEntry): KnowledgeEdge[] {
  const tallies = new Tallies();
  const id = `solution:${fact.key}`;
  tallies.count(id, "madeBy", `agent:${fact.agent.id}`, fact);
  if (fact.artefact !== null) tallies.count(id, "produced", `artefact:${fact.artefact.key}`, fact);
  return tallies.edges();
}

/** Counts attempts by edge. */
class Tallies {
  readonly #edges = new Map<string, KnowledgeEdge>();

  count(source: string, kind: EdgeKind, target: string, { at, outcome }: FactEntry): void {
    const key = `${kind} ${source.length} ${source}${target}`;
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { source, target, kind, count: 0, firstAt: at, lastAt: at };
      if (kind === "attempted") Object.assign(edge, { completed: 0, failed: 0 });
      this.#edges.set(key, edge);
    }
    edge.count++;
    edge.firstAt = Math.min(edge.firstAt ?? at, at);
    edge.lastAt = Math.max(edge.lastAt ?? at, at);
    if (kind !== "attempted") return;
    if (outcome === "completed") edge.completed = (edge.completed ?? 0) + 1;
    if (outcome === "failed") edge.failed = (edge.failed ?? 0) + 1;
  }

  edges(): KnowledgeEdge[] {
    return [...this.#edges.values()];
  }
}

function nameCapability(fact: FactEntry): string {
  return `capability:${fact.capability!.name}`;
}

function capabilityOf(entry: CapabilityEntry | null): NodeRef[] {
  return entry === null ? [] : [{ kind: "capability", entry }];
}

function solutionOf(entry: FactEntry): NodeRef[] {
  return entry.outcome === "completed" ? [{ kind: "solution", entry }] : [];
}
