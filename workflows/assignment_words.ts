/**
 * Why an agent has a task, and why nobody has, in words.
 *
 * @module
 */
import type { Abstention } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import type { TaskSpec } from "./definition.ts";
import type { KeptAssignment } from "./state.ts";

/** The error of a task that waited for an agent in vain. */
export function nobodyCan(spec: TaskSpec, why: Abstention): ErrorData {
  const capability = spec.target.type === "capability" ? spec.target.capability : "";
  return {
    code: "NOBODY_CAN",
    message: describeAbstention(why, capability),
    hint: `Register an agent that offers "${capability}", or loosen "assign"`,
  };
}

/** Why nobody gets the task now. */
export function describeAbstention({ code, excluded }: Abstention, capability: string): string {
  if (code === "NOBODY_OFFERS") return `No agent offers the capability "${capability}"`;
  const reasons = excluded.map((each) => `${each.code} (${each.agents.join(", ")})`);
  return `No agent can do "${capability}": ${reasons.join("; ")}`;
}

/** Why the agent got the task. */
export function describeChoice(
  { way, candidates, considered }: KeptAssignment,
  agent: string,
): string {
  const [chosen] = candidates;
  if (way === "only") return "the only agent that can do it";
  if (way === "pin") return "pinned by the workflow";
  const share = chosen === undefined ? "" : `, expected to succeed at ${chosen.success * 100} %`;
  return `${agent} was chosen among ${considered} by ${way}${share}`;
}
