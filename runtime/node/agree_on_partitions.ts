import type { ClusterStore } from "../../core/cluster_ports.ts";
import { ConflictError } from "../../core/errors.ts";
import { SHARED_PARTITIONS_DEFAULT } from "../../core/partitions.ts";

/**
 * How many partitions the nodes of a store share: the first of them says.
 *
 * @param wanted left out: as many as there are, or the default for a new store
 * @returns `isNew`: no node ever worked here before
 * @throws {ConflictError} `PARTITIONS_DIFFER` when another number is wanted than there are
 */
export async function agreeOnPartitions(
  cluster: Pick<ClusterStore, "knownSettings" | "settings">,
  wanted?: number,
): Promise<{ partitions: number; isNew: boolean }> {
  const isNew = await cluster.knownSettings() === null;
  const { partitions } = await cluster.settings({
    partitions: wanted ?? SHARED_PARTITIONS_DEFAULT,
  });
  if (wanted !== undefined && wanted !== partitions) {
    throw new ConflictError("PARTITIONS_DIFFER", {
      message: `Cannot share ${wanted} partitions: this store has ${partitions}`,
      hint: "Leave out --partitions; it is set by the first node of a store, for good",
      details: { partitions },
    });
  }
  return { partitions, isNew };
}
