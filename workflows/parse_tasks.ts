/**
 * Checks what tasks say about each other: needs, agents, cycles, and keys that go together.
 *
 * @module
 */
import {
  checkDelays,
  checkReplicas,
  durationAt,
  entriesOf,
  type Finding,
  hintFrom,
  type IssueList,
  itemsOf,
  type MapEntry,
  memberOf,
  type Place,
  textOf,
  type TreeNode,
} from "../core/document/mod.ts";
import { suggest } from "../core/suggest.ts";
import { TARGET_KEYS, TASK } from "./format.ts";
import { checkAgents, checkAssign, KnownAgents } from "./parse_assign.ts";
import { findCycles, type GraphTask } from "./graph.ts";

/** The tasks of a file, as far as they can be understood. */
export interface TaskIndex {
  ids: ReadonlySet<string>;
  entries: MapEntry[];
  /** Whether `need` ends before `id` starts; `null` when the needs are too unclear to say. */
  endsBefore: (need: string, id: string) => boolean | null;
  /** Everything that needs the task, directly or not, in the order of the file. */
  dependentsOf: (id: string) => string[];
}

/** Reads needs tolerantly: a misspelt need counts as the task that was probably meant. */
export function indexTasks(root: TreeNode): TaskIndex {
  const entries = entriesOf(memberOf(root, "tasks"));
  const ids = new Set(entries.map(({ key }) => key));
  const needsOf = new Map(entries.map(({ key, value }) => [key, meantNeeds(value, ids)]));
  const unclear = new Set(
    entries.filter(({ value }) => hasUnclearNeeds(value)).map(({ key }) => key),
  );
  const endsBefore = (need: string, id: string) => {
    const seen = new Set([id]);
    // A set keeps its order while it grows, so this is a breadth-first walk.
    for (const each of seen) {
      for (const next of needsOf.get(each) ?? []) {
        if (next === need) return true;
        seen.add(next);
      }
    }
    return unclear.isDisjointFrom(seen) ? false : null;
  };
  const dependentsOf = (id: string) => {
    const behind = findDependents(id, needsOf);
    return [...ids].filter((each) => behind.has(each));
  };
  return { ids, entries, endsBefore, dependentsOf };
}

/** One walk against the needs. */
function findDependents(id: string, needsOf: ReadonlyMap<string, string[]>): Set<string> {
  const dependents = new Map<string, string[]>();
  for (const [task, needs] of needsOf) {
    for (const need of needs) dependents.getOrInsertComputed(need, () => []).push(task);
  }
  const behind = new Set(dependents.get(id));
  for (const each of behind) for (const next of dependents.get(each) ?? []) behind.add(next);
  return behind;
}

function meantNeeds(task: TreeNode, ids: ReadonlySet<string>): string[] {
  const needs = memberOf(task, "needs");
  const names = needs?.kind === "list" ? needs.items.map(textOf) : [textOf(needs)];
  return names.flatMap((name) => {
    if (name === undefined) return [];
    return ids.has(name) ? name : suggest(name, ids) ?? [];
  });
}

/** Whether the needs are misspelt, so that nothing can be said about outputs. */
function hasUnclearNeeds(task: TreeNode): boolean {
  if (task.kind !== "map") return true;
  const needs = task.entries.get("needs")?.value;
  if (needs !== undefined) return needs.kind === "map";
  return [...task.entries.keys()].some((key) =>
    !Object.hasOwn(TASK.members, key) &&
    (suggest(key, ["needs"]) !== null || /^(after|requires|depends)/.test(key))
  );
}

/** Reports everything about tasks that no shape can say. */
export function checkTasks(
  root: TreeNode,
  index: TaskIndex,
  registered: readonly string[],
  issues: IssueList,
): void {
  const agents = memberOf(root, "agents");
  const known = new KnownAgents(entriesOf(agents).map(({ key }) => key), registered);
  for (const entry of index.entries) {
    checkNeeds(entry, index.ids, issues);
    checkAgents(entry.value, known, issues);
    checkCombinations(entry, issues);
    checkAssign(entry, issues);
    checkNumbers(entry.value, issues);
  }
  for (const { key, value } of entriesOf(agents)) checkReplicas(key, value, issues);
  reportCycles(index, issues);
}

function checkNeeds({ key, value }: MapEntry, ids: ReadonlySet<string>, issues: IssueList): void {
  const seen = new Set<string>();
  for (const item of itemsOf(memberOf(value, "needs"))) {
    const need = textOf(item);
    if (need === undefined) continue;
    if (seen.has(need)) issues.add(item, duplicateNeed(need));
    else if (need === key) issues.add(item, selfNeed(key));
    else if (!ids.has(need)) issues.add(item, unknownNeed(need, key, ids));
    seen.add(need);
  }
}

function duplicateNeed(need: string): Finding {
  return {
    code: "DUPLICATE_NEED",
    message: `Cannot need "${need}" twice`,
    hint: "Remove one of the two",
  };
}

function selfNeed(id: string): Finding {
  const hint = "Remove it; to run a task again and again, use repeat:";
  return {
    code: "DEPENDENCY_CYCLE",
    message: `Cannot let "${id}" need itself: ${id} → ${id}`,
    hint,
  };
}

function unknownNeed(need: string, id: string, ids: ReadonlySet<string>): Finding {
  const others = [...ids].filter((other) => other !== id);
  const message = `Cannot find the task "${need}"`;
  return { code: "UNKNOWN_TASK", message, hint: hintFrom(need, others, "other tasks") };
}

/** Keys that do nothing with some targets. */
const ONLY_WITH_WORKERS = [
  "with",
  "retry",
  "timeout",
  "fallback",
  "repeat",
  "compensate",
  "assign",
  "reuse",
];

/** An event may be published again, in time. */
const ONLY_WITH_AGENTS = ONLY_WITH_WORKERS.filter((key) => key !== "retry" && key !== "timeout");

function checkCombinations({ key, value }: MapEntry, issues: IssueList): void {
  if (value.kind !== "map") return;
  const target = TARGET_KEYS.find((each) => value.entries.has(each));
  const report = (name: string, message: string, hint: string) =>
    issues.add(value.entries.get(name)!.place, {
      code: "NO_EFFECT",
      message,
      hint,
      severity: "warning",
    });
  if (target === "value" || target === "wait" || target === "emit") {
    const useless = target === "emit" ? ONLY_WITH_AGENTS : ONLY_WITH_WORKERS;
    for (const name of useless.filter((each) => value.entries.has(each))) {
      report(
        name,
        `Ignore "${name}" in ${key}: ${
          target === "emit" ? "an" : "a"
        } ${target} task has no use for it`,
        "Remove it",
      );
    }
  }
  if (target === "wait" && value.entries.has("forEach")) {
    issues.add(value.entries.get("forEach")!.place, {
      code: "INVALID_COMBINATION",
      message: `Cannot wait once for each item in ${key}`,
      hint: "Wait in a task of its own, without forEach",
    });
  }
  if (target === "agent" && value.entries.has("assign")) {
    report(
      "assign",
      `Ignore "assign" in ${key}: it names an agent`,
      "Name a capability instead of the agent, or remove it",
    );
  }
  if (value.entries.has("maxParallel") && !value.entries.has("forEach")) {
    report(
      "maxParallel",
      `Ignore "maxParallel" in ${key}: there is no forEach`,
      "Add forEach, or remove it",
    );
  }
  const agent = textOf(memberOf(value, "agent"));
  if (agent !== undefined && textOf(memberOf(memberOf(value, "fallback"), "agent")) === agent) {
    report(
      "fallback",
      `Fall back in ${key} to the same agent that failed`,
      "Raise retry.maxAttempts, or name another agent",
    );
  }
}

/** Pairs of limits of which one must not be above the other. */
function checkNumbers(task: TreeNode, issues: IssueList): void {
  const timeout = memberOf(task, "timeout");
  const total = memberOf(timeout, "total");
  const attempt = memberOf(timeout, "attempt");
  if ((durationAt(attempt) ?? 0) > (durationAt(total) ?? Infinity)) {
    issues.add(total!, {
      code: "INVALID_COMBINATION",
      message: `Cannot end all attempts within ${textOf(total)}: one alone may take ${
        textOf(attempt)
      }`,
      hint: "Make total at least as long as attempt",
    });
  }
  checkDelays(memberOf(memberOf(task, "retry"), "backoff"), issues);
}

function reportCycles(index: TaskIndex, issues: IssueList): void {
  const tasks = index.entries.map(({ key, value }): GraphTask => ({
    id: key,
    // A task that needs itself is reported where it says so.
    needs: meantNeeds(value, index.ids).filter((need) => need !== key),
  }));
  for (const cycle of findCycles(tasks)) {
    const [first, second] = cycle;
    const value = index.entries.find(({ key }) => key === first)!.value;
    issues.add(needPlace(value, second!, index.ids), {
      code: "DEPENDENCY_CYCLE",
      message: `Cannot order the tasks, each needs the next: ${cycle.join(" → ")}`,
      hint: `Remove one "needs" among ${[...new Set(cycle)].join(", ")}`,
    });
  }
}

function needPlace(task: TreeNode, need: string, ids: ReadonlySet<string>): Place {
  const needs = memberOf(task, "needs");
  const item = itemsOf(needs).find((each) => {
    const name = textOf(each);
    return name === need ||
      (name !== undefined && !ids.has(name) && suggest(name, ids) === need);
  });
  return item ?? needs ?? task;
}
