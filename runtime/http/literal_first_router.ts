import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Finds routes whose path is written out by one look, and the others by hono's trie. A path that is
 * written out in a route is that one's, though a name in another would fit it too; there is nothing
 * that stands before several routes.
 */
export class LiteralFirstRouter<T> implements Router<T> {
  readonly name = "LiteralFirstRouter";
  readonly #literal = new Map<string, Result<T>>();
  readonly #trie = new TrieRouter<T>();

  add(method: string, path: string, handler: T): void {
    if (/[:*{]/.test(path)) return this.#trie.add(method, path, handler);
    const key = `${method} ${path}`;
    const [before = []] = this.#literal.get(key) ?? [];
    const handlers = (before as [T, Record<string, string>][]).map(([one]) => one);
    this.#literal.set(key, [[...handlers, handler].map((one) => [one, {}])]);
  }

  match(method: string, path: string): Result<T> {
    return this.#literal.get(`${method} ${path}`) ?? this.#trie.match(method, path);
  }
}
