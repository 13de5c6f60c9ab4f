import MiniSearch from "minisearch";
import { finish, type Steps } from "./steps.ts";
import type { AlikeOptions, AlikeText, TextSimilarity } from "./text_similarity.ts";

/** Words of a text that count, and their length. */
const WORDS_MAX = 64;
const WORD_CHARS_MAX = 40;
/** Entries of the index that one question may touch: about 2.5 µs each. */
const POSTINGS_MAX = 2_000;
/** Texts that are compared in full. */
const COMPARED_MAX = 256;
/** Ids that are looked at where words find nothing. */
const LATEST_MAX = 2_000;
/** Words that the beginning of a word may stand for. */
const COMPLETIONS_MAX = 16;
/** Texts that are taken into the index between two pauses: some 40 µs each. */
const TEXTS_A_STEP = 20;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Likeness of texts by their words. BM25 (S. Robertson, H. Zaragoza, "The Probabilistic Relevance
 * Framework: BM25 and Beyond", 2009; by `minisearch`) finds the candidates. How alike the best of
 * them are is the weighted share of words that both have (the Jaccard index in the form of
 * M. Ružička, 1958, each word weighted by its rarity): 1 for the same words, 0 for none in common,
 * the same in both directions. BM25's own score has no upper end and favours one direction.
 *
 * Words that stand in very many texts tell little and cost the most: the rarest words of a question
 * are looked up first, until 2,000 entries of the index were touched.
 *
 * The index takes most of the time and memory of a graph, and many a node is never asked for words.
 * So texts are only kept until the first question: it, or `prepare()` before it, makes the index.
 */
export class WordSimilarity implements TextSimilarity {
  readonly #miniSearch = new MiniSearch<{ id: number; text: string }>({
    fields: ["text"],
    tokenize: wordsOf,
    processTerm: (word) => word,
    autoVacuum: false,
  });
  readonly #texts = new Map<number, string>();
  /** Texts that have a word. */
  readonly #counts = new Map<string, number>();
  #lastId = -1;
  /** Texts up to this id are in the index. */
  #indexedTo = -1;
  /** Whether everything is in the index, and what comes goes there at once. */
  #isPrepared = false;

  get size(): number {
    return this.#texts.size;
  }

  add(id: number, text: string): void {
    if (this.#texts.has(id)) return;
    this.#texts.set(id, text);
    this.#lastId = Math.max(this.#lastId, id);
    if (this.#isPrepared) this.#index(id, text);
  }

  remove(id: number, text: string): void {
    if (!this.#texts.delete(id) || id > this.#indexedTo) return;
    this.#miniSearch.remove({ id, text });
    for (const word of new Set(wordsOf(text))) {
      const left = this.#counts.get(word)! - 1;
      if (left === 0) this.#counts.delete(word);
      else this.#counts.set(word, left);
    }
  }

  *prepare(): Steps<void> {
    let count = 0;
    while (this.#indexedTo < this.#lastId) {
      const id = this.#indexedTo + 1;
      const text = this.#texts.get(id);
      if (text === undefined) this.#indexedTo = id;
      else this.#index(id, text);
      if (++count % TEXTS_A_STEP === 0) yield;
    }
    this.#isPrepared = true;
  }

  #index(id: number, text: string): void {
    this.#indexedTo = id;
    this.#miniSearch.add({ id, text });
    for (const word of new Set(wordsOf(text))) {
      this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    }
  }

  alike(text: string, { limit, accept, isRepeatable = false }: AlikeOptions): AlikeText[] {
    finish(this.prepare());
    const bag = countWords(wordsOf(text));
    const words = [...bag.keys()];
    const found = this.#find(words, accept);
    const ids = found.length === 0 && !isRepeatable ? this.#latestWith(words, accept) : found;
    return ids
      .map((id) => ({
        id,
        similarity: this.#share(bag, countWords(wordsOf(this.#texts.get(id)!))),
      }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, limit);
  }

  /** Texts that have words of the question, best first; its last word may be a beginning. */
  find(question: string, { limit, accept }: Omit<AlikeOptions, "isRepeatable">): number[] {
    finish(this.prepare());
    const words = wordsOf(question);
    const last = words.at(-1);
    if (last !== undefined && !this.#counts.has(last)) words.push(...this.#completions(last));
    const found = this.#find(words, accept);
    return (found.length === 0 ? this.#latestWith(words, accept) : found).slice(0, limit);
  }

  /** In an order that does not depend on the one in which texts came. */
  #find(words: readonly string[], accept: (id: number) => boolean): number[] {
    const rare = this.#rarest(words);
    if (rare.length === 0) return [];
    return this.#miniSearch.search(rare.join(" "), { filter: ({ id }) => accept(id) })
      .map(({ id, score }) => ({ id, text: this.#texts.get(id)!, rank: Math.round(score * 1e6) }))
      .sort((a, b) => b.rank - a.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .slice(0, COMPARED_MAX)
      .map(({ id }) => id);
  }

  /** The rarest words that are known, as many as may be looked up. */
  #rarest(words: readonly string[]): string[] {
    const known = [...new Set(words)].filter((word) => this.#counts.has(word));
    known.sort((a, b) => this.#counts.get(a)! - this.#counts.get(b)! || (a < b ? -1 : 1));
    let left = POSTINGS_MAX;
    return known.filter((word) => (left -= this.#counts.get(word)!) >= 0);
  }

  /** Where every known word is in very many texts, those that came last will do as well. */
  #latestWith(words: readonly string[], accept: (id: number) => boolean): number[] {
    const wanted = new Set(words.filter((word) => this.#counts.has(word)));
    if (wanted.size === 0) return [];
    const found: number[] = [];
    for (let id = this.#lastId; id > this.#lastId - LATEST_MAX && id >= 0; id--) {
      const text = this.#texts.get(id);
      if (text === undefined || !accept(id)) continue;
      if (wordsOf(text).some((word) => wanted.has(word))) found.push(id);
      if (found.length === COMPARED_MAX) break;
    }
    return found;
  }

  #completions(beginning: string): string[] {
    const found: string[] = [];
    for (const word of this.#counts.keys()) {
      if (word.startsWith(beginning)) found.push(word);
    }
    return found.sort().slice(0, COMPLETIONS_MAX);
  }

  /** Words in common by words in all, each as often as it stands there, by its weight. */
  #share(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
    let [common, all] = [0, 0];
    for (const word of [...new Set([...a.keys(), ...b.keys()])].sort()) {
      const [inA, inB, weight] = [a.get(word) ?? 0, b.get(word) ?? 0, this.#weight(word)];
      common += Math.min(inA, inB) * weight;
      all += Math.max(inA, inB) * weight;
    }
    return all === 0 ? 0 : common / all;
  }

  /** How much a word tells: the inverse document frequency of BM25, never zero. */
  #weight(word: string): number {
    const count = this.#counts.get(word) ?? 0;
    return Math.log(1 + (this.#texts.size - count + 0.5) / (count + 0.5));
  }
}

/** The words of a text: letters and digits of any script, lower case. */
export function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? [];
  return words.slice(0, WORDS_MAX).map((word) => word.slice(0, WORD_CHARS_MAX));
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
