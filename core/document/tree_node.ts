/**
 * A file as a tree of nodes that know where they stand, and the ways through it.
 *
 * @module
 */
import type { Json } from "../json.ts";
import type { Place } from "./issue_list.ts";

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

/** Follows an RFC 6901 pointer as far as it leads. */
export function nodeAt(root: TreeNode, pointer: string): TreeNode {
  let node = root;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const next = memberOf(node, key) ?? itemsOf(node)[Number(key)];
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

/** A node without its places. */
export function toPlain(node: TreeNode): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, toPlain(value)]));
}
