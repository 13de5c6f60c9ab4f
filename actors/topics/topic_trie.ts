import { normalSegments } from "./pattern.ts";

/** What all patterns with the same beginning share. */
interface TrieNode<V> {
  /** By segment; `*` and `**` are keys like others, as no topic has them. */
  readonly children: Map<string, TrieNode<V>>;
  /** Of the patterns that end here. */
  readonly values: Set<V>;
}

/**
 * Values by topic pattern. A match follows all patterns at once, segment by segment, as a
 * nondeterministic automaton (K. Thompson, "Regular Expression Search Algorithm", CACM 1968): it
 * costs what the topic's segments and the stars on their way cost, not what subscriptions there are.
 */
export class TopicTrie<V> {
  readonly #root: TrieNode<V> = createNode();
  #size = 0;

  /** Values under all patterns. */
  get size(): number {
    return this.#size;
  }

  /** Adds `value` under `pattern`; nothing when it is there already. */
  add(pattern: string, value: V): void {
    let node = this.#root;
    for (const segment of normalSegments(pattern)) {
      let child = node.children.get(segment);
      if (child === undefined) node.children.set(segment, child = createNode());
      node = child;
    }
    if (!node.values.has(value)) this.#size++;
    node.values.add(value);
  }

  /** Removes `value` from `pattern`, and what led only there; whether it was there. */
  remove(pattern: string, value: V): boolean {
    const path: [parent: TrieNode<V>, segment: string][] = [];
    let node = this.#root;
    for (const segment of normalSegments(pattern)) {
      const child = node.children.get(segment);
      if (child === undefined) return false;
      path.push([node, segment]);
      node = child;
    }
    if (!node.values.delete(value)) return false;
    this.#size--;
    for (const [parent, segment] of path.reverse()) {
      const child = parent.children.get(segment)!;
      if (child.children.size > 0 || child.values.size > 0) break;
      parent.children.delete(segment);
    }
    return true;
  }

  /** The values of all patterns that cover `topic`; one that stands under several comes once. */
  match(topic: string): Set<V> {
    let places = new Set<TrieNode<V>>();
    let open = new Set<TrieNode<V>>();
    enter(this.#root, places, open);
    for (const segment of topic.split(".")) {
      const nextPlaces = new Set<TrieNode<V>>();
      const nextOpen = new Set<TrieNode<V>>();
      for (const node of places) {
        const exact = node.children.get(segment);
        if (exact !== undefined) enter(exact, nextPlaces, nextOpen);
        const any = node.children.get("*");
        if (any !== undefined) enter(any, nextPlaces, nextOpen);
      }
      for (const node of open) {
        nextOpen.add(node);
        nextPlaces.add(node);
      }
      places = nextPlaces;
      open = nextOpen;
    }
    const found = new Set<V>();
    for (const node of places) for (const value of node.values) found.add(value);
    return found;
  }
}

/**
 * Stands at `node`, and at once behind its `**`, which may cover nothing. `open` are the places
 * behind a `**`: they stay whatever comes. No second `**` follows there, as segments are normal.
 */
function enter<V>(node: TrieNode<V>, places: Set<TrieNode<V>>, open: Set<TrieNode<V>>): void {
  places.add(node);
  const behind = node.children.get("**");
  if (behind === undefined) return;
  places.add(behind);
  open.add(behind);
}

function createNode<V>(): TrieNode<V> {
  return { children: new Map(), values: new Set() };
}
