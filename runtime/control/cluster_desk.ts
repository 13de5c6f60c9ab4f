/**
 * The cluster, as its nodes see it now.
 *
 * @module
 */
import { isShared } from "../../core/partitions.ts";
import type { Term } from "../../core/ports.ts";
import type { ClusterMember } from "../cluster/mod.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import {
  type NodeStatus as StatusOf,
  nodeStatus,
  type PartitionStatus,
  readPartitions,
} from "../node/cluster_status.ts";
import { isGone } from "../node/process_identity.ts";

/** A node, as the others see it. */
export interface NodeStatus extends StatusOf<ClusterMember["state"]> {
  /** Whether it is the one that answers. */
  isSelf: boolean;
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
    return this.#node.members().map((member) => ({
      ...nodeStatus(member, member.state, partitions),
      isSelf: member.nodeId === self,
    }));
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
    return await readPartitions(this.#node.stores, await this.#readTerms());
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
