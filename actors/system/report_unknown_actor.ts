import { hintFrom, type IssueList, shorten, type TreeNode } from "../../core/document/mod.ts";

/** Names of the actors of a file. */
export type ActorNames = ReadonlySet<string>;

/** To look for what was meant takes long; beyond so many issues a file has other troubles. */
const SUGGESTIONS_MAX = 200;

/** Reports a name that no actor of the file has. */
export function reportUnknownActor(
  node: TreeNode,
  name: string,
  names: ActorNames,
  issues: IssueList,
): void {
  issues.add(node, {
    code: "UNKNOWN_ACTOR",
    message: `Cannot find the actor "${shorten(name)}"`,
    hint: hintFor(name, names, issues),
  });
}

function hintFor(name: string, names: ActorNames, issues: IssueList): string {
  if (names.size === 0 || issues.size >= SUGGESTIONS_MAX) {
    return "Add it to the file, under actors:, or correct the name";
  }
  return hintFrom(name, [...names], "actors of this file");
}
