/**
 * Workflow files: text to definition, with every problem found at once.
 *
 * @module
 */
import { checkDocument, documentSchema, nodeAt, parseTree } from "../core/document/mod.ts";
import type { Issue } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { WorkflowDefinition } from "./definition.ts";
import { FORMAT, WORKFLOW } from "./format.ts";
import { buildDefinition } from "./parse_build.ts";
import { checkConstants } from "./parse_constants.ts";
import { checkExpressions } from "./parse_scopes.ts";
import { checkSupport } from "./parse_support.ts";
import { checkTasks, indexTasks } from "./parse_tasks.ts";

const WORDS = {
  noun: "workflow",
  emptyHint: "Write at least a name and tasks; docs/workflow.md has a small example",
  objectHint: 'Begin with "name: my-workflow" and "tasks:" at the start of a line',
};

/** The JSON Schema (2020-12) of the workflow format. */
export function workflowJsonSchema(): JsonObject {
  const $id = "https://denizen.dev/workflow.schema.json";
  return documentSchema(WORKFLOW, { $id, title: "Denizen workflow" });
}

/** Nobody reads more, and a file of the largest size may hold half a million mistakes. */
const ISSUES_MAX = 1_000;

/** What came of a file. */
export interface ParsedWorkflow {
  /** `null` when there is an error among the issues. */
  definition: WorkflowDefinition | null;
  /** Errors and warnings by position, at most a thousand. */
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
  const { root, issues } = parseTree(text, options.file, WORDS);
  if (root === null) {
    const placeOf = () => issues.locate(0);
    return { definition: null, issues: issues.sorted(ISSUES_MAX), placeOf };
  }
  const placeOf = (pointer: string) => issues.locate(nodeAt(root, pointer).offset);
  checkDocument(root, FORMAT, issues);
  checkConstants(root, issues);
  const index = indexTasks(root);
  checkTasks(root, index, options.registeredAgents ?? [], issues);
  checkExpressions({
    issues,
    root,
    taskIds: index.ids,
    endsBefore: index.endsBefore,
    dependentsOf: index.dependentsOf,
  });
  checkSupport(root, issues);
  return {
    definition: issues.hasErrors ? null : buildDefinition(root),
    issues: issues.sorted(ISSUES_MAX),
    placeOf,
  };
}
