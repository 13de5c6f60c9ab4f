/**
 * Why a piece of work went where it did, in words.
 *
 * @module
 */
import type { Abstention, ReuseRecord } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import { explainAbstention, explainChoice } from "../core/explain_assignment.ts";
import type { TaskSpec } from "./definition.ts";
import type { Contest, Instance, KeptAssignment } from "./state.ts";

/** The error of a task that waited for an agent in vain. */
export function nobodyCan(spec: TaskSpec, why: Abstention): ErrorData {
  const capability = capabilityOf(spec);
  return {
    code: "NOBODY_CAN",
    message: explainAbstention(why, capability).replace(/\.$/, ""),
    hint: `Register an agent that offers "${capability}", or loosen "assign"`,
  };
}

/** Why nobody has it, and how long it waits. */
export function explainDeferral(
  spec: TaskSpec,
  { why, giveUpAt }: NonNullable<Instance["deferred"]>,
): string {
  const until = new Date(giveUpAt).toISOString();
  return `${explainAbstention(why, capabilityOf(spec))} It waits until ${until}.`;
}

function capabilityOf({ target }: TaskSpec): string {
  return target.type === "capability" ? target.capability : "";
}

/** Why the agent has it. */
export function explainKept(kept: KeptAssignment, agent: string): string {
  return explainChoice({ ...kept, text: "", inputHash: "", codeHash: "" }, agent);
}

/** How several agents do it, or whose result counts and why. */
export function explainContest({ way, of, settled }: Contest): string {
  if (settled !== null) return settled.reason;
  const rule = { vote: "a vote decides", judge: "a judge decides", merge: "they are merged" }[way];
  return `${of} agents do it; ${rule}`;
}

/** Why nobody did it. */
export function explainReuse({ runId, task, index, agent, madeAt, similarity }: ReuseRecord) {
  const place = index === undefined ? task : `${task}[${index}]`;
  const likeness = similarity === 1 ? "the same input" : `an input alike to ${similarity}`;
  const when = new Date(madeAt).toISOString();
  return `reused: ${agent} returned it for ${likeness} in ${place} of run ${runId} at ${when}`;
}
