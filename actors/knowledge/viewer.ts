import type { AgentEntry, ArtefactEntry, CapabilityEntry, FactEntry } from "./entries.ts";
import type { Viewer } from "./queries.ts";

/** Whether what belongs to `tenant` may be seen: see {@linkcode Viewer}. */
export function maySee(viewer: Viewer, tenant: string | null): boolean {
  return viewer === undefined || tenant === null || tenant === viewer;
}

/** Attempts of a node that may be seen, newest first. */
export function* seenFacts(
  { facts }: Pick<AgentEntry | CapabilityEntry | ArtefactEntry, "facts">,
  viewer: Viewer,
): Generator<FactEntry> {
  for (const fact of facts.newestFirst()) {
    if (maySee(viewer, fact.task.tenant)) yield fact;
  }
}
