/**
 * Choices in words, with the figures that decided: for `runs show`, the task panel and the API.
 *
 * @module
 */
import type {
  Abstention,
  AssignmentRecord,
  AssignmentWay,
  CandidateFigures,
  Exclusion,
  ExclusionCode,
  Misnamed,
} from "./assignment.ts";

/** Why this agent got the task, in a few short sentences. */
export function explainChoice(record: AssignmentRecord, agent: string): string {
  const chosen = record.candidates.find((one) => one.agent === agent);
  const figures = chosen === undefined ? "" : ` It ${describe(chosen)}.`;
  const parts = [
    `${agent} ${WAYS[record.way](record)}.${figures}`,
    nextBest(record, agent),
    explainExclusions(record.excluded ?? []),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** Why nobody got the task, and what to do, in a few short sentences. */
export function explainAbstention(why: Abstention, capability: string): string {
  const hint = isTriedAgain(why)
    ? `One is tried again at ${new Date(why.askAgainAt).toISOString()}.`
    : adviceFor(why);
  return [causeOf(why, capability), hint].filter((part) => part !== "").join(" ");
}

/** Why nobody got the task, without what to do. */
export function causeOf(why: Abstention, capability: string): string {
  const parts = [REASONS[why.code](capability, why), explainExclusions(why.excluded)];
  return parts.filter((part) => part !== "").join(" ");
}

/** Why these agents did not come into question: "2 agents are denied by the task: a, b". */
export function explainExclusion({ code, count, agents, reason }: Exclusion): string {
  const more = count > agents.length ? ` and ${count - agents.length} more` : "";
  const [one, many] = EXCLUSIONS[code];
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${count} ${count === 1 ? "agent" : "agents"} ${count === 1 ? one : many}: ${
    agents.join(", ")
  }${more}${why}`;
}

const WAYS: Readonly<Record<AssignmentWay, (record: AssignmentRecord) => string>> = {
  evidence: (record) => `was chosen of ${record.considered} for "${record.capability}"`,
  only: ({ capability, excluded = [] }) =>
    excluded.some(({ code }) => code === "FULL")
      ? `was the only one with a place free for "${capability}"`
      : `was the only one that could take "${capability}"`,
  pin: (record) => `was chosen for "${record.capability}" because the task pins it`,
  probe: (record) =>
    `failed before and is tried again with this one task of "${record.capability}"`,
  auction: (record) =>
    `won the auction of "${record.capability}" among ${record.bids?.length ?? record.considered}`,
};

const REASONS: Readonly<
  Record<Abstention["code"], (capability: string, why: Abstention) => string>
> = {
  NOBODY_OFFERS: (capability) => `No agent offers "${capability}".`,
  NOBODY_CAN: (capability) => `No agent that offers "${capability}" may take the task now.`,
  ALL_BUSY: (capability) => `All agents that could take "${capability}" are busy.`,
  BEST_BUSY: (capability, why) =>
    `The task waits for ${why.agent ?? "an agent"}, which is busy: those that are free do ` +
    `"${capability}" so much worse that waiting is the better choice.`,
  AGENT_GONE: (_, why) => `Agent "${why.agent}" is not registered any more.`,
  AUCTION: (capability) => `Agents are asked for bids for "${capability}".`,
};

/** In the singular and in the plural. */
const EXCLUSIONS: Readonly<Record<ExclusionCode, readonly [one: string, many: string]>> = {
  DENIED: ["is denied by the task", "are denied by the task"],
  NOT_PINNED: ["is not among those that the task pins", "are not among those that the task pins"],
  INPUT_REFUSED: ["does not take this input", "do not take this input"],
  PERMISSIONS_TOO_WIDE: [
    "may reach more than the task permits",
    "may reach more than the task permits",
  ],
  COST_TOO_HIGH: ["costs more than the task allows", "cost more than the task allows"],
  NOT_CHECKED: ["did not pass its check", "did not pass their check"],
  CIRCUIT_OPEN: [
    "failed too often of late and rests",
    "failed too often of late and rest",
  ],
  TAKEN: ["works on this task already", "work on this task already"],
  FAILED_HERE: ["failed at this task and makes way", "failed at this task and make way"],
  FULL: ["has no place free", "have no place free"],
  NO_BID: ["made no valid bid", "made no valid bid"],
  BID_TOO_HIGH: ["bid more than the reserve", "bid more than the reserve"],
};

/** What to do about what excludes agents. */
const HINTS: Readonly<Partial<Record<ExclusionCode, string>>> = {
  NOT_CHECKED: 'See what is wrong with "denizen agents check NAME".',
  COST_TOO_HIGH: 'Raise "assign.maxCost", or add an agent that costs less.',
  BID_TOO_HIGH: 'Raise "assign.auction.reserve".',
  PERMISSIONS_TOO_WIDE: 'Widen "assign.permissions", or register an agent that needs less.',
  INPUT_REFUSED: 'Mend "with" of the task: it must fit the input schema of an agent.',
  CIRCUIT_OPEN: 'See with "denizen agents show NAME" when it is tried again.',
  NO_BID: 'See with "denizen audit list" why bids were refused.',
  TAKEN: "Register more agents: each contender is another one.",
  DENIED: 'Take an agent off "assign.deny".',
  NOT_PINNED: 'Add an agent to "assign.pin", or leave "pin" out.',
};

/** What the task says of agents is meant so: it is to blame only where nothing else is. */
const MEANT: ReadonlySet<ExclusionCode> = new Set(["NOT_PINNED", "DENIED"]);

function describe(one: CandidateFigures): string {
  if (one.tasks < 0.5) {
    return `is new to such tasks: nothing is known of it yet, ${percent(one.success)} is expected`;
  }
  const time = one.latencyMs === null ? "" : `, ${duration(one.latencyMs)} each`;
  const cost = one.costUsd > 0 ? `, $${one.costUsd}` : "";
  return `succeeds at ${percent(one.success)} of tasks like this (${range(one)}, by ${
    tasks(one.tasks)
  })${time}${cost}`;
}

function nextBest(record: AssignmentRecord, agent: string): string {
  const other = record.candidates.find((one) => one.agent !== agent);
  if (other === undefined) return "";
  const name = record.way === "probe" ? "Instead there was" : "Next came";
  return other.tasks < 0.5
    ? `${name} ${other.agent}, of which nothing is known yet.`
    : `${name} ${other.agent} with ${percent(other.success)} (${range(other)}).`;
}

function explainExclusions(excluded: readonly Exclusion[]): string {
  return excluded.length === 0 ? "" : `${excluded.map(explainExclusion).join("; ")}.`;
}

function isTriedAgain(why: Abstention): why is Abstention & { askAgainAt: number } {
  return why.code === "NOBODY_CAN" && why.askAgainAt !== undefined;
}

/** What to do that somebody gets the task; empty where it only has to wait. */
export function adviceFor({ code, excluded, misnamed }: Abstention): string {
  if (code === "NOBODY_OFFERS") {
    return misnamed?.meant != null
      ? `Did you mean "${misnamed.meant}"? Some agent offers that.`
      : 'Add an agent with this capability to the file, or use "denizen agents register".';
  }
  if (code === "AGENT_GONE") return "Register it again.";
  if (code !== "NOBODY_CAN") return "";
  if (excluded.length > 0 && excluded.every((one) => one.code === "NOT_PINNED")) {
    return adviceForPin(misnamed);
  }
  const [main] = excluded.toSorted((a, b) =>
    Number(MEANT.has(a.code)) - Number(MEANT.has(b.code)) || b.count - a.count
  );
  return main === undefined ? "" : HINTS[main.code] ?? "";
}

function adviceForPin(misnamed: Misnamed | undefined): string {
  if (misnamed === undefined) {
    return 'None matches "assign.pin": register one that does, name another, or leave "pin" out.';
  }
  const { name, meant } = misnamed;
  return `No agent is called "${name}", as "assign.pin" says: ${
    meant === null ? "register one, or name another." : `did you mean "${meant}"?`
  }`;
}

function range({ low, high }: CandidateFigures): string {
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from.slice(0, -2)} to ${to}`;
}

/** Whole percents, and tenths where the rate is within one percent of an end. */
export function percent(rate: number): string {
  const isNearEnd = (rate > 0 && rate < 0.01) || (rate > 0.99 && rate < 1);
  return `${(rate * 100).toFixed(isNearEnd ? 1 : 0)} %`;
}

function tasks(count: number): string {
  const whole = Math.max(1, Math.round(count));
  return whole === 1 ? "1 task" : `${whole} tasks`;
}

function duration(ms: number): string {
  return ms < 1_000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : `${(ms / 60_000).toFixed(1)} min`;
}
