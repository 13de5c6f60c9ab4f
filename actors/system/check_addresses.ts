/**
 * Checks the addresses and the patterns of addresses that a file names.
 *
 * @module
 */
import {
  entriesOf,
  type IssueList,
  itemsOf,
  type MapNode,
  memberOf,
  textOf,
  type TreeNode,
} from "../../core/document/mod.ts";
import { EXTERNAL, findPatternProblem, parseAddress } from "../messages/mod.ts";
import { type ActorNames, reportUnknownActor } from "./report_unknown_actor.ts";

/** Checks all addresses of a file. */
export function checkAddresses(root: MapNode, names: ActorNames, issues: IssueList): void {
  const checkPatterns = (list: TreeNode | undefined) => {
    for (const item of itemsOf(list)) checkPattern(item, names, issues);
  };
  for (const { value } of entriesOf(memberOf(root, "actors"))) {
    checkPatterns(memberOf(memberOf(value, "accept"), "from"));
  }
  for (const topic of itemsOf(memberOf(root, "topics"))) checkPatterns(memberOf(topic, "publish"));
  for (const subscription of itemsOf(memberOf(root, "subscriptions"))) {
    checkAddress(memberOf(subscription, "to"), names, issues);
  }
}

function checkPattern(node: TreeNode, names: ActorNames, issues: IssueList): void {
  const pattern = textOf(node);
  if (pattern === undefined || pattern === EXTERNAL || isBlank(pattern)) return;
  const problem = findPatternProblem(pattern);
  if (problem !== null) {
    const hint = names.has(pattern)
      ? `Write "actor://${pattern}/*" for all its instances`
      : `Write ${EXTERNAL}, "actor://name/key" or "actor://name/*"`;
    return issues.add(node, { code: "INVALID_ADDRESS", message: problem, hint });
  }
  const [name, beginning] = nameOf(pattern);
  const isKnown = beginning === undefined
    ? names.has(name)
    : names.values().some((each) => each.startsWith(beginning));
  if (!isKnown) reportUnknownActor(node, name, names, issues);
}

function checkAddress(node: TreeNode | undefined, names: ActorNames, issues: IssueList): void {
  const text = textOf(node);
  if (node === undefined || text === undefined || isBlank(text)) return;
  const address = parseAddress(text);
  if (!("problem" in address)) {
    if (!names.has(address.name)) reportUnknownActor(node, address.name, names, issues);
    return;
  }
  const hint = names.has(text)
    ? `Write actor://${text}/main`
    : "Write actor://name/key, or actor://name for an agent";
  issues.add(node, { code: "INVALID_ADDRESS", message: address.problem, hint });
}

/** The name in a pattern; what it begins with, when a `*` ends it. */
function nameOf(pattern: string): [name: string, beginning?: string] {
  const name = /^actor:\/\/([^/]*)/.exec(pattern)?.[1] ?? "";
  return name.endsWith("*") ? [name, name.slice(0, -1)] : [name];
}

/** An empty text has been reported with the shape. */
function isBlank(text: string): boolean {
  return text.trim() === "";
}
