/**
 * What is known of tasks like one at hand: their words, their solutions, and a result that may stand
 * for the work.
 *
 * @module
 */
import type { Json } from "../../core/json.ts";
import type { CapabilityTree } from "./capability_tree.ts";
import type { FactEntry, TaskEntry, TextEntry } from "./entries.ts";
import type { FactStore } from "./fact_store.ts";
import type { Match, Recollection, Reusable, ReuseQuery, Viewer } from "./queries.ts";
import { maySee } from "./viewer.ts";

/** Which earlier tasks to look at. */
export interface RecallOptions {
  /** Those that asked for it or for something narrower. */
  capability?: string;
  tenant: Viewer;
  limit: number;
}

/** Attempts of one text, or of one input, that are looked at. */
const LOOKS_MAX = 1_000;
/** Texts that a question for one answer looks at. */
const TEXTS_MAX = 64;
const PREVIEW_CHARS = 200;
/** Same words are not the same input. */
const ALIKE_MAX = 0.999;

/** Earlier tasks with like words, the most alike first, then the newest. */
export function findSimilar(
  store: FactStore,
  tree: CapabilityTree,
  text: string,
  options: RecallOptions,
): Match[] {
  const found = new Map<TaskEntry, { similarity: number; facts: FactEntry[] }>();
  for (const { entry, similarity } of alikeTexts(store, tree, text, options)) {
    for (const fact of first(LOOKS_MAX, entry.facts.newestFirst())) {
      const known = found.get(fact.task);
      if (known === undefined) found.set(fact.task, { similarity, facts: [fact] });
      else if (known.similarity === similarity) known.facts.push(fact);
    }
  }
  return [...found.values()]
    .map(({ similarity, facts }) => matchOf(facts.sort(compareNewest), similarity))
    .sort((a, b) =>
      b.similarity - a.similarity || b.lastAt - a.lastAt || (a.task < b.task ? -1 : 1)
    )
    .slice(0, options.limit);
}

/** Earlier solutions of like tasks, the most alike first, then the newest. */
export function recallSolutions(
  store: FactStore,
  tree: CapabilityTree,
  query: string,
  options: RecallOptions,
): Recollection[] {
  const found: { fact: FactEntry; similarity: number }[] = [];
  for (const { entry, similarity } of alikeTexts(store, tree, query, options)) {
    const solutions = entry.facts.newestFirst().filter(isSolution);
    for (const fact of first(options.limit, solutions)) found.push({ fact, similarity });
  }
  found.sort((a, b) => b.similarity - a.similarity || compareNewest(a.fact, b.fact));
  return found.slice(0, options.limit)
    .map(({ fact, similarity }) => recollectionOf(store, fact, similarity));
}

/** A result that may stand for the work: the same input's newest, or else the most alike. */
export function findReusable(store: FactStore, query: ReuseQuery): Reusable | null {
  const codes = new Map(query.agents.map(({ id, codeHash }) => [id, codeHash]));
  const fits = (fact: FactEntry) =>
    fact.outcome === "completed" && fact.at <= query.now &&
    fact.capability?.name === query.capability && maySee(query.tenant, fact.task.tenant) &&
    fact.codeHash !== null && codes.get(fact.agent.id) === fact.codeHash &&
    typeof fact.artefact?.json === "string";
  const since = query.now - query.maxAgeMs;
  const same = newestThat(fits, since, store.solutionsByInput.get(query.inputHash)?.newestFirst());
  if (same !== null) return reusableOf(same, 1);
  if (query.minSimilarity >= 1) return null;
  return findAlikeReusable(store, query, (texts) => newestThat(fits, since, texts));
}

function findAlikeReusable(
  store: FactStore,
  { text, tenant, capability, minSimilarity }: ReuseQuery,
  newest: (facts: Iterable<FactEntry>) => FactEntry | null,
): Reusable | null {
  let best: { fact: FactEntry; similarity: number } | null = null;
  const alike = store.similarity.alike(text, {
    limit: TEXTS_MAX,
    isRepeatable: true,
    accept: (id) => {
      const entry = store.texts.get(id)!;
      return entry.capability === capability && maySee(tenant, entry.tenant);
    },
  });
  for (const { id, similarity } of alike) {
    if (similarity < minSimilarity || similarity < (best?.similarity ?? 0)) break;
    const fact = newest(store.texts.get(id)!.facts.newestFirst());
    if (fact === null) continue;
    if (best === null || compareNewest(fact, best.fact) < 0) best = { fact, similarity };
  }
  return best === null ? null : reusableOf(best.fact, Math.min(best.similarity, ALIKE_MAX));
}

function newestThat(
  fits: (fact: FactEntry) => boolean,
  since: number,
  facts: Iterable<FactEntry> = [],
): FactEntry | null {
  let looks = 0;
  for (const fact of facts) {
    if (fact.at < since || ++looks > LOOKS_MAX) return null;
    if (fits(fact)) return fact;
  }
  return null;
}

function alikeTexts(
  store: FactStore,
  tree: CapabilityTree,
  text: string,
  { capability, tenant, limit }: RecallOptions,
): { entry: TextEntry; similarity: number }[] {
  const wanted = capability === undefined ? null : new Set(tree.narrower(capability));
  const accept = (id: number) => {
    const entry = store.texts.get(id)!;
    if (!maySee(tenant, entry.tenant)) return false;
    return wanted === null || (entry.capability !== null && wanted.has(entry.capability));
  };
  return store.similarity.alike(text, { limit: Math.max(limit, TEXTS_MAX), accept })
    .map(({ id, similarity }) => ({ entry: store.texts.get(id)!, similarity }));
}

/** `facts` are those of one task, the newest first. */
function matchOf(facts: readonly FactEntry[], similarity: number): Match {
  const { task, text, capability, at } = facts[0]!;
  return {
    task: `task:${task.hash}`,
    text: text.text,
    capability: capability?.name ?? null,
    similarity,
    completed: facts.filter(({ outcome }) => outcome === "completed").length,
    failed: facts.filter(({ outcome }) => outcome === "failed").length,
    lastAt: at,
  };
}

function recollectionOf(store: FactStore, fact: FactEntry, similarity: number): Recollection {
  const json = fact.artefact?.json ?? null;
  return {
    solution: `solution:${fact.key}`,
    text: fact.text.text,
    output: json === null ? undefined : JSON.parse(json) as Json,
    outputPreview: previewOf(json),
    agent: fact.agent.id,
    capability: fact.capability?.name ?? null,
    workflow: fact.task.workflow,
    runId: fact.runId,
    task: fact.task.name,
    index: fact.index,
    at: fact.at,
    similarity,
    reused: store.reusesOf(fact).count,
  };
}

/** The beginning of an output; empty where none is kept. */
export function previewOf(json: string | null): string {
  return (json ?? "").slice(0, PREVIEW_CHARS).toWellFormed();
}

function reusableOf(fact: FactEntry, similarity: number): Reusable {
  return {
    output: JSON.parse(fact.artefact!.json!) as Json,
    source: {
      runId: fact.runId,
      task: fact.task.name,
      ...(fact.index === 0 ? {} : { index: fact.index }),
      agent: fact.agent.id,
      madeAt: fact.at,
      similarity,
    },
  };
}

function isSolution({ outcome }: FactEntry): boolean {
  return outcome === "completed";
}

function compareNewest(a: FactEntry, b: FactEntry): number {
  return b.at - a.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function* first<T>(count: number, items: Iterable<T>): Generator<T> {
  let left = count;
  if (left <= 0) return;
  for (const item of items) {
    yield item;
    if (--left === 0) return;
  }
}
