import { hintFrom, type IssueList, shorten, type TreeNode } from "../../core/document/mod.ts";

/** Names of the actors of a file. */
export type ActorNames = readonly string[];

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
    hint: names.length === 0
      ? "Add it to the file, under actors:"
      : hintFrom(name, names, "actors of this file"),
  });
}
