import { hashText } from "./random.ts";

/** Words of a task that are looked at: the first ones. */
const WORDS_MAX = 32;

const NONE: Uint32Array = new Uint32Array(0);

/** Items of a task often have one text: its words are looked for, and kept, once. */
let last = { text: "", words: NONE };

/** The words of a text, hashed; each once, in the order of their hashes. Not to be changed. */
export function wordsOf(text: string): Uint32Array {
  if (text !== last.text) last = { text, words: findWords(text) };
  return last.words;
}

function findWords(text: string): Uint32Array {
  const found = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu);
  if (found === null) return NONE;
  const hashes = new Set<number>();
  for (const word of found) {
    hashes.add(hashText(word));
    if (hashes.size === WORDS_MAX) break;
  }
  return Uint32Array.from(hashes).sort();
}
