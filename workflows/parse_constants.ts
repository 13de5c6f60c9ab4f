/**
 * Checks constants that only their place makes wrong: timestamps, permissions.
 *
 * @module
 */
import {
  entriesOf,
  type IssueList,
  memberOf,
  textOf,
  type TreeNode,
} from "../core/document/mod.ts";

/** Checks the constants of a whole file. */
export function checkConstants(root: TreeNode, issues: IssueList): void {
  for (const { value } of entriesOf(memberOf(root, "tasks"))) {
    checkTimestamp(memberOf(memberOf(value, "wait"), "until"), issues);
  }
}

/** RFC 3339, the timestamps of CEL and JSON Schema. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function checkTimestamp(node: TreeNode | undefined, issues: IssueList): void {
  const text = textOf(node);
  if (node === undefined || text === undefined || text.includes("${{")) return;
  if (TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text))) return;
  issues.add(node, {
    code: "INVALID_TIMESTAMP",
    message: `Cannot read "${text}" as a point in time`,
    hint: "Write date, time and zone: 2026-12-31T18:00:00+01:00; for a length of time use for: 5m",
  });
}
