/**
 * Why agents did not come into question, and what somebody can do about it.
 *
 * @module
 */
import type { Abstention, AssignmentRecord } from "../../api/mod.ts";

type ExclusionCode = NonNullable<AssignmentRecord["excluded"]>[number]["code"];

/** Said of agents, and what opens the way to them. */
const EXCLUSIONS: Readonly<Record<ExclusionCode, readonly [text: string, advice: string]>> = {
  DENIED: ["the workflow denies it", "take it out of assign.deny"],
  NOT_PINNED: ["the workflow pins others", "add it to assign.pin"],
  INPUT_REFUSED: ["its schema refuses the input", "give the task an input that its schema takes"],
  PERMISSIONS_TOO_WIDE: [
    "it may reach more than the task allows",
    "allow more in assign.permissions, or register it with fewer grants",
  ],
  COST_TOO_HIGH: ["it costs more than the task may", "raise assign.maxCost"],
  NOT_CHECKED: [
    "it does not keep what it claims, or is not checked yet",
    "look at its findings on its page, then check it again",
  ],
  CIRCUIT_OPEN: [
    "it failed too often lately",
    "wait: it is tried again by itself; or find out why it fails",
  ],
  TAKEN: ["it works on this task already", "wait, or let more agents offer the capability"],
  FAILED_HERE: [
    "it failed at this task, and another tries it now",
    "wait: it is tried again if the others fail as well",
  ],
  FULL: ["all its places are taken", "wait, or raise its concurrency"],
  NO_BID: ["it made no bid", "look whether its bid function answers in time"],
  BID_TOO_HIGH: ["it bid more than the task may cost", "raise assign.auction.reserve"],
};

/** Why an agent did not come into question. */
export function exclusionText(code: ExclusionCode): string {
  return EXCLUSIONS[code][0];
}

const ABSTENTIONS: Readonly<Record<Abstention["code"], string | null>> = {
  NOBODY_OFFERS: "register an agent that offers it, or one that offers something narrower",
  NOBODY_CAN: null,
  ALL_BUSY: "wait, raise the concurrency of the agents, or register another one",
  BEST_BUSY: "wait: another agent is taken once the wait would cost more than it gains",
  AGENT_GONE: "register it again, or name another one in the workflow file",
  AUCTION: "wait: the bids are in within moments",
};

/** What somebody can do when nobody does a task. */
export function adviceFor({ code, excluded, misnamed }: Abstention): string[] {
  const general = ABSTENTIONS[code];
  const special = code === "NOBODY_CAN"
    ? excluded.map(({ code, agents }) => `${namesOf(agents)}: ${EXCLUSIONS[code][1]}`)
    : [];
  const meant = misnamed === undefined ? [] : [nameAdvice(misnamed)];
  return general === null ? [...meant, ...special] : [...meant, general, ...special];
}

/** A name that nobody has is most often a slip. */
function nameAdvice({ name, meant }: NonNullable<Abstention["misnamed"]>): string {
  const known = `nothing known is called "${name}"`;
  return meant === null ? known : `${known}: did you mean "${meant}"?`;
}

/** `a, b and 3 others`. */
export function namesOf(agents: readonly string[], count = agents.length): string {
  const others = count - agents.length;
  const named = agents.join(", ");
  if (others <= 0) return named;
  return `${named} and ${others} ${others === 1 ? "other" : "others"}`;
}

const WAYS: Readonly<Record<AssignmentRecord["way"], string>> = {
  evidence: "by what is known of the candidates",
  only: "nobody else could",
  pin: "the workflow names it",
  probe: "tried with one task after it failed too often",
  auction: "by its bid",
};

/** How an agent came to a task, in a few words. */
export function wayText(way: AssignmentRecord["way"]): string {
  return WAYS[way];
}
