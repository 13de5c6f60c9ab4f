/**
 * Turns the nodes of `yaml` into ours: aliases followed, keys checked.
 *
 * @module
 */
import type { Alias, Document, Node as YamlNode, Scalar } from "yaml";
import defer * as yaml from "yaml";
import type { IssueList, Place } from "./issue_list.ts";
import type { MapEntry, MapNode, ScalarNode, TreeNode } from "./tree_node.ts";

/** Most nodes after aliases are followed, so that a few lines cannot become millions. */
const ALIASED_NODES_MAX = 10_000;

const DEPTH_MAX = 64;

/** Turns a document into a tree; `null` when that had to stop. */
export function convertDocument(
  document: Document.Parsed,
  text: string,
  issues: IssueList,
): TreeNode | null {
  const converter = new Converter(document, text, issues);
  return document.contents === null ? null : converter.convert(document.contents, "", 0);
}

/** Reports that values nest too deep. */
export function reportDepth(place: Place, issues: IssueList): void {
  issues.add(place, {
    code: "NESTING_TOO_DEEP",
    message: `Cannot accept values that nest more than ${DEPTH_MAX} deep`,
    hint: "Check the indentation and the brackets, or make the structure flatter",
  });
}

/** Reports the key that would change what an object is. */
export function reportProto(place: Place, issues: IssueList): void {
  issues.add(place, {
    code: "DANGEROUS_KEY",
    message: 'Cannot accept the key "__proto__": it has a special meaning in JavaScript',
    hint: "Choose another name",
  });
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
    reportProto(place, this.issues);
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
