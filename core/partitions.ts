/**
 * Which partition a run belongs to.
 *
 * @module
 */

/** Partitions that the nodes of a cluster share by default. */
export const SHARED_PARTITIONS_DEFAULT = 8;
/** Most partitions that nodes may share: numbers from here on belong to single processes. */
export const SHARED_PARTITIONS_MAX = 1_000;

/**
 * Partitions of processes that run a workflow by themselves: each takes one of them, and the run
 * list says which.
 */
export const PRIVATE_PARTITIONS = { first: SHARED_PARTITIONS_MAX, count: 64 } as const;

/**
 * Partition of a run that is submitted to a cluster, from 0. It must never change: the runs that
 * stores hold are found by it. FNV-1a of the id's code units, then the finalizer of MurmurHash3,
 * because ids that follow each other differ in their last characters only.
 *
 * @param partitions how many there are
 */
export function partitionOfRun(runId: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < runId.length; at++) {
    hash = Math.imul(hash ^ runId.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % partitions;
}

/** Whether the nodes of a cluster share the partition. */
export function isShared(partition: number): boolean {
  return partition < SHARED_PARTITIONS_MAX;
}
