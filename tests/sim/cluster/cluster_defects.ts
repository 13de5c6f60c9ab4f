/** Mistakes that a cluster could make; the checkers must see each. */
export type ClusterDefect =
  // Of the store.
  | "no fence"
  | "no compare-and-set"
  // Of the election and what surrounds it.
  | "claims at once"
  | "lease ignored"
  | "lease counted from the answer"
  | "wall clock trusted"
  | "no step-down on a seen term"
  // Of leading.
  | "frame before commit"
  | "ack before commit"
  | "step acknowledged before commit"
  | "unknown append forgotten"
  | "double release"
  | "no attempt check"
  | "events of the last leader not folded"
  | "snapshot off by one"
  | "snapshot of what is not durable"
  | "compaction takes a segment too many"
  // Of inboxes, letters and attempts elsewhere.
  | "lost inbox entry"
  | "handled ids in another append"
  | "handled wishes forgotten"
  | "lost before the inbox is read"
  | "stale adoption"
  | "nothing adopted"
  | "letters lost without lose"
  | "cancelled before commit"
  | "own attempts taken for granted"
  | "answers dropped at step-down"
  | "places of lost frames kept";
