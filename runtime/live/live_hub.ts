/**
 * What happens to runs, for whoever wants to see it while it happens.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { RunEntry } from "../../core/ports.ts";
import type { RunUpdate } from "../node/denizen_node.ts";
import { AllRunsFeed } from "./all_runs_feed.ts";
import { type EventId, parseEventId } from "./event_id.ts";
import type { FrameLogLimits } from "./frame_log.ts";
import { ListenerTurns } from "./listener_turns.ts";
import type { LiveFrame } from "./live_frame.ts";
import type { LiveNode } from "./live_node.ts";
import { LiveStream } from "./live_stream.ts";
import { PartitionTail } from "./partition_tail.ts";
import { type Permit, PermitWatch } from "./permit_watch.ts";
import { ALL_RUNS, type RunFilter } from "./run_change.ts";
import { RunFeed } from "./run_feed.ts";
import { replayClosed } from "./run_frames.ts";

/** Options of {@linkcode LiveHub.followRun}. */
export interface FollowOptions {
  /** `Last-Event-ID`: only what comes behind it. Default: from the start. */
  after?: string | null;
  /** Whoever listens has gone; {@linkcode LiveStream.close} does the same. */
  signal?: AbortSignal;
  /** What gives the right to listen: once it is good no longer, the stream ends. */
  permit?: Permit;
  /** Called when the stream is over, at least once. */
  onEnd?: () => void;
}

/** Options of {@linkcode LiveHub.followAll}. */
export interface FollowAllOptions extends FollowOptions {
  /** Which runs the listener may hear of. Default: all. */
  filter?: RunFilter;
}

/** Options of {@linkcode LiveHub}. */
export interface LiveHubOptions {
  node: LiveNode;
  /** How often journals are looked at that nobody tells of. Default 250 ms. */
  pollMs?: number;
  /** How often it is looked whether credentials are good still. Default 3 s. */
  checkMs?: number;
  /** What is kept of each run's frames for those who are behind. */
  logLimits?: FrameLogLimits;
  /** Takes out of progress and of words of agents what must not be shown. Default: nothing. */
  clean?: (update: RunUpdate) => RunUpdate;
  /** A store or another node failed for now; it is tried again. */
  onError?: (error: unknown) => void;
}

const POLL_MS = 250;
/** A run that was submitted gets its line soon. */
const PENDING_POLL_MS = 50;

/** A feed, and how many follow it. */
interface Shared<Value> {
  value: Promise<Value>;
  users: number;
}

/** Live streams of one node. */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #tails = new Map<number, Shared<PartitionTail>>();
  readonly #feeds = new Map<string, { feed: RunFeed; tail: PartitionTail; users: number }>();
  /** Tails that are being closed. */
  readonly #closed = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #allRuns: AllRunsFeed;
  readonly #permits: PermitWatch;
  /** Whatever is written to many listeners is written in turns. */
  readonly turns: ListenerTurns = new ListenerTurns();

  constructor(options: LiveHubOptions) {
    this.#options = options;
    this.#permits = new PermitWatch(options.checkMs);
    this.#allRuns = new AllRunsFeed({
      node: options.node,
      turns: this.turns,
      onError: (error) => options.onError?.(error),
    });
    this.#unsubscribe = options.node.subscribe((update) => this.#onUpdate(update));
  }

  /**
   * Everything that happens to a run, from the start or behind `after`: its events as they are in
   * the journal, each once and in order; progress and words of agents in between where this node
   * leads the run; `end` when it has closed. A run that is retried goes on: whoever follows it again,
   * behind the last event that came, gets the rest.
   *
   * @throws {InvalidInputError} `RUN_NOT_FOUND`, `EVENT_ID_INVALID`
   */
  async followRun(runId: string, options: FollowOptions = {}): Promise<LiveStream> {
    const after = options.after == null ? null : parseEventId(options.after);
    const { stores, reader } = this.#options.node;
    const entry = await stores.runs.run(runId);
    if (entry === null) await reader.isShared(runId);
    return this.#stream(options, (signal) => this.#follow(runId, entry, after, signal));
  }

  /**
   * What happens to all runs of the cluster: which opened, closed and went on, gathered into at most
   * four `runs` frames in a second. Whoever is too far behind gets `reset` and reads the lists anew.
   */
  followAll(options: FollowAllOptions = {}): LiveStream {
    const { filter = ALL_RUNS, after = null } = options;
    return this.#stream(options, (signal) => this.#allRuns.follow(filter, after, signal));
  }

  /** Aborts when the node stops. */
  get draining(): AbortSignal {
    return this.#closing.signal;
  }

  /** A signal that aborts when a credential has ended; `release` when nobody listens any more. */
  watchPermit(permit: Permit): { signal: AbortSignal; release: () => void } {
    return this.#permits.watch(permit);
  }

  #stream(
    { signal: gone, permit, onEnd = () => {} }: FollowOptions,
    make: (signal: AbortSignal) => AsyncGenerator<LiveFrame>,
  ): LiveStream {
    const drain = this.#closing.signal;
    if (permit === undefined) return new LiveStream({ gone, drain }, make, onEnd);
    const watched = this.#permits.watch(permit);
    return new LiveStream({ gone, drain, revoked: watched.signal }, make, () => {
      watched.release();
      onEnd();
    });
  }

  async *#follow(
    runId: string,
    known: RunEntry | null,
    after: EventId | null,
    signal: AbortSignal,
  ): AsyncGenerator<LiveFrame> {
    const { stores } = this.#options.node;
    const entry = known ?? await this.#begun(runId, signal);
    if (entry === null || signal.aborted) return;
    if (entry.finishedAt !== null) return yield* replayClosed(stores, entry, after, signal);
    const feed = await this.#join(entry);
    try {
      yield* feed.follow(stores, entry, after, signal);
    } finally {
      this.#leave(entry);
    }
  }

  /** The line of a run that waits for a node to begin it; `null` when nobody waits any more. */
  async #begun(runId: string, signal: AbortSignal): Promise<RunEntry | null> {
    while (!signal.aborted) {
      const entry = await this.#options.node.stores.runs.run(runId);
      if (entry !== null) return entry;
      await sleep(PENDING_POLL_MS, undefined, { signal }).catch(() => {});
    }
    return null;
  }

  async #join({ runId, partition }: RunEntry): Promise<RunFeed> {
    const tail = await this.#openTail(partition);
    const options = { tail, turns: this.turns, limits: this.#options.logLimits };
    const shared = this.#feeds.getOrInsertComputed(
      runId,
      () => ({ feed: new RunFeed(runId, options), tail, users: 0 }),
    );
    shared.users++;
    return shared.feed;
  }

  #openTail(partition: number): Promise<PartitionTail> {
    const { node: { stores: { runs, archive } }, pollMs = POLL_MS } = this.#options;
    const onError = (error: unknown) => this.#options.onError?.(error);
    const shared = this.#tails.getOrInsertComputed(partition, () => ({
      value: PartitionTail.open({ store: runs, archive, partition, pollMs, onError }),
      users: 0,
    }));
    shared.users++;
    // Whoever comes next tries again.
    shared.value.catch(() =>
      this.#tails.get(partition) === shared && this.#tails.delete(partition)
    );
    return shared.value;
  }

  #leave({ runId, partition }: RunEntry): void {
    const followed = this.#feeds.get(runId)!;
    if (--followed.users === 0) {
      this.#feeds.delete(runId);
      followed.tail.forget(runId);
      followed.feed.close();
    }
    const shared = this.#tails.get(partition)!;
    if (--shared.users > 0) return;
    this.#tails.delete(partition);
    const closed = followed.tail.close().finally(() => this.#closed.delete(closed));
    this.#closed.add(closed);
  }

  #onUpdate(update: RunUpdate): void {
    this.#allRuns.apply(update);
    const followed = this.#feeds.get(update.runId);
    if (followed === undefined) return;
    if (update.type === "event") followed.tail.wake();
    else followed.feed.add(this.#options.clean?.(update) ?? update);
  }

  /** Ends all streams, which may be resumed at another node; to be called before the node closes. */
  async close(): Promise<void> {
    this.#unsubscribe();
    this.#closing.abort();
    await this.#allRuns.close();
    // Also those of listeners who take nothing just now, and so have not heard of it.
    const tails = this.#tails.values().map(({ value }) =>
      value.then((tail) => tail.close(), () => {})
    );
    await Promise.all([...tails, ...this.#closed]);
  }
}
