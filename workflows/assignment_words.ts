/**
 * Why a piece of work went where it did, or waits, in words. The dashboard says it in the same words:
 * this file is bundled for browsers too, so that it may import nothing but types and such words.
 *
 * @module
 */
import type { Abstention, ReuseRecord } from "../core/assignment.ts";
import type { ErrorData } from "../core/errors.ts";
import {
  adviceFor,
  causeOf,
  explainAbstention,
  explainChoice,
} from "../core/explain_assignment.ts";
import type { TaskSpec } from "./definition.ts";
import type { Contest, Instance, KeptAssignment } from "./state.ts";

/** Why nobody can do a piece of work for now, and when it is given up. */
type Deferral = NonNullable<Instance["deferred"]>;

/** What is told of a piece of work. */
export type ToldInstance =
  & Pick<Instance, "status" | "notBeforeAt" | "error" | "agent" | "fallback" | "assignment">
  & Pick<Instance, "contest" | "reused" | "deferred">
  & { auction: Pick<NonNullable<Instance["auction"]>, "agents" | "bids"> | null };

/**
 * Why it waits, or went to its agent; `null` when there is nothing to say.
 *
 * @param capability that its task asks for; `null` where the workflow names the agent
 * @param members who contends for it, and who judges or merges
 */
export function explainInstance(
  instance: ToldInstance,
  capability: string | null,
  members: readonly Pick<Instance, "deferred">[] = [],
): string | null {
  const { contest, reused, auction, deferred, agent, fallback, assignment, status } = instance;
  if (contest !== null) {
    const waits = members.find((member) => member.deferred !== null)?.deferred ?? null;
    const rule = explainContest(contest);
    return waits === null ? rule : `${rule}. ${explainDeferral(waits, capability)}`;
  }
  if (reused !== null) return explainReuse(reused);
  if (auction?.bids === null) return `asks ${auction.agents.length} agents for bids`;
  if (deferred !== null) return explainDeferral(deferred, capability);
  if (status === "waiting") return explainPause(instance);
  if (agent === null) return status === "ready" ? "waits for a free worker" : null;
  if (fallback === agent) return "fallback, after the first choice had failed";
  if (capability === null) return "named by the workflow";
  return assignment === null
    ? `offers the capability "${capability}"`
    : explainKept(assignment, agent);
}

function explainPause({ notBeforeAt, error }: ToldInstance): string | null {
  if (!Number.isFinite(notBeforeAt)) return null;
  const why = error === null ? "runs again" : `failed with ${error.code}; next attempt`;
  return `${why} at ${new Date(notBeforeAt).toISOString()}`;
}

/**
 * Why the first of these items waits for which there is nobody; `null` without any. By its place in
 * the list: the order in which they are asked for is in no event, so a fold does not know it.
 *
 * @param deferred indexes of those items
 */
export function explainItems(
  deferred: ReadonlySet<number>,
  instances: readonly Pick<Instance, "deferred">[],
  capability: string | null,
): string | null {
  if (deferred.size === 0) return null;
  let first = Infinity;
  for (const index of deferred) first = Math.min(first, index);
  const count = deferred.size === 1 ? "1 item waits" : `${deferred.size} items wait`;
  return `${count}: ${explainDeferral(instances[first]!.deferred!, capability)}`;
}

/** What the task asks for; `null` where the workflow names who does it. */
export function capabilityOf({ target }: TaskSpec): string | null {
  return target.type === "capability" ? target.capability : null;
}

/** The error of a task that waited for an agent in vain. */
export function nobodyCan(spec: TaskSpec, why: Abstention): ErrorData {
  const capability = capabilityOf(spec) ?? "";
  return {
    code: "NOBODY_CAN",
    message: withoutStop(causeOf(why, capability)),
    hint: withoutStop(adviceFor(why)) ||
      `Register an agent that offers "${capability}", or loosen "assign"`,
  };
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, "");
}

/** Why nobody has it, and how long it waits. */
function explainDeferral(
  { why, giveUpAt }: Deferral,
  capability: string | null,
): string {
  const until = new Date(giveUpAt).toISOString();
  return `${explainAbstention(why, capability ?? "")} It waits until ${until}.`;
}

/** Why the agent has it. */
function explainKept(kept: KeptAssignment, agent: string): string {
  return explainChoice({ ...kept, text: "", inputHash: "", codeHash: "" }, agent);
}

/** How several agents do it, or whose result counts and why. */
function explainContest({ way, of, settled }: Contest): string {
  if (settled !== null) return settled.reason;
  const rule = { vote: "a vote decides", judge: "a judge decides", merge: "they are merged" }[way];
  return `${of} agents do it; ${rule}`;
}

/** Why nobody did it. */
function explainReuse({ runId, task, index, agent, madeAt, similarity }: ReuseRecord) {
  const place = index === undefined ? task : `${task}[${index}]`;
  const likeness = similarity === 1 ? "the same input" : `an input alike to ${similarity}`;
  const when = new Date(madeAt).toISOString();
  return `reused: ${agent} returned it for ${likeness} in ${place} of run ${runId} at ${when}`;
}
