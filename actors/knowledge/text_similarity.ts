import type { Steps } from "./steps.ts";

/** A text that is like another. */
export interface AlikeText {
  id: number;
  /** 0 to 1; 1 for the same words. */
  similarity: number;
}

/** What to answer. */
export interface AlikeOptions {
  limit: number;
  /** Only those that it lets in. */
  accept: (id: number) => boolean;
  /** Only what does not depend on the order in which texts came: for choices. */
  isRepeatable?: boolean;
}

/**
 * Finds texts by likeness. What lies behind it may be words, as in {@linkcode WordSimilarity}, or
 * vectors of a model: the graph only adds, removes and asks.
 */
export interface TextSimilarity {
  readonly size: number;
  /**
   * Does in steps what the first question would else do at once: from then on each text is taken in
   * as it comes. Texts may come and go between two steps.
   */
  prepare(): Steps<void>;
  /** Ids grow with time. */
  add(id: number, text: string): void;
  /** `text` is what the id was added with. */
  remove(id: number, text: string): void;
  /** The most alike first. */
  alike(text: string, options: AlikeOptions): AlikeText[];
  /** What a person may mean by a few words, the best first: ids. */
  find(question: string, options: Omit<AlikeOptions, "isRepeatable">): number[];
}
