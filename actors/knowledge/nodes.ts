/**
 * The nodes of the graph, made from what is kept when somebody looks at them.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";
import type { CapabilityTree } from "./capability_tree.ts";
import type {
  AgentEntry,
  ArtefactEntry,
  CapabilityEntry,
  FactEntry,
  TaskEntry,
} from "./entries.ts";
import { FactList } from "./fact_list.ts";
import type { FactStore } from "./fact_store.ts";
import { OutcomeCounts } from "./outcome_counts.ts";
import type { KnowledgeNode, Viewer } from "./queries.ts";
import { previewOf } from "./recall.ts";
import { maySee, seenFacts } from "./viewer.ts";

/** Who looks at what. */
export interface Sight {
  store: FactStore;
  tree: CapabilityTree;
  viewer: Viewer;
}

/** A node and what stands behind it. */
export type NodeRef =
  | { kind: "agent"; entry: AgentEntry }
  | { kind: "capability"; entry: CapabilityEntry }
  | { kind: "task"; entry: TaskEntry }
  | { kind: "solution"; entry: FactEntry }
  | { kind: "artefact"; entry: ArtefactEntry };

/** The node of an id, such as `agent:audit/counter`, if it is there and may be seen. */
export function findNode(sight: Sight, id: string): NodeRef | null {
  const colon = id.indexOf(":");
  const ref = lookUp(sight, id.slice(0, Math.max(colon, 0)), id.slice(colon + 1));
  return ref !== null && isSeen(sight, ref) ? ref : null;
}

/** The node of a capability, also of one that is only declared. */
export function capabilityRef({ store }: Sight, name: string): NodeRef {
  const entry = store.capabilities.get(name) ?? {
    name,
    counts: new OutcomeCounts(),
    facts: new FactList<FactEntry>(),
  };
  return { kind: "capability", entry };
}

/** Whether the viewer may know of the node: somebody whose work they may see had to do with it. */
export function isSeen(sight: Sight, ref: NodeRef): boolean {
  if (sight.viewer === undefined) return true;
  if (ref.kind === "task") return maySee(sight.viewer, ref.entry.tenant);
  if (ref.kind === "solution") return maySee(sight.viewer, ref.entry.task.tenant);
  if (ref.kind === "capability") return isCapabilitySeen(sight, ref.entry.name);
  if (ref.kind === "agent") return ref.entry.counts.isSeenBy(sight.viewer);
  return isArtefactSeen(sight, ref.entry);
}

/** Whether it is still there: it may have been forgotten since it was found. */
export function isThere({ kind, entry }: NodeRef): boolean {
  if (kind === "capability") return true;
  return kind === "solution" ? !entry.isGone : entry.facts.size > 0;
}

/** Names of all capabilities that are seen, asked for or declared; sorted. */
export function capabilityNames(sight: Sight): string[] {
  const names = new Set(sight.store.capabilities.keys());
  for (const { from, to } of sight.tree.edges) names.add(from).add(to);
  return [...names].sort().filter((name) => isSeen(sight, capabilityRef(sight, name)));
}

/** `kind:name` of a node. */
export function idOf(ref: NodeRef): string {
  return `${ref.kind}:${nameOf(ref)}`;
}

/** A node as it is answered. */
export function describeNode(sight: Sight, ref: NodeRef): KnowledgeNode {
  return {
    id: idOf(ref),
    kind: ref.kind,
    label: labelOf(ref),
    attributes: attributesOf(sight, ref),
  };
}

function lookUp(sight: Sight, kind: string, name: string): NodeRef | null {
  const { store } = sight;
  switch (kind) {
    case "agent":
      return refOr(kind, store.agents.get(name));
    case "capability":
      return hasCapability(sight, name) ? capabilityRef(sight, name) : null;
    case "task":
      return refOr(kind, store.tasks.get(name));
    case "solution": {
      const fact = store.facts.get(name);
      return fact?.outcome === "completed" ? { kind, entry: fact } : null;
    }
    case "artefact":
      return refOr(kind, store.artefacts.get(name));
    default:
      return null;
  }
}

function refOr<K extends NodeRef["kind"], E>(kind: K, entry: E | undefined) {
  return entry === undefined ? null : { kind, entry };
}

function hasCapability({ store, tree }: Sight, name: string): boolean {
  return store.capabilities.has(name) || tree.has(name);
}

/** Tasks of the viewer ask for it, for a case of it, or for a part of it. */
function isCapabilitySeen(sight: Sight, name: string): boolean {
  const below = [...sight.tree.narrower(name), ...sight.tree.partsOf(name)];
  return below.some((one) => sight.store.capabilities.get(one)?.counts.isSeenBy(sight.viewer));
}

/** Whether anybody made it whose work the viewer may see. */
export function isArtefactSeen({ viewer }: Sight, artefact: ArtefactEntry): boolean {
  return seenFacts(artefact, viewer).next().done === false;
}

/** What names a node among those of its kind. */
export function nameOf({ kind, entry }: NodeRef): string {
  switch (kind) {
    case "agent":
      return entry.id;
    case "capability":
      return entry.name;
    case "task":
      return entry.hash;
    default:
      return entry.key;
  }
}

function labelOf({ kind, entry }: NodeRef): string {
  switch (kind) {
    case "agent":
      return entry.id;
    case "capability":
      return entry.name;
    case "task":
      return entry.facts.newest()?.text.text || `${entry.workflow}/${entry.name}`;
    case "solution":
      return `${entry.runId} ${entry.task.name}#${entry.index}`;
    case "artefact":
      return previewOf(entry.json) || entry.key.slice(0, 12);
  }
}

function attributesOf(sight: Sight, ref: NodeRef): JsonObject {
  switch (ref.kind) {
    case "task": {
      const { workflow, name, tenant } = ref.entry;
      return { workflow, task: name, tenant, ...taskRecordOf(ref.entry) };
    }
    case "solution":
      return solutionAttributes(sight, ref.entry);
    case "artefact": {
      const { chars, json } = ref.entry;
      const count = [...seenFacts(ref.entry, sight.viewer)].length;
      return { chars, isKept: json !== null, preview: previewOf(json), solutions: count };
    }
    default:
      return recordOf(sight, ref.entry);
  }
}

function solutionAttributes({ store }: Sight, fact: FactEntry): JsonObject {
  return {
    runId: fact.runId,
    workflow: fact.task.workflow,
    task: fact.task.name,
    index: fact.index,
    attempt: fact.attempt,
    tenant: fact.task.tenant,
    agent: fact.agent.id,
    capability: fact.capability?.name ?? null,
    text: fact.text.text,
    startedAt: fact.startedAt,
    finishedAt: fact.at,
    costUsd: fact.costUsd,
    isKept: typeof fact.artefact?.json === "string",
    reused: store.reusesOf(fact).count,
  };
}

/** What came of the attempts that are seen. */
function recordOf({ viewer }: Sight, entry: AgentEntry | CapabilityEntry): JsonObject {
  const isSeenFact = ({ task }: FactEntry) => maySee(viewer, task.tenant);
  const counts = entry.counts.seenBy(viewer);
  if (!entry.counts.isSeenBy(viewer)) return { ...counts, firstAt: null, lastAt: null };
  return {
    ...counts,
    firstAt: entry.facts.oldestFirst().find(isSeenFact)!.at,
    lastAt: entry.facts.newestFirst().find(isSeenFact)!.at,
  };
}

/** All attempts at a task belong to its tenant: who sees the task sees them. */
function taskRecordOf({ facts }: TaskEntry): JsonObject {
  const counts = { completed: 0, failed: 0, neutral: 0 };
  for (const { outcome } of facts.oldestFirst()) counts[outcome]++;
  return { ...counts, firstAt: facts.oldestFirst()[0]!.at, lastAt: facts.newest()!.at };
}
