/**
 * YAML or JSON text as a tree that knows where everything stands.
 *
 * @module
 */
import type { Alias, Document, Node as YamlNode, Scalar } from "yaml";
// Only what reads workflow files pays for loading YAML.
import defer * as yaml from "yaml";
import type { Json } from "../core/json.ts";
import { createLocate, IssueList, type Place } from "./parse_issues.ts";
import { reportSyntax } from "./parse_syntax.ts";

/** A node of the file. */
export type TreeNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode extends Place {
  kind: "scalar";
  value: string | number | boolean | null;
  /** The text in the file, quotes included. */
  raw: string;
  style: "plain" | "single" | "double" | "block";
}

export interface ListNode extends Place {
  kind: "list";
  items: TreeNode[];
}

export interface MapNode extends Place {
  kind: "map";
  entries: Map<string, MapEntry>;
}

export interface MapEntry {
  key: string;
  /** Where the key stands. */
  place: Place;
  value: TreeNode;
}

/** Largest file, in UTF-8 bytes at most three times that. */
export const FILE_LENGTH_MAX = 1_048_576;

/** Most nodes after aliases are followed, so that a few lines cannot become millions. */
const ALIASED_NODES_MAX = 10_000;

const DEPTH_MAX = 64;

/** Parses a file; `root` is `null` when its syntax is so wrong that nothing more can be said. */
export function parseTree(
  text: string,
  file: string,
): { root: TreeNode | null; issues: IssueList } {
  const issues = new IssueList(file, createLocate(text));
  if (text.length > FILE_LENGTH_MAX) {
    issues.add(START, {
      code: "FILE_TOO_LARGE",
      message: `Cannot accept a file of ${text.length} characters: the most is ${FILE_LENGTH_MAX}`,
      hint: "Move data into files that an agent reads, and give their paths as input",
    });
    return { root: null, issues };
  }
  const documents = readDocuments(text, issues);
  const document = documents?.[0];
  if (document === undefined || issues.hasErrors) return { root: null, issues };
  return { root: convertRoot(document, text, issues), issues };
}

const START: Place = { offset: 0, pointer: "" };

function readDocuments(text: string, issues: IssueList) {
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
  if (!Array.isArray(documents) || documents.length === 0) return reportEmpty(issues);
  const [first, second] = documents;
  reportSyntax(first!, text, issues);
  if (second !== undefined) {
    issues.add({ offset: second.range[0], pointer: "" }, {
      code: "YAML_MULTIPLE_DOCUMENTS",
      message: "Cannot accept more than one document in a file",
      hint: 'Remove the line "---", or put the second workflow into a file of its own',
    });
  }
  const isEmpty = first!.contents === null ||
    (yaml.isScalar(first!.contents) && first!.contents.value === null);
  return isEmpty && !issues.hasErrors ? reportEmpty(issues) : documents;
}

function reportEmpty(issues: IssueList): null {
  issues.add(START, {
    code: "FILE_EMPTY",
    message: "Cannot find a workflow: the file is empty",
    hint: "Write at least a name and tasks; docs/workflow.md has a small example",
  });
  return null;
}

function reportDepth(place: Place, issues: IssueList): void {
  issues.add(place, {
    code: "NESTING_TOO_DEEP",
    message: `Cannot accept values that nest more than ${DEPTH_MAX} deep`,
    hint: "Check the indentation and the brackets, or make the structure flatter",
  });
}

function convertRoot(document: Document.Parsed, text: string, issues: IssueList): TreeNode | null {
  const converter = new Converter(document, text, issues);
  return document.contents === null ? null : converter.convert(document.contents, "", 0);
}

/** Thrown to stop a conversion whose issue is already reported. */
class Stop extends Error {}

/** Turns the nodes of `yaml` into ours. */
class Converter {
  #aliasedNodes = 0;
  readonly #following = new Set<YamlNode>();

  constructor(
    readonly document: Document.Parsed,
    readonly text: string,
    readonly issues: IssueList,
  ) {}

  convert(node: YamlNode, pointer: string, depth: number): TreeNode | null {
    try {
      return this.#convert(node, pointer, depth);
    } catch (error) {
      if (error instanceof Stop) return null;
      throw error;
    }
  }

  #convert(node: YamlNode, pointer: string, depth: number): TreeNode {
    const offset = node.range?.[0] ?? 0;
    const place = { offset, pointer };
    if (depth > DEPTH_MAX) {
      reportDepth(place, this.issues);
      throw new Stop();
    }
    if (this.#following.size > 0 && ++this.#aliasedNodes > ALIASED_NODES_MAX) this.#stopBomb(place);
    if (yaml.isAlias(node)) return this.#follow(node, place, depth);
    if (yaml.isMap(node)) return this.#convertMap(node.items as Pair[], place, depth);
    if (yaml.isSeq(node)) {
      const items = (node.items as YamlNode[]).map((item, i) =>
        this.#convert(item, `${pointer}/${i}`, depth + 1)
      );
      return { kind: "list", items, ...place };
    }
    return this.#convertScalar(node as Scalar, place);
  }

  #follow(node: YamlNode, place: Place, depth: number): TreeNode {
    const name = (node as Alias).source;
    const target = (node as Alias).resolve(this.document);
    if (target === undefined) {
      this.issues.add(place, {
        code: "YAML_ALIAS_UNKNOWN",
        message: `Cannot find the anchor of "*${name}"`,
        hint: `Quote it when it is a text: "*${name}"; or mark a value before it with &${name}`,
      });
      throw new Stop();
    }
    if (this.#following.has(target)) {
      this.issues.add(place, {
        code: "YAML_ALIAS_CYCLE",
        message: `Cannot follow "*${name}": the value would hold itself`,
        hint: "Write the value out",
      });
      throw new Stop();
    }
    this.#following.add(target);
    try {
      return { ...this.#convert(target, place.pointer, depth + 1), ...place };
    } finally {
      this.#following.delete(target);
    }
  }

  #stopBomb(place: Place): never {
    this.issues.add(place, {
      code: "YAML_ALIAS_BOMB",
      message: `Cannot accept aliases that grow to more than ${ALIASED_NODES_MAX} values`,
      hint: "Write the values out, or use fewer aliases (*name) of anchors that hold aliases",
    });
    throw new Stop();
  }

  #convertScalar(node: Scalar, place: Place): ScalarNode {
    const raw = node.range ? this.text.slice(node.range[0], node.range[1]) : "";
    const style = STYLES[node.type ?? "PLAIN"] ?? "plain";
    let value = node.value as ScalarNode["value"];
    if (typeof value === "bigint") value = Number(value);
    if (typeof value === "number" && !isExact(value, raw)) {
      this.issues.add(place, {
        code: "INVALID_NUMBER",
        message: `Cannot keep the number "${raw}" exactly`,
        hint: `Quote it: "${raw}"`,
      });
      value = 0;
    }
    return { kind: "scalar", value, raw, style, ...place };
  }

  #convertMap(pairs: readonly Pair[], place: Place, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of pairs) {
      const offset = key?.range?.[0] ?? place.offset;
      if (!yaml.isScalar(key)) {
        this.#reportKey({ offset, pointer: place.pointer });
        continue;
      }
      const name = keyText(key, this.text);
      const pointer = `${place.pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (!this.#acceptKey(name, { offset, pointer }, entries)) continue;
      const node = value === null
        ? {
          kind: "scalar" as const,
          value: null,
          raw: "",
          style: "plain" as const,
          offset,
          pointer,
        }
        : this.#convert(value, pointer, depth + 1);
      if (
        value !== null && yaml.isScalar(value) && value.value === null && node.kind === "scalar"
      ) {
        if (node.raw === "") node.offset = offset;
      }
      entries.set(name, { key: name, place: { offset, pointer }, value: node });
    }
    return { kind: "map", entries, ...place };
  }

  #acceptKey(name: string, place: Place, entries: ReadonlyMap<string, MapEntry>): boolean {
    const first = entries.get(name);
    if (first !== undefined) {
      const { line } = this.issues.locate(first.place.offset);
      this.issues.add(place, {
        code: "YAML_DUPLICATE_KEY",
        message: `Cannot have "${name}" twice: it is already on line ${line}`,
        hint: "Rename one of the two, or remove it",
      });
      return false;
    }
    if (name !== "__proto__") return true;
    this.issues.add(place, {
      code: "DANGEROUS_KEY",
      message: 'Cannot accept the key "__proto__": it has a special meaning in JavaScript',
      hint: "Choose another name",
    });
    return false;
  }

  #reportKey(place: Place): void {
    if (/\{\s*\{$/.test(this.text.slice(0, place.offset + 1))) {
      return this.issues.add(place, {
        code: "YAML_SYNTAX",
        message: 'Cannot read "{{" here: without quotes YAML takes it for an object',
        hint: 'Write the expression with a dollar and in quotes: "${{ … }}"',
      });
    }
    this.issues.add(place, {
      code: "YAML_SYNTAX",
      message: "Cannot accept a list or an object as a key",
      hint: 'Quote the key; a value that begins with "{" or "[" must be quoted as well: "${{ … }}"',
    });
  }
}

interface Pair {
  key: YamlNode | null;
  value: YamlNode | null;
}

const STYLES: Record<string, ScalarNode["style"]> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_FOLDED: "block",
  BLOCK_LITERAL: "block",
};

/** Keys are texts: `1:` and `true:` are the keys "1" and "true". */
function keyText(key: Scalar, text: string): string {
  if (typeof key.value === "string") return key.value;
  return key.range ? text.slice(key.range[0], key.range[1]) : String(key.value);
}

function isExact(value: number, raw: string): boolean {
  if (!Number.isFinite(value)) return false;
  return !/^[-+]?\d+$/.test(raw) || Number.isSafeInteger(value);
}

/** The member of an object node. */
export function memberOf(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.value : undefined;
}

/** The entries of an object node; none for any other. */
export function entriesOf(node: TreeNode | undefined): MapEntry[] {
  return node?.kind === "map" ? [...node.entries.values()] : [];
}

/** The items of a list node; none for any other. */
export function itemsOf(node: TreeNode | undefined): TreeNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** The text of a scalar node that holds one. */
export function textOf(node: TreeNode | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** A node without its places. */
export function toPlain(node: TreeNode): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, toPlain(value)]));
}
