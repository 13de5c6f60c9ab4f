import { capabilityNames, isArtefactSeen, type Sight } from "./nodes.ts";
import type { KnowledgeStats } from "./queries.ts";
import { paced, type Steps } from "./steps.ts";
import { maySee } from "./viewer.ts";

/** How much of the graph is seen. What changes meanwhile is in some figures, and not in others. */
export function* measureGraph(sight: Sight): Steps<KnowledgeStats> {
  const { store, viewer } = sight;
  const isOwn = ({ tenant }: { tenant: string | null }) => maySee(viewer, tenant);
  const outputs = yield* measureOutputs(sight);
  const attempts = yield* measureAttempts(sight);
  return {
    nodes: {
      agent: yield* count(store.agents.values(), ({ counts }) => counts.isSeenBy(viewer)),
      capability: capabilityNames(sight).length,
      task: yield* count(store.tasks.values(), isOwn),
      solution: attempts.solutions,
      artefact: outputs.artefacts,
    },
    facts: attempts.facts,
    outputs: outputs.count,
    outputChars: outputs.chars,
    reuses: attempts.reuses,
    texts: yield* count(store.texts.values(), isOwn),
    oldestAt: attempts.facts === 0 ? null : attempts.oldestAt,
    newestAt: attempts.facts === 0 ? null : attempts.newestAt,
    forgotten: store.forgotten,
  };
}

function* measureAttempts({ store, viewer }: Sight) {
  const of = { facts: 0, solutions: 0, reuses: 0, oldestAt: Infinity, newestAt: -Infinity };
  yield* paced(store.facts.values(), (fact) => {
    if (!maySee(viewer, fact.task.tenant)) return;
    of.facts++;
    if (fact.at < of.oldestAt) of.oldestAt = fact.at;
    if (fact.at > of.newestAt) of.newestAt = fact.at;
    if (fact.outcome !== "completed") return;
    of.solutions++;
    if (store.reuses.size > 0) of.reuses += store.reusesOf(fact).count;
  });
  return of;
}

function* measureOutputs(sight: Sight) {
  const { artefacts, outputs, outputChars } = sight.store;
  const of = { artefacts: artefacts.size, count: outputs, chars: outputChars };
  if (sight.viewer === undefined) return of;
  Object.assign(of, { artefacts: 0, count: 0, chars: 0 });
  yield* paced(artefacts.values(), (artefact) => {
    if (!isArtefactSeen(sight, artefact)) return;
    of.artefacts++;
    if (artefact.json === null) return;
    of.count++;
    of.chars += artefact.chars;
  });
  return of;
}

function* count<T>(items: Iterable<T>, fits: (item: T) => boolean): Steps<number> {
  let found = 0;
  yield* paced(items, (item) => {
    if (fits(item)) found++;
  });
  return found;
}
