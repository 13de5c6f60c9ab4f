import type { ClusterMember } from "../cluster/mod.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import type { Stores } from "../node/open_store.ts";

/** What live streams need of a node. */
export type LiveNode =
  & Pick<ClusterNode, "nodeId" | "reader" | "subscribe" | "link">
  & {
    readonly stores: Pick<Stores, "runs" | "archive">;
    members(): readonly Pick<ClusterMember, "nodeId" | "boot" | "url" | "state">[];
  };
