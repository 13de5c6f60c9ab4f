/** What a value is assigned to. */
export interface Member {
  /** Names it; a tie of two with the same receiver goes by this. */
  id: string;
  /** The receiver: it keeps its values when it subscribes anew under another id. */
  to: string;
}

/**
 * The member for a value by rendezvous hashing: the one with the highest score of value and member.
 * The same value finds the same member; when one leaves only its values move, and when one comes
 * it takes its share and nothing else moves (D. Thaler, C. Ravishankar, "Using Name-Based Mappings
 * to Increase Hit Rates", IEEE/ACM Transactions on Networking 6(1), 1998).
 *
 * @param members at least one, in any order
 */
export function chooseMember<M extends Member>(value: string, members: readonly M[]): M {
  const ofValue = hash(value);
  let best = members[0]!;
  let bestScore = -1;
  for (const member of members) {
    const score = mix(ofValue ^ Math.imul(hash(member.to), 0x9e3779b1)) >>> 0;
    if (score > bestScore || (score === bestScore && comesFirst(member, best))) {
      best = member;
      bestScore = score;
    }
  }
  return best;
}

function comesFirst(a: Member, b: Member): boolean {
  return a.to === b.to ? a.id < b.id : a.to < b.to;
}

/** FNV-1a over UTF-16 units (G. Fowler, L. C. Noll, K.-P. Vo), then mixed. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

/** The finaliser of MurmurHash3 (A. Appleby): every bit of the input moves half of the output. */
function mix(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
