/**
 * What belongs to the format but cannot be run by this version. It is checked in full and then
 * refused at its place, so that nothing is silently left out.
 *
 * @module
 */
import {
  entriesOf,
  type IssueList,
  itemsOf,
  memberOf,
  type Place,
  type TreeNode,
} from "../core/document/mod.ts";

/** Keys of a task. */
const TASK_KEYS = ["uses", "workflow", "approve", "compensate", "budget"];

const TRIGGERS = ["schedule", "webhook", "event", "file"];

/** Reports every use of a part that cannot be run yet. */
export function checkSupport(root: TreeNode, issues: IssueList): void {
  for (const trigger of itemsOf(memberOf(root, "on"))) {
    const name = entriesOf(trigger)[0]?.key;
    if (name === undefined || !TRIGGERS.includes(name)) continue;
    issues.add(trigger, {
      code: "NOT_SUPPORTED_YET",
      message:
        `Cannot start runs by "${name}" yet: it is part of the format, but not of this version`,
      hint: "Start the run by hand with the run command",
      severity: "warning",
    });
  }
  const budget = root.kind === "map" ? root.entries.get("budget") : undefined;
  if (budget !== undefined) refuse(budget.place, "budget", issues);
  const hasSystem = memberOf(root, "system") !== undefined;
  for (const { value } of entriesOf(memberOf(root, "tasks"))) {
    checkTask(value, issues);
    if (!hasSystem) checkEmit(value, issues);
  }
}

function checkEmit(task: TreeNode, issues: IssueList): void {
  const emit = entriesOf(task).find(({ key }) => key === "emit");
  if (emit === undefined) return;
  issues.add(emit.place, {
    code: "SYSTEM_MISSING",
    message:
      'Cannot publish by "emit": this workflow has no actor system whose topics it could use',
    hint: "Name one at the top of the file: system: ./system.yaml",
  });
}

function checkTask(task: TreeNode, issues: IssueList): void {
  for (const { key, place } of entriesOf(task)) {
    if (TASK_KEYS.includes(key)) refuse(place, key, issues);
  }
}

function refuse(place: Place, what: string, issues: IssueList): void {
  issues.add(place, {
    code: "NOT_SUPPORTED_YET",
    message: `Cannot run "${what}" yet: it is part of the format, but not of this version`,
    hint: "Remove it for now, or do the work in an agent",
  });
}
