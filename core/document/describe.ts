/**
 * Values of a file in words, for messages.
 *
 * @module
 */
import type { Finding, IssueList } from "./issue_list.ts";
import type { ScalarNode, TreeNode } from "./tree_node.ts";

/** What a node is, for people. */
export function describe(node: TreeNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "an object";
  if (node.value === null) return "empty";
  if (typeof node.value === "string") return `the text "${shorten(node.value)}"`;
  return `${typeof node.value === "number" ? "the number" : "the truth value"} ${node.raw}`;
}

/** A text on one line, cut to fit a message. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

/** Reports that a value is of another type than wanted. */
export function reportType(
  node: TreeNode,
  name: string,
  wanted: string,
  hint: string,
  issues: IssueList,
): void {
  const message = `Cannot accept ${name}: it is ${describe(node)}, but must be ${wanted}`;
  issues.add(node, { code: "WRONG_TYPE", message, hint });
}

/** The node when it is a scalar. */
export function scalarOf(node: TreeNode): ScalarNode | null {
  return node.kind === "scalar" ? node : null;
}

/** Plain words and numbers that other YAML readers, or their writers, take for something else. */
export function warnAmbiguous(node: TreeNode, issues: IssueList): void {
  if (node.kind === "list") return node.items.forEach((item) => warnAmbiguous(item, issues));
  if (node.kind === "map") {
    return node.entries.values().forEach(({ value }) => warnAmbiguous(value, issues));
  }
  if (node.style !== "plain") return;
  if (/^(yes|no|on|off)$/i.test(node.raw)) {
    const truth = /^(yes|on)$/i.test(node.raw);
    issues.add(
      node,
      ambiguous(
        `Read ${node.raw} as the text "${node.raw}": YAML 1.2 has no such truth value`,
        `Write ${truth} for a truth value, or quote it: "${node.raw}"`,
      ),
    );
  } else if (/^[-+]?0\d+$/.test(node.raw)) {
    issues.add(
      node,
      ambiguous(
        `Read ${node.raw} as the number ${node.value}: the leading zero is lost`,
        `Quote it to keep it as it stands: "${node.raw}"`,
      ),
    );
  }
}

function ambiguous(message: string, hint: string): Finding {
  return { code: "YAML_AMBIGUOUS", message, hint, severity: "warning" };
}
