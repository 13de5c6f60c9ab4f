/**
 * One expression where it stands.
 *
 * @module
 */
import {
  type Finding,
  type IssueList,
  type Place,
  placeInText,
  type ScalarNode,
  type TreeNode,
} from "../core/document/mod.ts";
import type { Scope } from "./parse_scope.ts";

/** What a file holds that expressions may name. */
export interface FileContext {
  issues: IssueList;
  root: TreeNode;
  taskIds: ReadonlySet<string>;
  /** Whether the first task ends before the second starts; `null` when that is unclear. */
  endsBefore: (need: string, id: string) => boolean | null;
  /** Everything that needs the task, directly or not. */
  dependentsOf: (id: string) => string[];
}

/** The place of a character of a text. */
export function placeAt(node: ScalarNode, offset: number): Place {
  return { offset: placeInText(node, offset), pointer: node.pointer };
}

/** One expression where it stands. */
export class Site {
  constructor(
    readonly node: ScalarNode,
    readonly part: { source: string; offset: number },
    readonly scope: Scope,
    readonly file: FileContext,
  ) {}

  report(offset: number, finding: Finding): void {
    this.file.issues.add(placeAt(this.node, this.part.offset + offset), finding);
  }
}
