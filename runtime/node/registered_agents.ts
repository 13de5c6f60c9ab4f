/**
 * Agents of the nodes in a workflow file: what a file may name beside its own.
 *
 * @module
 */
import type { WorkflowDefinition } from "../../workflows/mod.ts";

/** The registered agents that every tenant may name. */
export interface SharedAgents {
  all(): readonly { ref: string; tenant: string | null }[];
  /** By `name` or `name@range`. */
  resolve(reference: string, tenant: string | null): { ref: string } | null;
}

/** `name@version` of those that a file may name. */
export function namesOf(roster: SharedAgents): string[] {
  return roster.all().filter(({ tenant }) => tenant === null).map(({ ref }) => ref);
}

/**
 * The definition with every registered agent by its exact version: a run stays with those that it
 * began with.
 */
export function pinAgents(
  definition: WorkflowDefinition,
  roster: SharedAgents,
): WorkflowDefinition {
  const own = new Set(definition.agents.map(({ name }) => name));
  const pinned = (name: string) => own.has(name) ? name : roster.resolve(name, null)?.ref ?? name;
  const tasks = definition.tasks.map((task) => {
    const { target, fallback, assign } = task;
    return {
      ...task,
      ...(target.type === "agent" ? { target: { ...target, agent: pinned(target.agent) } } : {}),
      ...(fallback === undefined ? {} : { fallback: { agent: pinned(fallback.agent) } }),
      ...(assign === undefined ? {} : { assign: pinAssign(assign, pinned) }),
    };
  });
  return { ...definition, tasks };
}

function pinAssign(
  assign: NonNullable<WorkflowDefinition["tasks"][number]["assign"]>,
  pinned: (name: string) => string,
) {
  const { judge, merge } = assign;
  return {
    ...assign,
    ...(judge === undefined ? {} : { judge: { ...judge, by: pinned(judge.by) } }),
    ...(merge?.by === undefined ? {} : { merge: { ...merge, by: pinned(merge.by) } }),
  };
}
