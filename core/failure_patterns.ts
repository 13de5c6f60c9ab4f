import type { ErrorData } from "./errors.ts";

/** One failed attempt, as the journal has it. */
export interface Failure {
  /** Id of the task without the item's index. */
  task: string;
  /** Item of a `forEach`. */
  index?: number;
  agent: string | null;
  /** From 1. */
  attempt: number;
  error: ErrorData;
}

/** What several failures have in common, and what to do about it. */
export interface FailurePattern {
  kind: "permission" | "crash_loop" | "timeout" | "overload" | "common_cause";
  /** What was seen, one sentence without a final stop. */
  message: string;
  /** What to do next, one sentence without a final stop. */
  suggestion: string;
  /** Failures that show it. */
  count: number;
}

/** A task whose item failed this often with one code is in a loop, not unlucky. */
const LOOP_ATTEMPTS_MIN = 2;
/** So many items with one error point at one cause. */
const COMMON_ITEMS_MIN = 3;

const CRASHES: Readonly<Record<string, [fate: string, suggestion: string]>> = {
  CRASHED: ["crashed", "Read its log lines, and handle the error in the agent"],
  OUT_OF_MEMORY: ["ran out of memory", 'Raise "memoryMb" of the agent, or give it smaller items'],
  UNRESPONSIVE: [
    "stopped answering",
    'Look for a loop without "await" in the agent, or raise "timeout.heartbeat"',
  ],
};

/**
 * Patterns in the failures of one run, those with the most failures first. Another try helps
 * against none of them: each says what should change before it.
 *
 * @param failures every failed attempt of the run, in any order
 */
export function findFailurePatterns(failures: readonly Failure[]): FailurePattern[] {
  return [
    ...deniedPermissions(failures),
    ...crashLoops(failures),
    ...timeouts(failures),
    ...overloads(failures),
    ...commonCauses(failures),
  ].sort((a, b) => b.count - a.count);
}

/** An agent that is denied one thing again and again, and fails of nothing else. */
function deniedPermissions(failures: readonly Failure[]): FailurePattern[] {
  return groups(failures, (one) => one.agent).flatMap(([agent, members]) => {
    const first = members[0]!.error;
    const isPattern = members.every((one) =>
      one.error.code === "PERMISSION_DENIED" && deniedThing(one.error) === deniedThing(first)
    );
    if (!isPattern) return [];
    const { permission, value } = first.details ?? {};
    const suggestion = typeof permission === "string" && typeof value === "string"
      ? `Add ${JSON.stringify(value)} to "permissions.${permission}" of agent "${agent}" ` +
        "if it may have it; otherwise mend the agent"
      : `Compare "permissions" of agent "${agent}" with what its messages say that it asked for`;
    return [{
      kind: "permission",
      message: `Every failure of agent "${agent}" is a denied ${deniedThing(first)}`,
      suggestion,
      count: members.length,
    }];
  });
}

function deniedThing(error: ErrorData): string {
  const { permission, value } = error.details ?? {};
  if (typeof permission !== "string") return "permission";
  return typeof value === "string" ? `${permission} of "${value}"` : permission;
}

/** Every attempt of a task ends its worker in the same way. */
function crashLoops(failures: readonly Failure[]): FailurePattern[] {
  const crashed = failures.filter((one) => one.error.code in CRASHES);
  return groups(crashed, (one) => `${one.task}\n${one.error.code}`).flatMap(([, members]) => {
    const { task, agent, error } = members[0]!;
    const looping = countLoops(members);
    if (looping === 0) return [];
    const [fate, suggestion] = CRASHES[error.code]!;
    const what = looping === 1 ? "every attempt" : `every attempt of ${looping} items`;
    return [{
      kind: "crash_loop",
      message: `Agent "${agent}" ${fate} in ${what} of task "${task}"`,
      suggestion,
      count: members.length,
    }];
  });
}

/** Attempts that end at their time limit, and not by bad luck: each item in every attempt. */
function timeouts(failures: readonly Failure[]): FailurePattern[] {
  const late = failures.filter((one) => one.error.code === "TIMEOUT");
  return groups(late, (one) => one.task).flatMap(([task, members]) => {
    if (countLoops(members) === 0 && countItems(members) < COMMON_ITEMS_MIN) return [];
    return [{
      kind: "timeout",
      message: `${members.length} attempts of task "${task}" ran into their time limit`,
      suggestion: `Raise "timeout" of "${task}", or give each attempt less work`,
      count: members.length,
    }];
  });
}

/** A service that several items find busy or down. */
function overloads(failures: readonly Failure[]): FailurePattern[] {
  const refused = failures.filter((one) =>
    one.error.code === "RATE_LIMITED" || one.error.code === "UNAVAILABLE"
  );
  return groups(refused, (one) => `${one.agent}\n${one.error.code}`).flatMap(([, members]) => {
    if (members.length < COMMON_ITEMS_MIN) return [];
    const { agent, error } = members[0]!;
    const isRate = error.code === "RATE_LIMITED";
    return [{
      kind: "overload",
      message: `What agent "${agent}" needs ${isRate ? "refused" : "did not answer"} ` +
        `${members.length} times`,
      suggestion: isRate
        ? 'Lower "maxParallel" or "concurrency", or raise "retry.backoff"'
        : "Check that the service is up and reachable, then retry the run",
      count: members.length,
    }];
  });
}

/** Many items of one task fail with what is at heart the same message. */
function commonCauses(failures: readonly Failure[]): FailurePattern[] {
  const others = failures.filter(({ error }) =>
    !(error.code in CRASHES) &&
    !["TIMEOUT", "RATE_LIMITED", "UNAVAILABLE", "PERMISSION_DENIED"].includes(error.code)
  );
  return groups(others, (one) => `${one.task}\n${one.error.code}\n${outline(one.error.message)}`)
    .flatMap(([, members]) => {
      const items = countItems(members);
      if (items < COMMON_ITEMS_MIN) return [];
      const { task, error } = members[0]!;
      return [{
        kind: "common_cause",
        message: `${items} items of task "${task}" failed alike: ${error.code}`,
        suggestion: "Look for what they share, the agent or its configuration, before the items",
        count: members.length,
      }];
    });
}

/** The message without what differs from item to item: numbers and quoted values. */
function outline(message: string): string {
  return message.replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '""').replace(/\d+/g, "0");
}

function countItems(failures: readonly Failure[]): number {
  return new Set(failures.map((one) => one.index)).size;
}

/** Items that failed in {@linkcode LOOP_ATTEMPTS_MIN} attempts or more. */
function countLoops(failures: readonly Failure[]): number {
  return groups(failures, (one) => String(one.index ?? ""))
    .filter(([, members]) => members.length >= LOOP_ATTEMPTS_MIN).length;
}

/** Members by key in order of appearance; those whose key is `null` are left out. */
function groups(
  failures: readonly Failure[],
  keyOf: (one: Failure) => string | null,
): [key: string, members: Failure[]][] {
  const byKey = Map.groupBy(failures, keyOf);
  return [...byKey].filter((group): group is [string, Failure[]] => group[0] !== null);
}
