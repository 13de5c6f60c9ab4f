/**
 * The cluster, as its nodes see it now.
 *
 * @module
 */
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
