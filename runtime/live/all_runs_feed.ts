import type { RunUpdate } from "../node/denizen_node.ts";
import { loadPlan } from "../node/packages.ts";
import type { ListenerTurns } from "./listener_turns.ts";
import type { LiveFrame } from "./live_frame.ts";
import type { LiveNode } from "./live_node.ts";
import { PeerChanges } from "./peer_changes.ts";
import { PrivateRuns } from "./private_runs.ts";
import { mergeChanges, type RunChange, type RunFilter } from "./run_change.ts";
import { RunsBoard } from "./runs_board.ts";
import { RunsChannel } from "./runs_channel.ts";

/** Frames are so far apart at least: four in a second, fewer when very many listen. */
const TICK_MS = 250;
const TICK_MS_MAX = 2_000;
const TICK_MS_PER_LISTENER = 2;
/** How often the run list is looked at for runs that no node leads. */
const LIST_MS = 1_000;
/** A channel is kept for so long for listeners that come back. */
const LINGER_MS = 10_000;
/** Runs of which nothing is heard for so long are looked up again when something is. */
const SWEEP_MS = 600_000;
/** Plans whose tasks were counted. */
const COUNTS_MAX = 1_000;

export interface AllRunsOptions {
  node: Omit<LiveNode, "subscribe">;
  turns: ListenerTurns;
  onError: (error: unknown) => void;
}

/** A channel, and since when nobody listens to it. */
interface OpenChannel {
  channel: RunsChannel;
  idleAt: number;
}

/** What happens to all runs of the cluster, gathered, for many listeners. */
export class AllRunsFeed {
  readonly #options: AllRunsOptions;
  readonly #board: RunsBoard;
  readonly #peers: PeerChanges;
  readonly #private: PrivateRuns;
  readonly #channels = new Map<string, OpenChannel>();
  readonly #taskCounts = new Map<string, Promise<number>>();
  #pending = new Map<string, RunChange>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listedAt = 0;
  #listing: Promise<void> | null = null;
  #sweptAt = performance.now();
  #hasGap = false;

  constructor(options: AllRunsOptions) {
    const { node, turns, onError } = options;
    this.#options = options;
    this.#board = new RunsBoard({
      entry: (runId) => node.stores.runs.run(runId),
      events: (runId) => node.reader.events(runId),
      countTasks: (packageHash) => this.#countTasks(packageHash),
      onError,
    });
    this.#peers = new PeerChanges({
      node,
      onChanges: (changes) => this.#add(changes),
      onGap: () => this.#hasGap = true,
      onAsked: () => this.#board.isAsked = true,
      turns,
      onError,
    });
    this.#private = new PrivateRuns(node.stores.runs);
    this.#tick();
  }

  /** News of a run that this node leads. */
  apply(update: RunUpdate): void {
    this.#board.apply(update);
  }

  async *follow(
    filter: RunFilter,
    after: string | null,
    signal: AbortSignal,
  ): AsyncGenerator<LiveFrame> {
    const { turns } = this.#options;
    const open = this.#channels.getOrInsertComputed(
      filter.key,
      () => ({ channel: new RunsChannel(filter, crypto.randomUUID(), turns), idleAt: 0 }),
    );
    open.channel.listeners++;
    this.#board.isAsked = true;
    this.#peers.start();
    try {
      yield* open.channel.follow(after, signal);
    } finally {
      open.channel.listeners--;
      open.idleAt = performance.now();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#peers.close();
    await this.#listing;
  }

  #add(changes: readonly RunChange[]): void {
    for (const change of changes) {
      this.#pending.set(change.runId, mergeChanges(this.#pending.get(change.runId), change));
    }
  }

  #tick(): void {
    const own = [...this.#board.take().values()];
    this.#peers.tell(own);
    this.#add(own);
    this.#lookAtList();
    const pending = [...this.#pending.values()];
    this.#pending = new Map();
    let listeners = 0;
    for (const { channel } of this.#channels.values()) {
      if (this.#hasGap) channel.reset();
      channel.tell(pending, Date.now());
      listeners += channel.listeners;
    }
    this.#hasGap = false;
    this.#dropIdle();
    const delayMs = Math.min(TICK_MS_MAX, Math.max(TICK_MS, listeners * TICK_MS_PER_LISTENER));
    this.#timer = setTimeout(() => this.#tick(), delayMs);
  }

  #dropIdle(): void {
    const now = performance.now();
    for (const [key, { channel, idleAt }] of this.#channels) {
      if (channel.listeners === 0 && now - idleAt > LINGER_MS) this.#channels.delete(key);
    }
    this.#board.isAsked = this.#channels.size > 0 || this.#peers.isAsked;
    if (this.#channels.size === 0) void this.#peers.stop();
    if (now - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now;
    this.#board.sweep();
  }

  #lookAtList(): void {
    if (this.#channels.size === 0 || this.#listing !== null) return;
    if (performance.now() - this.#listedAt < LIST_MS) return;
    this.#listedAt = performance.now();
    this.#listing = this.#private.look()
      .then((changes) => this.#add(changes), this.#options.onError)
      .finally(() => this.#listing = null);
  }

  #countTasks(packageHash: string): Promise<number> {
    const known = this.#taskCounts.get(packageHash);
    if (known !== undefined) return known;
    if (this.#taskCounts.size >= COUNTS_MAX) this.#taskCounts.clear();
    const count = loadPlan(this.#options.node.stores.runs, packageHash)
      .then(({ tasks }) => tasks.length);
    this.#taskCounts.set(packageHash, count);
    count.catch(() => this.#taskCounts.delete(packageHash));
    return count;
  }
}
