import type { Member } from "../../core/cluster_ports.ts";
import type { Term } from "../../core/ports.ts";

/** What one node's part in the election is given. All times are milliseconds. */
export interface ElectionSettings {
  nodeId: string;
  /** Drawn at each start of the node. */
  boot: string;
  /** Partitions are numbered from 0 to this, exclusive. */
  partitions: number;
  /** `T`: how long a node must have been silent, at least, before others take its partitions. */
  electionTimeoutMs: number;
  /** How often a node writes that it lives and looks at the others: a fifth of `T` or less. */
  heartbeatMs: number;
}

/** A node as others see it. */
export type SeenMember = Pick<Member, "nodeId" | "boot" | "holder" | "beat" | "status">;

/** Something that happened to this node. `at`, `askedAt`, `sentAt`: its monotonic clock, in ms. */
export type ElectionInput =
  | { type: "tick"; at: number; /** In `[0, 1)`. */ random: number }
  /** One successful read of members and terms, asked for at `askedAt`. */
  | {
    type: "seen";
    at: number;
    askedAt: number;
    members: readonly SeenMember[];
    terms: readonly Term[];
    /** In `[0, 1)`. */
    random: number;
  }
  | { type: "beatConfirmed"; at: number; sentAt: number }
  | { type: "beatFailed"; at: number }
  /** Every `claim` is answered by one of the next three. */
  | { type: "claimed"; at: number; partition: number; term: number }
  | { type: "claimRefused"; at: number; partition: number }
  /** The store did not answer: the next `seen` tells. */
  | { type: "claimUnknown"; at: number; partition: number }
  /** An append was refused. */
  | { type: "fenced"; at: number; partition: number; term: number }
  /** The node cannot lead it: its journal could not be folded. */
  | { type: "surrender"; at: number; partition: number; term: number }
  /** The release that a `handOver` asked for has been written. */
  | { type: "handedOver"; at: number; partition: number; term: number }
  /** Give everything away and take nothing. */
  | { type: "drain"; at: number };

/** Something to do. */
export type ElectionAction =
  /** Write the node's own member record, unless that is under way. */
  | { type: "beat" }
  /** Read members and terms; when that is under way, once more after it. */
  | { type: "look" }
  | { type: "claim"; partition: number; seenTerm: number }
  /** Fold and start. */
  | { type: "lead"; partition: number; term: number }
  /** Start nothing until `resume`. */
  | { type: "suspend"; partition: number; term: number }
  | { type: "resume"; partition: number; term: number }
  /** Another leads: let go at once, write nothing. */
  | { type: "stepDown"; partition: number; term: number; reason: "deposed" | "fenced" }
  /** Stop if it was started, then release in favour of the heir. */
  | { type: "handOver"; partition: number; term: number; heir: string | null };
