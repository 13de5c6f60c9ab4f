/**
 * Checks what no shape can say of actors, topics and subscriptions.
 *
 * @module
 */
import {
  checkDelays,
  checkReplicas,
  entriesOf,
  type IssueList,
  itemsOf,
  type MapEntry,
  type MapNode,
  memberOf,
  type Place,
  textOf,
  type TreeNode,
} from "../../core/document/mod.ts";

/** Checks the actors, topics and subscriptions of a file. */
export function checkActors(root: MapNode, issues: IssueList): void {
  for (const actor of entriesOf(memberOf(root, "actors"))) checkActor(actor, issues);
  refuseTwice(itemsOf(memberOf(root, "topics")), ["name"], "topic", issues);
  refuseTwice(
    itemsOf(memberOf(root, "subscriptions")),
    ["topic", "to", "message", "group"],
    "subscription",
    issues,
  );
}

function checkActor({ key, value }: MapEntry, issues: IssueList): void {
  checkReplicas(key, value, issues);
  checkDelays(memberOf(memberOf(value, "deliver"), "backoff"), issues);
  const where = `the actor ${key}`;
  refuseExpressions(memberOf(value, "module"), where, issues);
  refuseExpressions(memberOf(value, "with"), where, issues);
  for (const { key: kind, value: grants } of entriesOf(memberOf(value, "permissions"))) {
    // What is no host has been reported as such.
    if (kind !== "net" && kind !== "import") refuseExpressions(grants, where, issues);
  }
}

/** Workflow files have expressions; here they would go unnoticed as texts. */
function refuseExpressions(node: TreeNode | undefined, where: string, issues: IssueList): void {
  if (node === undefined) return;
  for (const item of itemsOf(node)) refuseExpressions(item, where, issues);
  for (const { value } of entriesOf(node)) refuseExpressions(value, where, issues);
  if (!textOf(node)?.includes("${{")) return;
  issues.add(node, {
    code: "EXPRESSION_NOT_ALLOWED",
    message: `Cannot use an expression in ${where}: a system file has constants only`,
    hint: "Write the value itself",
  });
}

/** Reports entries that are equal in all these members. */
function refuseTwice(
  entries: readonly TreeNode[],
  members: readonly string[],
  noun: string,
  issues: IssueList,
): void {
  const seen = new Map<string, Place>();
  for (const entry of entries) {
    const values = members.map((member) => textOf(memberOf(entry, member)));
    if (values.every((value) => value === undefined)) continue;
    const key = JSON.stringify(values);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, entry);
      continue;
    }
    issues.add(entry, {
      code: "DUPLICATE_ENTRY",
      message: `Cannot have the ${noun} "${values[0]}" twice: it is already ${
        issues.nameOf(first)
      }`,
      hint: "Remove one of the two",
    });
  }
}
