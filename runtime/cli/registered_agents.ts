/**
 * Registered agents, for files that name them or what they do.
 *
 * @module
 */
import { DenizenError } from "../../core/errors.ts";
import type { SharedAgents } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { withAgents } from "./with_agents.ts";

/** Agents of the server or the store that is there; `null` where none is. */
export async function findRegistered(invocation: Invocation): Promise<SharedAgents | null> {
  try {
    const agents = await withAgents(invocation, (place) => place.list({ kind: "registered" }));
    const all = agents.flatMap(({ ref, tenant }) => ref === null ? [] : [{ ref, tenant }]);
    // Which version a run will have is decided when it is submitted.
    return { all: () => all, resolve: () => null };
  } catch (error) {
    if (error instanceof DenizenError && error.code === "DATA_DIR_MISSING") return null;
    throw error;
  }
}

/**
 * What they offer, with all that these are narrower forms of; `null` where nobody can be asked.
 */
export async function findOffered(invocation: Invocation): Promise<ReadonlySet<string> | null> {
  try {
    const agents = await withAgents(invocation, (place) => place.list({ kind: "registered" }));
    const records = agents.filter(({ status }) => status !== "refused")
      .flatMap(({ records }) => records);
    const wider = Map.groupBy(records, ({ capability }) => capability);
    // A set keeps its order while it grows.
    const offered = new Set(wider.keys());
    for (const one of offered) {
      for (const { isA } of wider.get(one) ?? []) for (const each of isA) offered.add(each);
    }
    return offered;
  } catch (error) {
    // It is a warning that cannot be given: the file is as right as it was.
    if (error instanceof DenizenError) return null;
    throw error;
  }
}
