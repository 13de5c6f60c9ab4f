/**
 * 32 bits of a text or of a part of it, from a state: FNV-1a (Fowler, Noll, Vo) over UTF-16 units, then the finaliser of
 * MurmurHash3 (A. Appleby), so that every bit of the input moves every bit of the result.
 */
export function hashText(
  text: string,
  state = 0x811c9dc5,
  start = 0,
  end: number = text.length,
): number {
  let hash = state >>> 0;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

/** The finaliser of MurmurHash3: a one-to-one map of 32 bits without visible pattern. */
export function mix(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in (0, 1), never an end of it, from 32 bits. */
export function toUnit(bits: number): number {
  return (bits + 0.5) / 4_294_967_296;
}
