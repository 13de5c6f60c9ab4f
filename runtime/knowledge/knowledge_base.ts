import type {
  CapabilityTree,
  KnowledgeGraph,
  KnowledgeLimits,
} from "../../actors/knowledge/mod.ts";
import type { TenantEvidence } from "../../actors/assignment/mod.ts";
import type { ArchiveStore } from "../../core/archive_ports.ts";
import type { JournalRecord, Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";

/** Where the journals are. */
export interface KnowledgeStores {
  runs: Store<RunEvent>;
  archive: ArchiveStore<RunEvent>;
}

/** Options of {@linkcode openKnowledge}. */
export interface KnowledgeOptions {
  stores: KnowledgeStores;
  /** Epoch milliseconds: what is too old is forgotten. */
  now: () => number;
  /** Which capability is narrower than which, until {@linkcode KnowledgeBase.setTree} says more. */
  tree?: CapabilityTree;
  limits?: Partial<KnowledgeLimits>;
  /** How often other nodes' partitions are looked at; 0: only by `refresh()`. Default 1 s. */
  pollMs?: number;
  /** How often what is too old or was deleted is forgotten. Default 10 min. */
  tidyEveryMs?: number;
  /** What could not be read; it is tried again with the next look. */
  onTrouble?: (error: unknown) => void;
}

/** What stands behind {@linkcode KnowledgeBase.stats}. */
export interface KnowledgeProgress {
  /** `idle`: nobody has asked yet. */
  state: "idle" | "rebuilding" | "following" | "closed";
  /** Partitions that are followed. */
  partitions: number;
  /** Events that were offered and are not in yet. */
  waiting: number;
  /** Events that were read or offered, since the start. */
  events: number;
  /** How long the rebuild took; `null` before its end. */
  rebuildMs: number | null;
}

/** What was learnt from all journals of a store, kept up to date. */
export interface KnowledgeBase {
  readonly graph: KnowledgeGraph;
  /** Each tenant's by itself. */
  readonly evidence: TenantEvidence;
  /**
   * Resolves once everything that the journals held when it was first called is in. The first call
   * begins to read.
   *
   * @throws {UnavailableError} `STORE_UNAVAILABLE`; the next call tries again
   */
  ready(): Promise<void>;
  /**
   * Resolves once texts can be compared, too, without holding up others: `recall`, `search`, and
   * `reusable` of like input. The first call begins to prepare that. Throws as `ready` does.
   */
  readyForTexts(): Promise<void>;
  /** Resolves once everything journalled by now, on whichever node, is in. Throws as `ready` does. */
  refresh(): Promise<void>;
  /**
   * Takes a commit of this process, once it is durable. Answers at once: it is read in slices.
   *
   * @param term of the fence that wrote it: commits of one term follow each other without a gap
   */
  offer(
    partition: number,
    firstSeq: number,
    records: readonly JournalRecord<RunEvent>[],
    term?: number,
  ): void;
  setTree(tree: CapabilityTree, seenBy?: (tenant: string | null) => CapabilityTree): void;
  /** Calls `listener` after something was learnt, once for all that came together. */
  onChange(listener: () => void): () => void;
  stats(): KnowledgeProgress;
  /** Resolves when nothing of it is under way. */
  close(): Promise<void>;
}
