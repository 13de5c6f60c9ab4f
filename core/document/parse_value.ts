/**
 * A value of JavaScript as a tree, so that what is declared in code meets the same checks as a file.
 *
 * @module
 */
import { reportDepth, reportProto } from "./convert_document.ts";
import { IssueList, type Place } from "./issue_list.ts";
import { type DocumentWords, requireMap } from "./parse_tree.ts";
import type { MapEntry, MapNode, TreeNode } from "./tree_node.ts";

/** Values at every depth: about what a file of the largest size holds. */
const VALUES_MAX = 262_144;

const DEPTH_MAX = 64;

/**
 * Takes a value apart; `root` is `null` when it is no JSON object. There are no lines in it: issues
 * have line and column 0 and tell their place by the pointer.
 *
 * @param name what issues call it where they would name a file
 */
export function parseValue(
  value: unknown,
  name: string,
  words: DocumentWords,
): { root: MapNode | null; issues: IssueList } {
  const issues = new IssueList(name, () => ({ line: 0, column: 0 }));
  const root = new ValueReader(issues).read(value, "", 0);
  if (root === null || issues.hasErrors) return { root: null, issues };
  return { root: requireMap(root, words, issues), issues };
}

/** Places are numbered, so that issues keep the order of the value. */
class ValueReader {
  #values = 0;

  constructor(readonly issues: IssueList) {}

  /** `null`: what is wrong has been reported. */
  read(value: unknown, pointer: string, depth: number): TreeNode | null {
    const place = { offset: this.#values++, pointer };
    if (this.#isFull) return this.#refuseSize();
    if (depth > DEPTH_MAX) return reportDepth(place, this.issues), null;
    if (Array.isArray(value)) return this.#readList(value, place, depth);
    if (isPlainObject(value)) return this.#readMap(value, place, depth);
    if (typeof value === "string") {
      return { kind: "scalar", value, raw: JSON.stringify(value), style: "double", ...place };
    }
    if (value === null || typeof value === "boolean" || Number.isFinite(value)) {
      const scalar = value as null | boolean | number;
      return { kind: "scalar", value: scalar, raw: String(scalar), style: "plain", ...place };
    }
    this.issues.add(place, {
      code: "WRONG_TYPE",
      message: `Cannot accept ${pointer || "the value"}: it is ${nameOf(value)}, which is no JSON`,
      hint: "Use texts, finite numbers, true, false, null, arrays and plain objects",
    });
    return null;
  }

  #readList(value: readonly unknown[], place: Place, depth: number): TreeNode | null {
    if (value.length > VALUES_MAX) return this.#refuseSize();
    const items: TreeNode[] = [];
    for (let i = 0; i < value.length; i++) {
      const item = this.read(value[i], `${place.pointer}/${i}`, depth + 1);
      if (item !== null) items.push(item);
      if (this.#isFull) return null;
    }
    return { kind: "list", items, ...place };
  }

  #readMap(value: Record<string, unknown>, place: Place, depth: number): TreeNode | null {
    const keys = Object.keys(value);
    const entries = new Map<string, MapEntry>();
    for (const key of keys) {
      // As in JSON.stringify: a member that is undefined is not there.
      if (value[key] === undefined) continue;
      const at = {
        offset: this.#values++,
        pointer: `${place.pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
      };
      if (key === "__proto__") {
        reportProto(at, this.issues);
        continue;
      }
      const node = this.read(value[key], at.pointer, depth + 1);
      if (node !== null) entries.set(key, { key, place: at, value: node });
      if (this.#isFull) return null;
    }
    return { kind: "map", entries, ...place };
  }

  get #isFull(): boolean {
    return this.#values > VALUES_MAX;
  }

  #refuseSize(): null {
    this.#values = VALUES_MAX + 1;
    this.issues.add({ offset: 0, pointer: "" }, {
      code: "FILE_TOO_LARGE",
      message: `Cannot accept more than ${VALUES_MAX} values`,
      hint: "Move data into files, and give their paths",
    });
    return null;
  }
}

/** Whether its members are all there is to it. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "number") return String(value);
  return typeof value === "object" ? "an object of a class" : `a ${typeof value}`;
}
