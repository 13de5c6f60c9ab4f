/**
 * Pairs of limits of which one must not be above the other, as several kinds of file have them.
 *
 * @module
 */
import { parseDurationMs } from "../duration.ts";
import type { IssueList } from "./issue_list.ts";
import { memberOf, textOf, type TreeNode } from "./tree_node.ts";

/** Milliseconds of a node that holds a duration; `null` of any other. */
export function durationAt(node: TreeNode | undefined): number | null {
  return parseDurationMs(textOf(node) ?? "");
}

/** Checks that delays which grow do not begin above their limit. */
export function checkDelays(delays: TreeNode | undefined, issues: IssueList): void {
  const [initial, max] = [memberOf(delays, "initial"), memberOf(delays, "max")];
  if ((durationAt(initial) ?? 0) <= (durationAt(max) ?? Infinity)) return;
  issues.add(max!, {
    code: "INVALID_COMBINATION",
    message: `Cannot have a longest delay of ${textOf(max)}: the first is ${
      textOf(initial)
    } already`,
    hint: "Make max at least as long as initial",
  });
}

/** Checks that `replicas` of `owner` keeps no more than it allows; two are allowed by default. */
export function checkReplicas(name: string, owner: TreeNode, issues: IssueList): void {
  const replicas = memberOf(owner, "replicas");
  const [min, max] = [memberOf(replicas, "min"), memberOf(replicas, "max")];
  if (min?.kind !== "scalar" || typeof min.value !== "number") return;
  const most = max === undefined ? 2 : max.kind === "scalar" ? max.value : null;
  if (typeof most !== "number" || min.value <= most) return;
  issues.add(min, {
    code: "INVALID_COMBINATION",
    message: `Cannot keep ${min.value} workers of ${name}: at most ${most} are allowed`,
    hint: `Write max: ${min.value} or more beside it`,
  });
}
