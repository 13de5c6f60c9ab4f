import { capabilityNames, type Sight } from "./nodes.ts";
import type { KnowledgeStats } from "./queries.ts";
import { maySee } from "./viewer.ts";

/** How much of the graph is seen. */
export function measureGraph(sight: Sight): KnowledgeStats {
  const { store } = sight;
  const seen = { agent: new Set(), task: new Set(), artefact: new Set(), text: new Set() };
  const kept = new Map<string, number>();
  let [facts, solutions, reuses, oldestAt, newestAt] = [0, 0, 0, Infinity, -Infinity];
  for (const fact of store.facts.values()) {
    if (!maySee(sight.viewer, fact.task.tenant)) continue;
    facts++;
    seen.agent.add(fact.agent);
    seen.task.add(fact.task);
    seen.text.add(fact.text);
    oldestAt = Math.min(oldestAt, fact.at);
    newestAt = Math.max(newestAt, fact.at);
    if (fact.outcome !== "completed") continue;
    solutions++;
    reuses += store.reusesOf(fact).count;
    if (fact.artefact === null) continue;
    seen.artefact.add(fact.artefact);
    if (fact.artefact.json !== null) kept.set(fact.artefact.key, fact.artefact.chars);
  }
  return {
    nodes: {
      agent: seen.agent.size,
      capability: capabilityNames(sight).length,
      task: seen.task.size,
      solution: solutions,
      artefact: seen.artefact.size,
    },
    facts,
    outputs: kept.size,
    outputChars: [...kept.values()].reduce((sum, chars) => sum + chars, 0),
    reuses,
    texts: seen.text.size,
    oldestAt: facts === 0 ? null : oldestAt,
    newestAt: facts === 0 ? null : newestAt,
    forgotten: store.forgotten,
  };
}
