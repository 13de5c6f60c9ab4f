import type { ClusterStore } from "../../core/cluster_ports.ts";
import { collectBlobsIfDue } from "../archive/mod.ts";
import { type ClusterMember, GoneMembers } from "../cluster/mod.ts";
import type { Stores } from "./open_store.ts";

export interface HousekeepingOptions {
  cluster: Pick<ClusterStore, "leave">;
  blobs: Stores["blobs"];
  members: () => readonly ClusterMember[];
  /** Whether it is this node, of all of them, that collects blobs. */
  isCollector: () => boolean;
  onError: (error: unknown) => void;
}

const TIDY_EVERY_MS = 60_000;
/** A node that is gone stays in the list for so long, for people to see. */
const GONE_KEPT_MS = 3_600_000;

/** What a node does for the cluster now and then: strikes off who stays away, collects blobs. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #gone = new GoneMembers(GONE_KEPT_MS);
  readonly #closing = new AbortController();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The collection of blobs that is under way. */
  #collecting: Promise<void> | null = null;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tidyUp(), TIDY_EVERY_MS);
  }

  /** Nothing is under way when this resolves. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#collecting;
  }

  #tidyUp(): void {
    this.#strikeOff();
    if (!this.#options.isCollector()) return;
    this.#collecting ??= this.#collectBlobs().finally(() => this.#collecting = null);
  }

  /** The store says when it is time. */
  async #collectBlobs(): Promise<void> {
    const { blobs, onError } = this.#options;
    const { signal } = this.#closing;
    try {
      await collectBlobsIfDue(blobs, { now: () => Date.now(), signal });
    } catch (error) {
      if (!signal.aborted) onError(error);
    }
  }

  /** Nodes that stay away are struck off; one that comes back after all enters itself again. */
  #strikeOff(): void {
    const { cluster, members, onError } = this.#options;
    for (const { nodeId, boot } of this.#gone.due(members(), performance.now())) {
      cluster.leave(nodeId, boot).catch(onError);
    }
  }
}
