/**
 * What the graph is made of inside. Nodes and edges are read off these when somebody asks: an object
 * of its own for each of 300,000 nodes and 500,000 edges takes 260 MB, these take a fourth.
 *
 * @module
 */
import type { FactList } from "./fact_list.ts";
import type { OutcomeCounts } from "./outcome_counts.ts";

/** Whoever made attempts. */
export interface AgentEntry {
  readonly id: string;
  readonly counts: OutcomeCounts;
  readonly facts: FactList<FactEntry>;
}

/** What tasks asked for. */
export interface CapabilityEntry {
  readonly name: string;
  readonly counts: OutcomeCounts;
  readonly facts: FactList<FactEntry>;
}

/** A distinct problem: the same task of the same workflow and tenant, with the same input. */
export interface TaskEntry {
  /** First 32 hex digits of a SHA-256. */
  readonly hash: string;
  readonly tenant: string | null;
  readonly workflow: string;
  readonly name: string;
  readonly facts: FactList<FactEntry>;
}

/** Words of tasks, of one tenant and one capability. */
export interface TextEntry {
  readonly id: number;
  readonly text: string;
  readonly tenant: string | null;
  readonly capability: string | null;
  readonly facts: FactList<FactEntry>;
}

/** An output: equal ones are one. */
export interface ArtefactEntry {
  /** SHA-256 of its canonical JSON. */
  readonly key: string;
  /** Canonical JSON; `null` when it is no longer kept. */
  json: string | null;
  readonly chars: number;
  readonly facts: FactList<FactEntry>;
  usedAt: number;
  /** Key of the attempt that used it last. */
  usedBy: string;
  rankedAt: number;
  rankedBy: string;
  /** Whether it waits in no queue: it is not kept, or nobody made it any more. */
  isGone: boolean;
}

/** An attempt that ended; a completed one is a solution. */
export interface FactEntry {
  /** `RUN/TASK/INDEX/ATTEMPT`. */
  readonly key: string;
  readonly runId: string;
  readonly task: TaskEntry;
  readonly text: TextEntry;
  readonly index: number;
  readonly attempt: number;
  readonly agent: AgentEntry;
  readonly capability: CapabilityEntry | null;
  readonly codeHash: string | null;
  readonly inputHash: string | null;
  readonly startedAt: number;
  /** When it ended. */
  readonly at: number;
  readonly outcome: "completed" | "failed" | "neutral";
  readonly costUsd: number;
  artefact: ArtefactEntry | null;
  usedAt: number;
  rankedAt: number;
  isGone: boolean;
}
