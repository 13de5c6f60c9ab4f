/**
 * Actor systems: a file, or an object in code, to a definition, with every problem found at once.
 *
 * @module
 */
import {
  checkDocument,
  documentSchema,
  type DocumentWords,
  entriesOf,
  type IssueList,
  type MapNode,
  memberOf,
  nodeAt,
  parseTree,
  parseValue,
} from "../../core/document/mod.ts";
import type { Issue } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { buildDefinition } from "./build_definition.ts";
import { checkActors } from "./check_actors.ts";
import { checkAddresses } from "./check_addresses.ts";
import { checkTree } from "./check_tree.ts";
import type { SystemDefinition } from "./definition.ts";
import { FORMAT, SYSTEM } from "./format.ts";

/** What came of a file or an object. */
export interface ParsedSystem {
  /** `null` when there is an error among the issues. */
  definition: SystemDefinition | null;
  /**
   * Errors and warnings by position. Those of an object have line and column 0: their place is
   * their JSON pointer.
   */
  issues: Issue[];
  /** Where the value at a JSON pointer stands, or the nearest value around it. */
  placeOf(pointer: string): { line: number; column: number };
}

const WORDS: DocumentWords = {
  noun: "system",
  emptyHint: "Write at least a system and actors; docs/actor-system.md has a small example",
  objectHint: 'Begin with "system: my-system" and "actors:" at the start of a line',
};

/**
 * Parses and checks an actor system file: YAML 1.2 (core schema) or JSON.
 *
 * @param text the file, at most 1 MiB
 * @param file its name, for the issues
 */
export function parseSystem(text: string, file: string): ParsedSystem {
  return checkSystem(parseTree(text, file, WORDS));
}

/**
 * Checks an actor system that is declared in code, as `SystemInput` describes it. Never throws,
 * whatever the value is, unless a getter in it does.
 *
 * @param name what issues call it where they would name a file
 */
export function parseSystemValue(value: unknown, name = "the system"): ParsedSystem {
  return checkSystem(parseValue(value, name, WORDS));
}

function checkSystem({ root, issues }: { root: MapNode | null; issues: IssueList }): ParsedSystem {
  if (root === null) {
    return { definition: null, issues: issues.sorted(), placeOf: () => issues.locate(0) };
  }
  checkDocument(root, FORMAT, issues);
  const names = new Set(entriesOf(memberOf(root, "actors")).map(({ key }) => key));
  checkActors(root, issues);
  checkAddresses(root, names, issues);
  checkTree(root, names, issues);
  return {
    definition: issues.hasErrors ? null : buildDefinition(root),
    issues: issues.sorted(),
    placeOf: (pointer) => issues.locate(nodeAt(root, pointer).offset),
  };
}

/** The JSON Schema (2020-12) of the actor system format. */
export function systemJsonSchema(): JsonObject {
  const $id = "https://denizen.dev/actor-system.schema.json";
  return documentSchema(SYSTEM, { $id, title: "Denizen actor system" });
}

/**
 * Whether a file is about an actor system: its first key is `system`, and its value a name, not the
 * path by which a workflow refers to one. Looks at the text alone, so that a file whose syntax is
 * wrong is told in the words of its kind.
 */
export function isSystemFile(text: string): boolean {
  const start = /^\uFEFF?(?:\s+|#.*|%.*|---(?=\s))*\{?(?:\s+|#.*)*/.exec(text)![0].length;
  return /^(["']?)system\1\s*:(?!\s*["']?[^\s"',{}]+\.(?:ya?ml|json)["']?\s*(?:[,#\n\r}]|$))/
    .test(text.slice(start));
}
