import { hashText } from "./random.ts";

/** Words of a task that are looked at: the first ones. */
const WORDS_MAX = 32;

const NONE: Uint32Array = new Uint32Array(0);

/** By ASCII code: whether it belongs to a word, once it is lower case. */
const IN_WORD: readonly boolean[] = Array.from(
  { length: 128 },
  (_, code) => /[a-z0-9_]/.test(String.fromCharCode(code)),
);

/** Items of a task often have one text: its words are looked for, and kept, once. */
let last = { text: "", words: NONE };

/** The words of a text, hashed; each once, in the order of their hashes. Not to be changed. */
export function wordsOf(text: string): Uint32Array {
  if (text !== last.text) last = { text, words: findWords(text) };
  return last.words;
}

function findWords(text: string): Uint32Array {
  const lower = text.toLowerCase();
  return findAsciiWords(lower) ?? findAllWords(lower);
}

/** Words of one attempt, in the order of their hashes. */
const found = new Uint32Array(WORDS_MAX);

/** As {@linkcode findAllWords}, in a fifth of the time; `null` where a word is not of ASCII alone. */
function findAsciiWords(lower: string): Uint32Array | null {
  let [count, start] = [0, -1];
  for (let at = 0; at <= lower.length && count < WORDS_MAX; at++) {
    const code = at === lower.length ? 0 : lower.charCodeAt(at);
    if (code >= IN_WORD.length) return null;
    if (IN_WORD[code]) {
      if (start < 0) start = at;
    } else if (start >= 0) {
      count = insert(hashText(lower, undefined, start, at), count);
      start = -1;
    }
  }
  return count === 0 ? NONE : found.slice(0, count);
}

/** Puts a hash in its place among the first `count` that were found; returns how many there are. */
function insert(hash: number, count: number): number {
  let place = count;
  while (place > 0 && found[place - 1]! > hash) place--;
  if (place > 0 && found[place - 1] === hash) return count;
  found.copyWithin(place + 1, place, count);
  found[place] = hash;
  return count + 1;
}

function findAllWords(lower: string): Uint32Array {
  const hashes = new Set<number>();
  for (const [word] of lower.matchAll(/[\p{L}\p{N}_]+/gu)) {
    hashes.add(hashText(word));
    if (hashes.size === WORDS_MAX) break;
  }
  return hashes.size === 0 ? NONE : Uint32Array.from(hashes).sort();
}
