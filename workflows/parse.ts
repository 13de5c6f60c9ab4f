/**
 * Workflow files: text to definition, with every problem found at once.
 *
 * @module
 */
import type { Issue } from "../core/errors.ts";
import type { WorkflowDefinition } from "./definition.ts";
import { WORKFLOW } from "./format.ts";
import { buildDefinition } from "./parse_build.ts";
import { checkConstants } from "./parse_constants.ts";
import { checkExpressions } from "./parse_scopes.ts";
import { checkShape } from "./parse_shape.ts";
import { checkSupport } from "./parse_support.ts";
import { checkTasks, indexTasks } from "./parse_tasks.ts";
import { itemsOf, memberOf, parseTree, type TreeNode } from "./parse_tree.ts";

export { workflowJsonSchema } from "./json_schema.ts";

/** What came of a file. */
export interface ParsedWorkflow {
  /** `null` when there is an error among the issues. */
  definition: WorkflowDefinition | null;
  /** Errors and warnings by position. */
  issues: Issue[];
  /** Where the value at a JSON pointer stands (both from 1), or the nearest value around it. */
  placeOf(pointer: string): { line: number; column: number };
}

/**
 * Parses and checks a workflow file: YAML 1.2 (core schema) or JSON.
 *
 * @param text the file, at most 1 MiB
 * @param options `file`: its name, for the issues; `registeredAgents`: names of agents that the
 *   node has beside those of the file
 */
export function parseWorkflow(
  text: string,
  options: { file: string; registeredAgents?: readonly string[] },
): ParsedWorkflow {
  const { root, issues } = parseTree(text, options.file);
  if (root === null) {
    const placeOf = () => issues.locate(0);
    return { definition: null, issues: issues.sorted(), placeOf };
  }
  const placeOf = (pointer: string) => issues.locate(nodeAt(root, pointer).offset);
  if (root.kind !== "map") {
    issues.add(root, {
      code: "FILE_NOT_OBJECT",
      message: `Cannot find a workflow: the file holds ${
        root.kind === "list" ? "a list" : "one value"
      }`,
      hint: 'Begin with "name: my-workflow" and "tasks:" at the start of a line',
    });
    return { definition: null, issues: issues.sorted(), placeOf };
  }
  checkShape(root, WORKFLOW, "the workflow", issues);
  checkConstants(root, issues);
  const index = indexTasks(root);
  checkTasks(root, index, options.registeredAgents ?? [], issues);
  checkExpressions({ issues, root, taskIds: index.ids, endsBefore: index.endsBefore });
  checkSupport(root, issues);
  return {
    definition: issues.hasErrors ? null : buildDefinition(root),
    issues: issues.sorted(),
    placeOf,
  };
}

/** Follows an RFC 6901 pointer as far as it leads. */
function nodeAt(root: TreeNode, pointer: string): TreeNode {
  let node = root;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = memberOf(node, key) ?? itemsOf(node)[Number(key)];
    if (next === undefined) return node;
    node = next;
  }
  return node;
}
