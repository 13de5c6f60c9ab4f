/**
 * Names in a task that nobody has, with what was probably meant: most are misspelt.
 *
 * @module
 */
import type { Misnamed } from "../../core/assignment.ts";
import { suggest } from "../../core/suggest.ts";
import type { AssignSpec } from "../../workflows/mod.ts";
import type { AgentRoster } from "../agents/mod.ts";
import type { OwnAgents } from "./own_agents.ts";

/** Who is known to a run. */
export interface KnownNames {
  own: Pick<OwnAgents, "specs" | "offered">;
  roster: Pick<AgentRoster, "all">;
  tenant: string | null;
}

/** The capability itself, where nobody offers it. */
export function misnamedCapability(capability: string, known: KnownNames): Misnamed {
  const offered = new Set(known.own.offered);
  for (const { capabilities } of registered(known)) {
    for (const [name, { isA }] of Object.entries(capabilities)) {
      for (const each of [name, ...isA]) offered.add(each);
    }
  }
  return { name: capability, meant: suggest(capability, offered) };
}

/** The first of `assign.pin` that is no agent's name; `null` without any. */
export function misnamedPin({ pin = [] }: AssignSpec, known: KnownNames): Misnamed | null {
  const names = new Set([...known.own.specs.keys(), ...registered(known).map(({ name }) => name)]);
  const wrong = pin.find((reference) => !names.has(nameOf(reference)));
  return wrong === undefined ? null : { name: wrong, meant: suggest(nameOf(wrong), names) };
}

/** Those that the run may know of. */
function registered({ roster, tenant }: KnownNames) {
  return roster.all().filter((one) => one.tenant === null || one.tenant === tenant);
}

/** Without the range of its versions. */
function nameOf(reference: string): string {
  const at = reference.indexOf("@");
  return at < 0 ? reference : reference.slice(0, at);
}
