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
  toPlain,
  type TreeNode,
} from "../../core/document/mod.ts";
import { parseAddress } from "../messages/mod.ts";
import { SUBSCRIPTION_LIMITS } from "../topics/mod.ts";

/** Tags that one message may have. */
const TAGS_MAX = 16;

/** Checks the actors, topics and subscriptions of a file. */
export function checkActors(root: MapNode, issues: IssueList): void {
  for (const actor of entriesOf(memberOf(root, "actors"))) checkActor(actor, issues);
  refuseTwice(itemsOf(memberOf(root, "topics")), ["name"], "topic", issues);
  refuseTwice(
    itemsOf(memberOf(root, "subscriptions")),
    ["topic", "to", "message", "group", "tags"],
    "subscription",
    issues,
  );
  for (const subscription of itemsOf(memberOf(root, "subscriptions"))) {
    checkTags(memberOf(subscription, "tags"), issues);
    checkReceiver(root, subscription, issues);
  }
  checkSubscriptionLimits(root, issues);
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

/** An empty list would let nothing through, and too long a list cannot be on a message. */
function checkTags(tags: TreeNode | undefined, issues: IssueList): void {
  if (tags?.kind !== "list" || (tags.items.length > 0 && tags.items.length <= TAGS_MAX)) return;
  issues.add(tags, {
    code: "INVALID_VALUE",
    message: `Cannot accept a list of ${tags.items.length} tags: it must have 1 to ${TAGS_MAX}`,
    hint: "Leave tags: out when all messages are wanted",
  });
}

/** What is published is for many: it cannot be encrypted for one. */
function checkReceiver(root: MapNode, subscription: TreeNode, issues: IssueList): void {
  const to = memberOf(subscription, "to");
  const address = parseAddress(textOf(to) ?? "");
  if (to === undefined || "problem" in address) return;
  const actor = memberOf(memberOf(root, "actors"), address.name);
  if (memberOf(actor, "encrypt") === undefined) return;
  issues.add(to, {
    code: "SUBSCRIBER_ENCRYPTS",
    message: `Cannot subscribe "${address.name}", which takes only encrypted messages`,
    hint: "Subscribe another actor, and let it tell this one",
  });
}

function checkSubscriptionLimits(root: MapNode, issues: IssueList): void {
  const subscriptions = itemsOf(memberOf(root, "subscriptions"));
  const { systemMax, addressMax } = SUBSCRIPTION_LIMITS;
  const byAddress = new Map<string, number>();
  for (const [i, subscription] of subscriptions.entries()) {
    const to = textOf(memberOf(subscription, "to")) ?? "";
    const ofAddress = (byAddress.get(to) ?? 0) + 1;
    byAddress.set(to, ofAddress);
    // The first that is one too many stands for those behind it.
    const [whose, max] = i === systemMax
      ? ["the system", systemMax]
      : ofAddress === addressMax + 1
      ? [to, addressMax]
      : [];
    if (whose === undefined) continue;
    issues.add(subscription, {
      code: "TOO_MANY_SUBSCRIPTIONS",
      message: `Cannot accept more than ${max} subscriptions of ${whose}`,
      hint: "Subscribe once with a wider pattern: files.* or files.**",
    });
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
    const name = textOf(memberOf(entry, members[0]!));
    if (name === undefined) continue;
    const values = members.map((member) => memberOf(entry, member));
    const key = JSON.stringify(values.map((value) => value === undefined ? null : toPlain(value)));
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, entry);
      continue;
    }
    issues.add(entry, {
      code: "DUPLICATE_ENTRY",
      message: `Cannot have the ${noun} "${name}" twice: it is already ${issues.nameOf(first)}`,
      hint: "Remove one of the two",
    });
  }
}
