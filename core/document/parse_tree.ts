/**
 * YAML or JSON text as a tree that knows where everything stands.
 *
 * @module
 */
// Only what reads such files pays for loading YAML.
import defer * as yaml from "yaml";
import { convertDocument, reportDepth } from "./convert_document.ts";
import { createLocate, IssueList, type Place } from "./issue_list.ts";
import { reportSyntax } from "./report_syntax.ts";
import type { MapNode, TreeNode } from "./tree_node.ts";

/** Largest file, in UTF-8 bytes at most three times that. */
export const FILE_LENGTH_MAX = 1_048_576;

/** How messages about a file as a whole call what it should hold. */
export interface DocumentWords {
  /** As in "Cannot find a `noun`". */
  noun: string;
  /** What an empty file, and one that is no object, should begin with. */
  emptyHint: string;
  objectHint: string;
}

/**
 * Parses a file that holds one object; `root` is `null` when its syntax is so wrong, or it is so
 * far from an object, that nothing more can be said.
 */
export function parseTree(
  text: string,
  file: string,
  words: DocumentWords,
): { root: MapNode | null; issues: IssueList } {
  const issues = new IssueList(file, createLocate(text));
  if (text.length > FILE_LENGTH_MAX) {
    issues.add(START, {
      code: "FILE_TOO_LARGE",
      message: `Cannot accept a file of ${text.length} characters: the most is ${FILE_LENGTH_MAX}`,
      hint: "Move data into files that an agent reads, and give their paths as input",
    });
    return { root: null, issues };
  }
  const documents = readDocuments(text, words, issues);
  const document = documents?.[0];
  if (document === undefined || issues.hasErrors) return { root: null, issues };
  const root = convertDocument(document, text, issues);
  return { root: root === null ? null : requireMap(root, words, issues), issues };
}

/** The root as an object; anything else is reported. */
export function requireMap(
  root: TreeNode,
  words: DocumentWords,
  issues: IssueList,
): MapNode | null {
  if (root.kind === "map") return root;
  issues.add(root, {
    code: "FILE_NOT_OBJECT",
    message: `Cannot find a ${words.noun}: the file holds ${
      root.kind === "list" ? "a list" : "one value"
    }`,
    hint: words.objectHint,
  });
  return null;
}

const START: Place = { offset: 0, pointer: "" };

function readDocuments(text: string, words: DocumentWords, issues: IssueList) {
  let documents;
  try {
    const options = {
      version: "1.2",
      schema: "core",
      uniqueKeys: false,
      prettyErrors: false,
    } as const;
    documents = yaml.parseAllDocuments(text, {
      ...options,
      logLevel: "silent",
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reportDepth(START, issues);
    return null;
  }
  if (!Array.isArray(documents) || documents.length === 0) return reportEmpty(words, issues);
  const [first, second] = documents;
  reportSyntax(first!, text, issues);
  if (second !== undefined) {
    issues.add({ offset: second.range[0], pointer: "" }, {
      code: "YAML_MULTIPLE_DOCUMENTS",
      message: "Cannot accept more than one document in a file",
      hint: `Remove the line "---", or put the second ${words.noun} into a file of its own`,
    });
  }
  const isEmpty = first!.contents === null ||
    (yaml.isScalar(first!.contents) && first!.contents.value === null);
  return isEmpty && !issues.hasErrors ? reportEmpty(words, issues) : documents;
}

function reportEmpty(words: DocumentWords, issues: IssueList): null {
  issues.add(START, {
    code: "FILE_EMPTY",
    message: `Cannot find a ${words.noun}: the file is empty`,
    hint: words.emptyHint,
  });
  return null;
}
