import type { TaskEntry } from "./entries.ts";
import {
  capabilityNames,
  capabilityRef,
  describeNode,
  findNode,
  idOf,
  isSeen,
  type NodeRef,
  type Sight,
} from "./nodes.ts";
import type { NodeKind, SearchHit } from "./queries.ts";
import { maySee } from "./viewer.ts";

/** What to look for. */
export interface SearchOptions {
  /** Default all. */
  kinds?: readonly NodeKind[];
  /** Tasks that asked for it or for something narrower. */
  capability?: string;
  /** Hits; default 20, at most 200. */
  limit?: number;
}

const LIMIT_MAX = 200;

interface Found {
  ref: NodeRef;
  score: number;
}

/**
 * Nodes by what a person remembers of them: an id, the name of an agent or capability or a part of
 * it, words of a task (the last may be a beginning), the id of a run. Best first.
 */
export function searchNodes(sight: Sight, question: string, options: SearchOptions): SearchHit[] {
  const wanted = question.trim();
  const limit = Math.min(Math.max(options.limit ?? 20, 1), LIMIT_MAX);
  if (wanted === "") return [];
  const found = [
    ...findById(sight, wanted),
    ...findByName(sight, wanted.toLowerCase()),
    ...findByRun(sight, wanted),
    ...findByWords(sight, wanted, options.capability),
  ].filter(({ ref }) => options.kinds === undefined || options.kinds.includes(ref.kind));
  const best = new Map<unknown, Found>();
  for (const one of found) {
    if ((best.get(one.ref.entry)?.score ?? 0) < one.score) best.set(one.ref.entry, one);
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || (idOf(a.ref) < idOf(b.ref) ? -1 : 1))
    .slice(0, limit)
    .map(({ ref, score }) => ({ ...describeNode(sight, ref), score }));
}

function findById(sight: Sight, id: string): Found[] {
  const ref = findNode(sight, id) ?? findNode(sight, `artefact:${id}`) ??
    findNode(sight, `task:${id}`) ?? findNode(sight, `solution:${id}`);
  return ref === null ? [] : [{ ref, score: 4 }];
}

/** A whole name is better than its beginning, and that than a part of it. */
function findByName(sight: Sight, wanted: string): Found[] {
  const found: Found[] = [];
  const look = (name: string, ref: () => NodeRef) => {
    const at = name.toLowerCase().indexOf(wanted);
    if (at < 0) return;
    const part = wanted.length / name.length;
    found.push({ ref: ref(), score: 1 + part + (part === 1 || at === 0 ? 1 : 0) });
  };
  for (const entry of sight.store.agents.values()) {
    look(entry.id, () => ({ kind: "agent", entry }));
  }
  for (const name of capabilityNames(sight)) look(name, () => capabilityRef(sight, name));
  return found.filter(({ ref }) => isSeen(sight, ref));
}

function findByRun({ store, viewer }: Sight, runId: string): Found[] {
  return store.factsOfRun(runId)
    .filter((fact) => fact.outcome === "completed" && maySee(viewer, fact.task.tenant))
    .slice(0, LIMIT_MAX)
    .map((entry) => ({ ref: { kind: "solution", entry }, score: 3 }));
}

/** Below one, falling with the place; several tasks may have the same words, and then the same. */
function findByWords({ store, tree, viewer }: Sight, words: string, capability?: string): Found[] {
  const kin = capability === undefined ? null : new Set(tree.narrower(capability));
  const accept = (id: number) => {
    const text = store.texts.get(id)!;
    return maySee(viewer, text.tenant) &&
      (kin === null || (text.capability !== null && kin.has(text.capability)));
  };
  const places = new Map<string, number>();
  const tasks = new Map<TaskEntry, Found>();
  for (const id of store.similarity.find(words, { limit: LIMIT_MAX, accept })) {
    const { text, facts } = store.texts.get(id)!;
    if (!places.has(text)) places.set(text, places.size);
    const score = 1 / (1 + places.get(text)! / 10);
    for (const { task } of facts.newestFirst()) {
      if (!tasks.has(task)) tasks.set(task, { ref: { kind: "task", entry: task }, score });
      if (tasks.size >= LIMIT_MAX) return [...tasks.values()];
    }
  }
  return [...tasks.values()];
}
