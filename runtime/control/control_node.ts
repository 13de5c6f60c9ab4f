import type { ClusterNode } from "../node/cluster_node.ts";

/** What the control plane needs of a node. */
export type ControlNode = Pick<
  ClusterNode,
  | "nodeId"
  | "runs"
  | "stores"
  | "reader"
  | "link"
  | "members"
  | "subscribe"
  | "agents"
  | "knowledge"
>;
