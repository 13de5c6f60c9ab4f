/**
 * Nodes and partitions of a cluster as people see them, whoever looks.
 *
 * @module
 */
import type { ClusterStore, Member } from "../../core/cluster_ports.ts";
import type { Store, Term } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";

/** A node; `State` is what whoever looks can tell of it, `gone` among it. */
export interface NodeStatus<State extends string> {
  nodeId: string;
  state: State;
  /** Where other nodes reach it. */
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

/** What a dead node said last of itself is true no more. */
export function nodeStatus<State extends string>(
  { nodeId, url, runs, version, holder, startedAt }: Member,
  state: State,
  partitions: readonly PartitionStatus[],
): NodeStatus<State> {
  const isThere = state !== "gone";
  const led = partitions.filter(({ leader }) => isThere && leader === nodeId);
  return {
    nodeId,
    state,
    url,
    partitions: led.map(({ partition }) => partition),
    runs: isThere ? runs : 0,
    version,
    host: holder.host.split("/")[0]!,
    pid: holder.pid,
    startedAt: new Date(startedAt).toISOString(),
  };
}

/** The partitions that the nodes of a store share, by number; none where no node ever worked. */
export async function readPartitions(
  { runs, cluster }: { runs: Pick<Store<RunEvent>, "inbox">; cluster: ClusterStore },
  terms: readonly Term[],
): Promise<PartitionStatus[]> {
  const count = (await cluster.knownSettings())?.partitions ?? 0;
  const byNumber = new Map(terms.map((term) => [term.partition, term]));
  return await Promise.all(Array.from({ length: count }, async (_, partition) => {
    const { term = 0, holder = null } = byNumber.get(partition) ?? {};
    const waiting = (await runs.inbox(partition)).length;
    return { partition, term, leader: holder?.nodeId ?? null, waiting };
  }));
}
