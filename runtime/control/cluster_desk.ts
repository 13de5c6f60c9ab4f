/**
 * The cluster, as its nodes see it now.
 *
 * @module
 */
import { isShared } from "../../core/partitions.ts";
import type { Term } from "../../core/ports.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import { isGone } from "../node/process_identity.ts";

/** A node, as the others see it. */
export interface NodeStatus {
  nodeId: string;
  state: "living" | "draining" | "gone";
  /** Whether it is the one that answers. */
  isSelf: boolean;
  url: string | null;
  /** Partitions that it leads; none when it is gone. */
  partitions: number[];
  /** Open runs that it works on. */
  runs: number;
  version: string;
  host: string;
  pid: number;
  /** ISO 8601, by the node's own clock. */
  startedAt: string;
}

/** A partition that the nodes share. */
export interface PartitionStatus {
  partition: number;
  term: number;
  /** `null` while nobody leads it. */
  leader: string | null;
  /** Wishes that wait for the leader; 100 stands for more as well. */
  waiting: number;
}

/** See {@linkcode ClusterDesk.read}. */
export interface ClusterView {
  nodes: NodeStatus[];
  partitions: PartitionStatus[];
}

/** Looks at the cluster. */
export interface ClusterDesk {
  /** Nodes by name and partitions by number; at most a second old. */
  read(): Promise<ClusterView>;
}

/** Terms and inboxes are read so often at most. */
const FRESH_MS = 1_000;
/** Who leads what is asked more often, and matters sooner. */
const TERMS_FRESH_MS = 300;

type SeenNode = Pick<ClusterNode, "nodeId" | "members" | "stores">;

/** What a node of the cluster sees. */
export class NodeClusterDesk implements ClusterDesk {
  readonly #node: SeenNode;
  readonly #now: () => number;
  #terms: { at: number; found: Promise<Term[]> } | null = null;
  #partitions: { at: number; found: Promise<PartitionStatus[]> } | null = null;

  /** @param now milliseconds that never run backwards */
  constructor(node: SeenNode, now: () => number) {
    this.#node = node;
    this.#now = now;
  }

  async read(): Promise<ClusterView> {
    const partitions = await this.partitions();
    return { nodes: this.nodes(partitions), partitions };
  }

  /** Nodes by name; `partitions` says who leads what. */
  nodes(partitions: readonly PartitionStatus[]): NodeStatus[] {
    const { nodeId: self } = this.#node;
    return this.#node.members().map((member) => {
      const { nodeId, state, url, version, holder, startedAt } = member;
      const isThere = state !== "gone";
      const led = partitions.filter(({ leader }) => isThere && leader === nodeId);
      return {
        nodeId,
        state,
        isSelf: nodeId === self,
        url,
        partitions: led.map(({ partition }) => partition),
        runs: isThere ? member.runs : 0,
        version,
        host: holder.host.split("/")[0]!,
        pid: holder.pid,
        startedAt: new Date(startedAt).toISOString(),
      };
    });
  }

  /** Partitions by number. */
  partitions(): Promise<PartitionStatus[]> {
    const known = this.#partitions;
    if (known !== null && this.#now() - known.at < FRESH_MS) return known.found;
    const found = this.#readPartitions();
    this.#partitions = { at: this.#now(), found };
    found.catch(() => this.#partitions = null);
    return found;
  }

  /** The living node that leads a partition, also one of a single process; `null`: nobody. */
  async leaderOf(partition: number): Promise<string | null> {
    const term = (await this.#readTerms()).find((one) => one.partition === partition);
    const holder = term?.holder ?? null;
    if (holder === null) return null;
    if (!isShared(partition)) return isGone(holder) ? null : holder.nodeId;
    const member = this.#node.members().find(({ nodeId }) => nodeId === holder.nodeId);
    return member === undefined || member.state === "gone" ? null : holder.nodeId;
  }

  async #readPartitions(): Promise<PartitionStatus[]> {
    const { runs, cluster } = this.#node.stores;
    const settings = await cluster.knownSettings();
    const terms = new Map((await this.#readTerms()).map((term) => [term.partition, term]));
    return await Promise.all(
      Array.from({ length: settings?.partitions ?? 0 }, async (_, partition) => ({
        partition,
        term: terms.get(partition)?.term ?? 0,
        leader: terms.get(partition)?.holder?.nodeId ?? null,
        waiting: (await runs.inbox(partition)).length,
      })),
    );
  }

  #readTerms(): Promise<Term[]> {
    const known = this.#terms;
    if (known !== null && this.#now() - known.at < TERMS_FRESH_MS) return known.found;
    const found = this.#node.stores.runs.terms();
    this.#terms = { at: this.#now(), found };
    found.catch(() => this.#terms = null);
    return found;
  }
}
