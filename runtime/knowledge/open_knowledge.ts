/**
 * Knowledge as a projection of the journals: read from nothing at first, then kept up to date with
 * every partition, whichever process leads it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { TenantEvidence } from "../../actors/assignment/mod.ts";
import { CapabilityTree, KNOWLEDGE_LIMITS, KnowledgeGraph } from "../../actors/knowledge/mod.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { JournalRecord, Term } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { DeletedRuns } from "./deleted_runs.ts";
import { readLost } from "./histories.ts";
import type { KnowledgeBase, KnowledgeOptions, KnowledgeProgress } from "./knowledge_base.ts";
import { Pace } from "./pace.ts";
import { PartitionFollower } from "./partition_follower.ts";
import { Projection } from "./projection.ts";

const POLL_MS = 1_000;
/** How often it is looked for what is too old or was deleted. */
const TIDY_EVERY_MS = 600_000;

/** Knows nothing, and reads nothing, before it is asked whether it is ready. */
export function openKnowledge(options: KnowledgeOptions): KnowledgeBase {
  return new JournalKnowledge(options);
}

class JournalKnowledge implements KnowledgeBase {
  readonly graph: KnowledgeGraph;
  readonly evidence: TenantEvidence;
  readonly #options: KnowledgeOptions;
  readonly #projection: Projection;
  readonly #deleted: DeletedRuns;
  #tidiedAt = 0;
  readonly #followers = new Map<number, PartitionFollower>();
  /** Terms of partitions that nobody led when they were read to the end. */
  readonly #quiet = new Map<number, number>();
  readonly #listeners = new Set<() => void>();
  #change: ReturnType<typeof setTimeout> | undefined;
  #ready: Promise<void> | null = null;
  #textsReady: Promise<void> | null = null;
  /** Everything that reads is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** A look that has not begun: whoever asks now is served by it. */
  #nextLook: Promise<void> | null = null;
  #isDrainDue = false;
  #rebuildMs: number | null = null;
  readonly #end = new AbortController();

  constructor(options: KnowledgeOptions) {
    this.#options = options;
    this.graph = new KnowledgeGraph(options.limits);
    this.evidence = new TenantEvidence();
    this.setTree(options.tree ?? new CapabilityTree());
    this.#deleted = new DeletedRuns(options.limits?.factsMax ?? KNOWLEDGE_LIMITS.factsMax);
    this.#projection = new Projection(this.graph, this.evidence, (runId) => {
      this.#deleted.note(runId);
      this.#noteChange();
    });
  }

  setTree(tree: CapabilityTree, seenBy?: (tenant: string | null) => CapabilityTree): void {
    this.graph.setCapabilities(tree, seenBy);
    this.evidence.setTree(tree, seenBy);
  }

  ready(): Promise<void> {
    if (this.#ready === null) {
      const begunAt = performance.now();
      this.#ready = this.#look().then(() => this.#learn()).then(() => {
        this.#rebuildMs = performance.now() - begunAt;
        void this.#poll();
      });
      this.#ready.catch(() => this.#ready = null);
    }
    return this.#ready;
  }

  readyForTexts(): Promise<void> {
    if (this.#textsReady === null) {
      this.#textsReady = this.ready()
        .then(() => this.#inSlices(this.graph.inSteps.prepareTexts()));
      this.#textsReady.catch(() => this.#textsReady = null);
    }
    return this.#textsReady;
  }

  /** The next question would else learn from all attempts at once, and hold up everybody. */
  async #learn(): Promise<void> {
    await this.#inSlices(this.evidence.learn());
  }

  async #inSlices(steps: Iterable<void>): Promise<void> {
    const pace = new Pace();
    for (const _ of steps) {
      if (pace.isOver()) await pace.rest();
      this.#requireOpen();
    }
  }

  async refresh(): Promise<void> {
    await this.ready();
    await this.#look();
  }

  offer(
    partition: number,
    firstSeq: number,
    records: readonly JournalRecord<RunEvent>[],
    term?: number,
  ): void {
    // What comes before is read from the journal.
    if (this.#ready === null || this.#end.signal.aborted) return;
    this.#follower(partition).offer({ firstSeq, records, term });
    if (this.#isDrainDue || this.#rebuildMs === null) return;
    this.#isDrainDue = true;
    this.#inTurn(async () => {
      this.#isDrainDue = false;
      await this.#drain();
    }).catch((error) => this.#tell(error));
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  stats(): KnowledgeProgress {
    const followers = [...this.#followers.values()];
    return {
      state: this.#state(),
      partitions: followers.length,
      waiting: followers.reduce((sum, { waiting }) => sum + waiting, 0),
      events: this.#projection.events,
      rebuildMs: this.#rebuildMs,
    };
  }

  #state(): KnowledgeProgress["state"] {
    if (this.#end.signal.aborted) return "closed";
    if (this.#ready === null) return "idle";
    return this.#rebuildMs === null ? "rebuilding" : "following";
  }

  async close(): Promise<void> {
    this.#end.abort();
    clearTimeout(this.#change);
    await this.#textsReady?.catch(() => {});
    await this.#last;
  }

  // --- reading ---

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #poll(): Promise<void> {
    const { pollMs = POLL_MS } = this.#options;
    const { signal } = this.#end;
    while (pollMs > 0 && !signal.aborted) {
      await sleep(pollMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await this.#look(true).catch((error) => this.#tell(error));
    }
  }

  /**
   * Reads all partitions to their ends.
   *
   * @param isRoutine what is sure to be offered need not be looked for
   */
  #look(isRoutine = false): Promise<void> {
    if (isRoutine) return this.#inTurn(() => this.#readAll(true));
    this.#nextLook ??= this.#inTurn(() => {
      this.#nextLook = null;
      return this.#readAll(false);
    });
    return this.#nextLook;
  }

  async #readAll(isRoutine: boolean): Promise<void> {
    const terms = await this.#options.stores.runs.terms();
    for (const term of terms) await this.#readPartition(term, isRoutine);
    for (let lost = this.#lost(); lost.length > 0; lost = this.#lost()) {
      await readLost(lost, {
        ...this.#options,
        projection: this.#projection,
        isFull: () => this.#isFull(),
        keepUp: () => this.#keepUp(terms),
        onTrouble: (error) => this.#tell(error),
      });
      this.#requireOpen();
    }
    await this.#drain();
    await this.#tidy();
  }

  /** What is known of deleted runs goes, and what is too old for the graph; evidence fades by itself. */
  async #tidy(): Promise<void> {
    const now = performance.now();
    const { tidyEveryMs = TIDY_EVERY_MS, stores } = this.#options;
    if (this.#rebuildMs !== null && now - this.#tidiedAt < tidyEveryMs) return;
    this.#tidiedAt = now;
    let forgotten = this.graph.trim(this.#options.now());
    const deleted = await this.#deleted.find(stores.runs);
    for (const runId of deleted) forgotten += this.graph.forget(runId);
    if (deleted.length > 0) {
      await this.#inSlices(this.evidence.forgetRuns(new Set(deleted)));
      await this.#learn();
    }
    if (forgotten > 0 || deleted.length > 0) this.#noteChange();
  }

  #lost(): PartitionFollower[] {
    return [...this.#followers.values()].filter(({ lostSince }) => lostSince !== null);
  }

  /** Later what is missing is new. */
  #isFull(): boolean {
    const { factsMax = KNOWLEDGE_LIMITS.factsMax } = this.#options.limits ?? {};
    return this.#rebuildMs === null && this.#projection.added >= factsMax;
  }

  async #readPartition({ partition, term, holder }: Term, isRoutine: boolean): Promise<void> {
    const follower = this.#follower(partition);
    if (follower.lostSince !== null) return;
    // Nobody has led it since it was read to its end.
    if (this.#quiet.get(partition) === term && holder === null) return;
    if (isRoutine && follower.term === term && holder !== null) return;
    await follower.read();
    if (holder === null) this.#quiet.set(partition, term);
    this.#requireOpen();
  }

  async #keepUp(terms: readonly Term[]): Promise<void> {
    this.#requireOpen();
    await this.#drain();
    for (const term of terms) await this.#readPartition(term, true);
  }

  async #drain(): Promise<void> {
    for (const follower of this.#followers.values()) await follower.drain();
  }

  #follower(partition: number): PartitionFollower {
    const { stores } = this.#options;
    return this.#followers.getOrInsertComputed(
      partition,
      () => new PartitionFollower(partition, stores, this.#projection),
    );
  }

  #requireOpen(): void {
    if (!this.#end.signal.aborted) return;
    throw new UnavailableError("NODE_STOPPED", {
      message: "Stopped to read the journals",
      hint: "Open the knowledge again",
    });
  }

  // --- news ---

  #tell(error: unknown): void {
    if (!this.#end.signal.aborted) this.#options.onTrouble?.(error);
  }

  #noteChange(): void {
    if (this.#end.signal.aborted) return;
    this.#change ??= setTimeout(() => {
      this.#change = undefined;
      for (const listener of this.#listeners) listener();
    }, 0);
  }
}
